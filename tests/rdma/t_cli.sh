#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# swxctl backend add, nodes, status, remove: memory of a server is taken, shown as the
# module has it and given back; what cannot be done leaves nothing behind and is said
# with the way out.
# vm: --mem 640 --smp 1 --timeout 400

# shellcheck source=tests/rdma/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/../cli/lib.sh"
need jq modprobe depmod setpriv
key=$memd_dir/key

says() { # REGEX ARG...: the verb succeeds and prints that
	local regex=$1

	shift
	run_swxctl "$@"
	[[ $status == 0 && -z $err && $out =~ $regex ]] ||
		bad "swxctl $*: status $status, want '$regex', got: $out$err"
}

row() { # FILTER ARG...: of the only row that a verb prints with -j
	local filter=$1

	shift
	run_swxctl -j "$@"
	[[ $status == 0 && $(jq length <<< "$out") == 1 ]] || bad "swxctl -j $*: $status: $out$err"
	row=$(jq -c ".[0] | $filter" <<< "$out")
}

nothing_there() { # WHAT: was tried; neither node nor module is left of it
	[[ ! -e /sys/module/swap_ext_rdma ]] || bad "$1: the module is loaded"
	[[ ! -e $nodes ]] || bad "$1: left $(ls $nodes)"
}

node_names() {
	find "$nodes" -mindepth 1 -type d -printf '%f\n'
}

no_nodes() { # WHAT
	[[ -z $(node_names) ]] || bad "$1: left $(node_names)"
}

swap_out() { # NODE: /dev/shm/copy, most of it; leaves $pages
	wait_until 20 goes_out "$1" 256 /dev/shm/copy ||
		fail "few pages were stored: $(<"$nodes/$1/status") $(xargs <"$nodes/$1/counters")"
	pages=$(node_usage "$1" pages)
}

# A percentile worked out another way: every request a line.
percentile() { # NODE COLUMN PERCENT
	awk -v c="$2" '{ for (i = 0; i < $c; i++) print $1 }' "$nodes/$1/latency" |
		awk -v p="$3" '{ at[NR] = $1 } END { print at[int((NR * p + 99) / 100)] }'
}

# --- what needs no server, and no module ---

setup_rdma rxe
ip -6 addr add fd00::1/64 dev memd0 nodad || fail "memd0 takes no IPv6 address"
modules=/tmp/modules/lib/modules/$(uname -r)
mkdir -p "$modules" /run/modprobe.d /tmp/none
ln -s "$(kmod_dir)/swap_ext_rdma.ko" "$modules/"
depmod -b /tmp/modules 2>/dev/null
echo 'options swap_ext_rdma time_scale=10' >/run/modprobe.d/test.conf
export MODPROBE_OPTIONS='-d /tmp/modules'

says '^NODE +STATE +SIZE' backend nodes
expect_failure 1 no_node "no memory node 'one'.*backend add" backend remove one
expect_failure 1 no_backend 'no backend is registered.*backend add ADDR' backend
expect_failure 1 bad_value "'10.0.0.300' is no address.*mem1:7494" backend add 10.0.0.300 8M
expect_failure 1 bad_value "look up the address of 'no-such-host.invalid'.*getent" \
	backend add no-such-host.invalid 8M --key "$key"
expect_failure 1 bad_value "'0' is no size for a memory node.*64G" backend add 10.0.0.1 0
expect_failure 1 bad_value 'is no name for a node' backend add 10.0.0.1 8M --name a/b
expect_failure 1 key 'cannot read the key /etc/swap_ext/memd.key: No such file.*--key FILE' \
	backend add 10.0.0.1 8M
install -m 644 "$key" /tmp/key
expect_failure 1 key 'others can read .* /tmp/key .mode 0644.*chmod 600' \
	backend add 10.0.0.1 8M --key /tmp/key
rm /tmp/key
MODPROBE_OPTIONS='-d /tmp/none' expect_failure 1 module \
	'cannot load the module swap_ext_rdma: Module swap_ext_rdma not found.*backend-install' \
	backend add 10.0.0.1 8M --key "$key"
install -m 600 -o nobody "$key" /tmp/theirs
setpriv --reuid 65534 --clear-groups --inh-caps=-all --bounding-set=-all \
	"$swxctl" -j backend add 10.0.0.1 8M --key /tmp/theirs 2>/tmp/err &&
	bad "nobody added a node"
