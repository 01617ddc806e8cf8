#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A policy is one file: dropped into policies/ of a copy of this checkout, it is
# built, listed, loaded and attached, and it decides; git sees that file and no other.
# vm: none --timeout 300

set -u
cd "$(dirname "$0")/../.." || exit 1
name=guard_one_file
plans='plan 3 pages'

if [[ ${1-} == guest ]]; then
	# shellcheck source=tests/lib/guest.sh
	. tests/lib/guest.sh
	need swxctl swapwork
	setup_null_blk_swap 64
	make_cgroup /one
	swxctl list | grep "^$name .*$plans" || fail "swxctl list does not show $name"
	swxctl attach /one $name || fail "$name: not attached"
	swapwork --size 16 --cgroup "$cgroup_root/one" --pattern seq >/dev/null ||
		fail "the workload failed under $name"
	prefetched=$(cgroup_key /one memory.swap_ext.stat prefetched)
	((prefetched > 1000)) || fail "$name prefetched $prefetched of 4096 pages"
	swxctl detach /one || fail "$name: not detached"
	exit 0
fi

build=$(realpath "${O:-build}")
copy=$(mktemp -d "$build/one_file.XXXXXX") || exit 1
trap 'rm -rf "$copy"' EXIT

git ls-files -z --cached --others --exclude-standard |
	xargs -0 cp -a --parents -t "$copy" || exit 1
cp -a .git "$copy/.git" || exit 1
before=$(git -C "$copy" status --porcelain)

cat >"$copy/policies/$name.bpf.c" <<END
// SPDX-License-Identifier: GPL-2.0
/* $name - the next three pages. Loses: wherever they are not. */
#include <swap_ext/policy.bpf.h>

s32 BPF_STRUCT_OPS(${name}_prefetch, const struct swap_ext_fault *f,
		   struct swap_ext_plan *plan, struct vm_area_struct *vma,
		   struct mem_cgroup *memcg)
{
	bpf_swap_plan_addr(plan, f->addr + SWAP_PAGE_SIZE, 3, 1);
	return SWAP_EXT_PF_PLAN;
}

SWAP_POLICY($name, "$plans", .prefetch = (void *)${name}_prefetch);
END

# What was built already is taken as it is, whatever its age; policies are built.
mkdir "$copy/build"
for entry in "$build"/*; do
	case ${entry##*/} in
	policies | check | vm | one_file.*) ;;
	*) ln -s "$entry" "$copy/build/" ;;
	esac
done
make -C "$copy" O=build LIBBPF_HEADERS= policies || exit 1
[[ -s $copy/build/policies/$name.bpf.o ]] || {
	echo "FAIL: make policies did not build $name"
	exit 1
}

after=$(git -C "$copy" status --porcelain)
new=$(comm -13 <(sort <<<"$before") <(sort <<<"$after"))
if [[ $new != "?? policies/$name.bpf.c" ]]; then
	printf 'FAIL: git status after a new policy was built shows\n%s\n' "$new"
	exit 1
fi

O=$copy/build SWAP_EXT_POLICY_DIR=$copy/build/policies tests/vm/boot \
	--kernel "${KERNEL:-$build/linux/arch/x86/boot/bzImage}" --mem 512 --timeout 120 -- \
	env O="$copy/build" SWAP_EXT_POLICY_DIR="$copy/build/policies" \
	"$PWD/tests/verify/t_one_file.sh" guest
