#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# swx-memd without RDMA: options and settings, what is refused and in which words, and
# that manuals, unit and example say what the program does.
set -u

cd "$(dirname "$0")/../.." || exit
memd=$(realpath "${O:-build}")/memd/swx-memd
src=backend/memd
dir=$(mktemp -d) || exit
trap 'rm -rf "$dir"' EXIT
nr_bad=0

bad() {
	printf 'FAIL: %s\n' "$*"
	nr_bad=$((nr_bad + 1))
}

expect() { # STATUS REGEX ARG...: ends like this, and says that
	local want=$1 regex=$2 said status=0
	shift 2
	said=$("$memd" "$@" 2>&1) || status=$?
	[[ $status == "$want" && $said =~ $regex ]] ||
		bad "swx-memd $*: status $status instead of $want, '$said' instead of '$regex'"
}

(umask 077 && head -c 32 /dev/urandom >"$dir/key")
cp "$dir/key" "$dir/open" && chmod 644 "$dir/open"
good=(--key "$dir/key" --size 64M --slab-size 2M)

expect 0 '^Usage: swx-memd' --help
expect 0 '^swx-memd [^ ]+, protocol 1$' -V
expect 0 '64 MiB in 32 slabs of 2048 KiB' "${good[@]}" --check-config
expect 2 'there is no option --frob'$'\n'' +swx-memd --help' --frob
expect 2 'there is no option -z' -z
expect 2 'option --size needs a value' --size
expect 2 'option -c needs a value' -c
expect 2 "'now': there are no arguments" now
expect 2 'no size given' --key "$dir/key" --check-config
expect 2 "size: 'big' is not a size like 64M" "${good[@]}" --size big
expect 2 'mode 0644.*chmod 600' "${good[@]}" --key "$dir/open" --check-config
expect 2 'cannot read the key: No such file.*head -c 32' "${good[@]}" --key "$dir/none"
expect 2 "/none: cannot read: No such file" -c "$dir/none"
expect 1 "$dir/none/socket: cannot make the socket.*choose another" "${good[@]}" \
	--stat-socket "$dir/none/socket"

# The command line overrides the file; of its addresses, too.
printf '%s\n' 'size = 1G' 'slab_size = 4M' "key = $dir/key" 'listen = 10.9.9.9' >"$dir/conf"
expect 0 '1024 MiB in 256 slabs of 4096' -c "$dir/conf" --check-config
expect 0 '32 MiB in 8 slabs of 4096' --check-config --size 32M -c "$dir/conf"
echo 'sise = 1G' >>"$dir/conf"
expect 2 "$dir/conf:5: there is no setting 'sise'" -c "$dir/conf"

# The example holds: as it is, and with everything switched on that it shows.
expect 0 '16384 MiB in 256 slabs of 65536' -c $src/memd.conf --key "$dir/key" --check-config
sed -E 's/^#([a-z_]+ = )/\1/' $src/memd.conf >"$dir/all"
expect 0 '16384 MiB' -c "$dir/all" --key "$dir/key" --check-config

# Every setting is in the manual and the example, every option in its manual.
while read -r setting; do
	grep -q "^\.It Li $setting = " $src/memd.conf.5 || bad "memd.conf.5 lacks $setting"
	grep -qE "^#?$setting = " $src/memd.conf || bad "memd.conf lacks $setting"
done < <(sed -nE 's/^\tS\(([a-z_]+),.*/\1/p' $src/config.c)
while read -r option; do
	grep -qE "(Fl|,) $option( |\$)" $src/swx-memd.8 || bad "swx-memd.8 lacks --$option"
done < <("$memd" --help | sed -nE 's/^  -(-[a-z-]+).*/\1/p')
[[ $("$memd" --help | awk 'length > 80') == '' ]] || bad "--help has lines over 80 columns"
if command -v groff >/dev/null; then
	for page in $src/swx-memd.8 $src/memd.conf.5; do
		warnings=$(groff -mdoc -Tascii -ww "$page" 2>&1 >/dev/null)
		[[ ! $warnings ]] || bad "$page: $warnings"
	done
fi

# The unit starts what is installed, with options that there are.
sed "s|@sbindir@|${memd%/*}|" $src/swx-memd.service.in >"$dir/swx-memd.service"
grep -q '@[a-z]*@' "$dir/swx-memd.service" &&
	bad "the unit has a placeholder that is not replaced"
read -r program arguments < <(sed -n 's/^ExecStart=//p' "$dir/swx-memd.service")
[[ $program == "$memd" ]] || bad "the unit runs $program"
mkdir "$dir/cred" && cp "$dir/key" "$dir/cred/key"
# shellcheck disable=SC2086,SC2016 # words on purpose, and systemd's variable
expect 0 good ${arguments//'${CREDENTIALS_DIRECTORY}'/$dir/cred} --size 64M --check-config
if command -v systemd-analyze >/dev/null; then
	warnings=$(systemd-analyze verify --man=no --recursive-errors=no \
		"$dir/swx-memd.service" 2>&1)
	[[ $warnings != *swx-memd.service* ]] || bad "systemd-analyze: $warnings"
fi

# The port is the same everywhere it is said.
port=$(sed -n 's/^#define SWX_WIRE_PORT[[:space:]]*//p' backend/wire.h)
for file in $src/memd.conf $src/memd.conf.5; do
	grep -q "\b$port\b" "$file" || bad "$file does not say port $port"
done
[[ $nr_bad == 0 ]]