expect "add by nobody" permission "$(jq -r .code /tmp/err)"
says '^10.0.0.1:7493: would be asked for 8.0M' backend add --dry-run 10.0.0.1 8M --key "$key"
nothing_there "what was wrong"
umount /sys/kernel/config
expect_failure 1 configfs 'configfs is not mounted.*mount -t configfs' \
	backend add 10.0.0.1 8M --key "$key"
mount -t configfs none /sys/kernel/config
nothing_there "without configfs"
expect_failure 1 not_connected '10.0.0.1:7493: not added: nobody listens there.*swx-memd' \
	backend add 10.0.0.1 8M --key "$key"
nothing_there "without a server"

# --- add ---

memd_listen=$'listen = 10.0.0.1\nlisten = fd00::1' \
	memd_settings=$'max_clients = 1\nquota = guest 4M\ngrace = 100s' start_memd
says "^10.0.0.1:7493: up, 4.0M in 2 slabs
  4 of 8 MiB: [^
]*
  no swap is on: [^
]*
  look:  swxctl backend nodes 10.0.0.1        undo:  swxctl backend remove 10.0.0.1$" \
	backend add 10.0.0.1 8M --key "$key"
expect "time_scale" 10 "$(</sys/module/swap_ext_rdma/parameters/time_scale)"
expect_failure 1 node_exists "is memory node '10.0.0.1' already.*backend remove 10.0.0.1" \
	backend add '[::ffff:10.0.0.1]' 8M --key "$key" --name another
expect_failure 1 node_exists "a memory node '10.0.0.1' already, of another server" \
	backend add 10.0.0.2 8M --key "$key" --name 10.0.0.1
expect_failure 1 not_connected 'fd00::1.:7493: not added: refused: .* raise max_clients' \
	backend add '[fd00::1]' 8M --key "$key"
expect_failure 1 not_connected 'not added: no RDMA device leads to 192.0.2.1.*rdma link' \
	backend add 192.0.2.1 8M --key "$key"
expect "nodes" 10.0.0.1 "$(node_names)"
says '^10.0.0.1: removed
.*undo:  swxctl backend add 10.0.0.1:7493 8M --name 10.0.0.1$' backend remove 10.0.0.1:7493
no_nodes "remove"
head -c 32 /dev/zero >/tmp/wrong && chmod 600 /tmp/wrong
expect_failure 1 not_connected 'not added: wrong key.*sha256sum /tmp/wrong' \
	backend add 10.0.0.1 4M --key /tmp/wrong
no_nodes "a wrong key"

# A signal comes while it connects: that ends, and is undone.
kill -STOP "$memd_pid"
"$swxctl" -j backend add 10.0.0.1 4M --key "$key" >/tmp/out 2>/tmp/err &
adding=$!
# shellcheck disable=SC2317 # called by wait_until
is_connecting() { [[ $(cat "$nodes/10.0.0.1/connect") == 1 ]]; } 2>/dev/null
wait_until 20 is_connecting || bad "add does not connect"
kill -TERM $adding
kill -CONT "$memd_pid"
status=0
wait $adding || status=$?
expect "add with a signal" "1 interrupted [ ]" "$status $(jq -r .code /tmp/err) $(</tmp/out)"
no_nodes "a signal"

setup_null_blk_swap 64
row '[.node, .server, .state, .slabs, .slab_bytes, .size_bytes, .note, .swap_on, .accept, .dry_run]' \
	backend add '[fd00::1]' 4M --key "$key" --name one
expect "add -j" '["one","[fd00::1]:7493","up",2,4194304,4194304,null,true,true,false]' "$row"
expect "address of the node" fd00::1 "$(<$nodes/one/address)"

# --- nodes and status, with pages ---

make_cgroup /rdma
dd if=/dev/urandom of=/dev/shm/data bs=1M count=3 status=none
want=$(md5sum </dev/shm/data)
run_in /rdma cp /dev/shm/data /dev/shm/copy
swap_out one
expect "contents" "$want" "$(md5sum </dev/shm/copy)"
swap_out one
row . backend nodes one
for file in state connect size; do
	jq -e --arg want "$(<$nodes/one/$file)" \
		"{state, connect: (if .connect then \"1\" else \"0\" end), size: \"\(.size_bytes)\"}.$file == \$want" \
		>/dev/null <<<"$row" || bad "nodes -j: $file: $row"
done
expect "usage -j" "$(awk '{ v[$1] = $2 } END { print v["slabs"], v["slab_bytes"],
	v["slab_bytes"] - v["free_bytes"], v["pages"], v["lost_pages"] }' $nodes/one/usage)" \
	"$(jq -r '"\(.slabs) \(.slab_bytes) \(.used_bytes) \(.nr_pages) \(.lost_pages)"' <<<"$row")"
expect "counters -j" "$(sort $nodes/one/counters)" \
	"$(jq -r '.counters | to_entries[] | "\(.key) \(.value)"' <<<"$row" | sort)"
expect "histogram -j" "$(<$nodes/one/latency)" \
	"$(jq -r '.latency[] | "\(.below_ns) \(.reads) \(.writes)"' <<<"$row")"
expect "percentiles -j" "$(for p in 50 99; do percentile one 2 $p; percentile one 3 $p; done | xargs)" \
	"$(jq -r '"\(.read_p50_below_ns) \(.write_p50_below_ns) \(.read_p99_below_ns) \(.write_p99_below_ns)"' <<<"$row")"
run_swxctl -j backend
expect "status -j" "$(jq -c keys <<<"$row") one rdma" \
	"$(jq -r '.[] | select(.backend == "rdma").nodes[0] | "\(keys | tojson) \(.node) \(.backend)"' <<<"$out")"
bound='<[0-9.]+[mu]?s'
says "^BACKEND +ACCEPTS .*
rdma +yes .*

NODE  SERVER          STATE  SIZE  USED  PAGES  LOST .*
one   \[fd00::1\]:7493  up     4.0M  [24].0M +$pages +0 +$bound +$bound +$bound +$bound +0 +0$" backend
says '^one +4194304$' -nb backend nodes -o node,size '[fd00::1]:7493'
expect_failure 1 no_node "did you mean 'one'" backend nodes onne

# --- remove, with pages ---

expect_failure 1 holds_pages "one: not removed: it holds $pages pages .*remove one --drain" \
	backend remove one
expect_failure 1 holds_pages "holds $pages pages" backend remove --dry-run one
says '^one: would be removed, after its pages came home' backend remove one --drain --dry-run
expect "pages after that" "$pages" "$(node_usage one pages)"
says "^one: removed, $pages pages \(.*\) came home
" backend remove '[fd00::1]' --drain
no_nodes "remove --drain"
expect "contents after that" "$want" "$(md5sum </dev/shm/copy)"
wait_until 20 memd_is_idle || bad "the server still has: $(memd_json .)"

# --- a server that has lost pages ---

expect_failure 1 not_connected 'localhost:7493: not added: no route to 127.0.0.1: .*rdma link' \
	backend add localhost 4M --key "$key"
run_swxctl -q backend accept rdma off
says '^10.0.0.1:7493: up, 4.0M in 2 slabs
  rdma accepts no pages: ' backend add 10.0.0.1 4M --key "$key"
run_swxctl -q backend accept rdma on
swap_out 10.0.0.1
kill -9 "$memd_pid"
wait "$memd_pid" 2>/dev/null
memd_listen='listen = 10.0.0.1' start_memd
# shellcheck disable=SC2317 # called by wait_until
has_lost() { (($(node_usage 10.0.0.1 lost_pages))); }
wait_until 100 has_lost || fail "nothing is lost: $(<$nodes/10.0.0.1/status)"
row '[.state, .nr_pages, .lost_pages, .reconnects]' backend nodes
expect "nodes -j with lost pages" "[\"up\",$pages,$pages,1]" "$row"
expect_failure 1 unreadable "not removed: it holds $pages pages .*, lost, which cannot be read.*SIGBUS" \
	backend remove 10.0.0.1 --drain
expect "the node goes on" 0 "$(<$nodes/10.0.0.1/drain)"
rm /dev/shm/copy
says '^10.0.0.1: removed' -n backend remove 10.0.0.1
no_nodes "the end"

stop_swap "$swap_dev"
remove_cgroup /rdma
unload_rdma
stop_memd
stop_rdma
finish
