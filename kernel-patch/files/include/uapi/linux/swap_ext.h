/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * swap_ext: swap policies in BPF. What the kernel, a policy and a loader share.
 *
 * The kernel, BPF policies, policies compiled for the host and swxctl all
 * compile against this one file, so it includes nothing but <linux/types.h>.
 *
 * Stability: experimental. struct swap_ext_ops and the contexts are internal
 * kernel structures which policies reach through CO-RE relocations; enum values
 * are only ever appended. SWAP_EXT_VERSION counts incompatible changes.
 */
#ifndef _UAPI_LINUX_SWAP_EXT_H
#define _UAPI_LINUX_SWAP_EXT_H

#include <linux/types.h>

#define SWAP_EXT_VERSION	1
#define SWAP_EXT_NAME_LEN	16	/* of a policy, with the NUL */
#define SWAP_EXT_PLAN_MAX	64	/* pages one plan may bring in */
#define SWAP_EXT_VICTIMS_MAX	32	/* pages one plan of victims may evict */
#define SWAP_EXT_CANDIDATES_MAX	128	/* pages to look at for that */
#define SWAP_EXT_MSG_LEN	256	/* of an exit message, with the NUL */
#define SWAP_EXT_DUMP_LEN	4096	/* of an exit dump, with the NUL */

/**
 * enum swap_ext_fault_flags - struct swap_ext_fault.flags
 * @SWAP_EXT_F_HIT: the page was in the swap cache and up to date.
 * @SWAP_EXT_F_INFLIGHT: the page was in the swap cache, its read not finished:
 *	the task waits for it. Neither HIT nor INFLIGHT: a miss, a read was issued.
 * @SWAP_EXT_F_PREFETCHED: first touch of a page that a plan brought in.
 * @SWAP_EXT_F_WRITE: the access is a write.
 * @SWAP_EXT_F_SYNC_IO: the device completes reads inline (zram, brd, pmem): on a
 *	miss the demand page has arrived already, and each page of a plan costs its
 *	whole read time before the task goes on.
 * @SWAP_EXT_F_SHMEM: a page of a shared memory file; pgoff is its file offset.
 * @SWAP_EXT_F_REMOTE: the fault is on behalf of another process (ptrace,
 *	process_vm_readv): current is not the owner of the memory.
 */
enum swap_ext_fault_flags {
	SWAP_EXT_F_HIT		= 1U << 0,
	SWAP_EXT_F_INFLIGHT	= 1U << 1,
	SWAP_EXT_F_PREFETCHED	= 1U << 2,
	SWAP_EXT_F_WRITE	= 1U << 3,
	SWAP_EXT_F_SYNC_IO	= 1U << 4,
	SWAP_EXT_F_SHMEM	= 1U << 5,
	SWAP_EXT_F_REMOTE	= 1U << 6,
};

/**
 * struct swap_ext_fault - one swap-in fault; read-only for a policy
 * @addr: page aligned user address; 0 where there is none (shmem by read(2)).
 * @pgoff: page offset within the file (shmem), or linear page index (anonymous).
 * @entry: the swap slot: device number in the upper half of the bits the
 *	kernel uses, offset in the lower. Opaque but for arithmetic: entry + 1 is
 *	the next slot of the same device. SWAP_EXT_ENTRY_OFFSET() is the offset.
 * @cgroup_id: id of the cgroup the policy is attached to: the key of its
 *	per-attachment maps, the same for every cgroup that inherits it.
 * @vm_start: first address of the mapping that holds @addr; 0 without one.
 * @vm_end: first address behind it; 0 without one.
 * @flags: enum swap_ext_fault_flags.
 * @max_pages: pages the kernel would accept in a plan now (prefetch only, else 0).
 * @page_cluster: /proc/sys/vm/page-cluster, the stock window as a power of two.
 * @tgid: process that owns the memory; 0 if it is exiting or unknown.
 */
struct swap_ext_fault {
	__u64	addr;
	__u64	pgoff;
	__u64	entry;
	__u64	cgroup_id;
	__u64	vm_start;
	__u64	vm_end;
	__u32	flags;
	__u32	max_pages;
	__u32	page_cluster;
	__u32	tgid;
};

/* Linux x86-64 and arm64: 5 bits of device number above 58 bits of offset. */
#define SWAP_EXT_ENTRY_OFFSET(entry)	((entry) & ((1ULL << 58) - 1))

/**
 * enum swap_ext_prefetch_ret - what ops->prefetch() decided
 * @SWAP_EXT_PF_DEFAULT: read what the stock kernel would read ahead. Any other
 *	value than the three named here means the same and is counted.
 * @SWAP_EXT_PF_PLAN: read what was put into the plan (which may be nothing).
 * @SWAP_EXT_PF_NONE: read the faulting page only.
 */
enum swap_ext_prefetch_ret {
	SWAP_EXT_PF_DEFAULT	= 0,
	SWAP_EXT_PF_PLAN	= 1,
	SWAP_EXT_PF_NONE	= 2,
};

/**
 * enum swap_ext_verdict - what ops->reclaim() decided
 * @SWAP_EXT_V_DEFAULT: as if there were no policy. Any other value than the five
 *	named here means the same and is counted.
 * @SWAP_EXT_V_RECLAIM: the page goes, also if it was used lately.
 * @SWAP_EXT_V_KEEP: it stays inactive: it comes by again when reclaim next scans the
 *	list it is on.
 * @SWAP_EXT_V_ACTIVATE: it stays and goes to the active list.
 * @SWAP_EXT_V_DEFAULT_ROUND: DEFAULT, and about the rest of the round the policy is not
 *	asked: the pages that reclaim took off their list together with this one, all of
 *	its memcg, 32 as a rule.
 *
 * On MGLRU KEEP and ACTIVATE are the same: whatever is not evicted goes to the youngest
 * generation there.
 *
 * KEEP and ACTIVATE are overruled, which is counted, where the stock kernel would
 * reclaim the page and
 * - the priority is %SWAP_EXT_KEEP_PRIORITY or less, and this reclaim has not freed a
 *   single page so far, nor begun to write one out;
 * - half of the pages of the round were kept, of those from the first kept one on;
 * - this page has been kept max_keeps times since it last was to go.
 * ACTIVATE is KEEP while the inactive list is shorter than the stock kernel wants it.
 */
enum swap_ext_verdict {
	SWAP_EXT_V_DEFAULT	= 0,
	SWAP_EXT_V_RECLAIM	= 1,
	SWAP_EXT_V_KEEP		= 2,
	SWAP_EXT_V_ACTIVATE	= 3,
	SWAP_EXT_V_DEFAULT_ROUND	= 4,
};

#define SWAP_EXT_KEEP_PRIORITY	2

/**
 * enum swap_ext_reclaim_flags - struct swap_ext_reclaim.flags
 * @SWAP_EXT_R_REFERENCED: the page was used since it was last looked at, as far as
 *	the stock kernel can tell, which would let it stay.
 * @SWAP_EXT_R_DIRTY: what it holds is not in its swap slot, or it has none: to
 *	reclaim it takes a write.
 * @SWAP_EXT_R_SHMEM: a page of a shared memory file.
 * @SWAP_EXT_R_MAPPED: it is in the page table of some process.
 * @SWAP_EXT_R_PROACTIVE: somebody asked for it (memory.reclaim); there is no pressure.
 * @SWAP_EXT_R_GLOBAL: the machine runs out of memory, not a cgroup.
 * @SWAP_EXT_R_KSWAPD: in the background; nobody waits.
 */
enum swap_ext_reclaim_flags {
	SWAP_EXT_R_REFERENCED	= 1U << 0,
	SWAP_EXT_R_DIRTY	= 1U << 1,
	SWAP_EXT_R_SHMEM	= 1U << 2,
	SWAP_EXT_R_MAPPED	= 1U << 3,
	SWAP_EXT_R_PROACTIVE	= 1U << 4,
	SWAP_EXT_R_GLOBAL	= 1U << 5,
	SWAP_EXT_R_KSWAPD	= 1U << 6,
};

/**
 * struct swap_ext_reclaim - a page that may be reclaimed; read-only for a policy
 * @cgroup_id: id of the cgroup the policy is attached to, as in struct swap_ext_fault.
 * @page: handle of the page, the same for as long as it is in memory.
 * @pgoff: page offset within the file (shmem), or linear page index (anonymous): the
 *	address in pages where the memory was mapped first, the same after mremap().
 * @entry: the slot that is its own already, as in struct swap_ext_fault; 0: none.
 * @nr_pages: 1, or how many pages go or stay together.
 * @priority: 12 when reclaim begins, less each time that not enough was freed, 0 last.
 * @flags: enum swap_ext_reclaim_flags.
 * @pad: 0.
 */
struct swap_ext_reclaim {
	__u64	cgroup_id;
	__u64	page;
	__u64	pgoff;
	__u64	entry;
	__u32	nr_pages;
	__u32	priority;
	__u32	flags;
	__u32	pad;
};

/**
 * struct swap_ext_evict - a reclaim that wants victims; read-only for a policy
 * @cgroup_id: id of the cgroup the policy is attached to, as in struct swap_ext_fault.
 * @nr_pages: pages of anonymous and shared memory that this memcg has on its lists on
 *	the node.
 * @nr_wanted: how many are to go now, at most %SWAP_EXT_VICTIMS_MAX.
 * @priority: as in struct swap_ext_reclaim.
 * @flags: enum swap_ext_reclaim_flags: PROACTIVE, GLOBAL, KSWAPD.
 * @nid: the NUMA node.
 */
struct swap_ext_evict {
	__u64	cgroup_id;
	__u64	nr_pages;
	__u32	nr_wanted;
	__u32	priority;
	__u32	flags;
	__u32	nid;
};

/** struct bpf_iter_swap_folio - an iterator of a policy, see bpf_iter_swap_folio_new() */
struct bpf_iter_swap_folio {
	__u64	__opaque[2];
} __attribute__((aligned(8)));

/**
 * enum swap_ext_page_flags - struct swap_ext_page.flags
 * @SWAP_EXT_P_SWAPIN: added: it was read from swap, and entry says from where; without
 *	it, and without MOVED, the page is new.
 * @SWAP_EXT_P_PREFETCHED: added: a plan brought it in.
 * @SWAP_EXT_P_EVICTED: removed: it was reclaimed, and entry says where it is now;
 *	without it, and without MOVED, whoever had it needs it no more.
 * @SWAP_EXT_P_MOVED: what it holds moves to another page (compaction, say): one is
 *	removed, then the other added, and between that the eight bytes of state move.
 *	A large page that is split is removed as it was, then each that it becomes is
 *	added; the first keeps the state, that of the others is 0.
 * @SWAP_EXT_P_SHMEM: added: a page of a shared memory file, unless it comes from swap.
 */
enum swap_ext_page_flags {
	SWAP_EXT_P_SWAPIN	= 1U << 0,
	SWAP_EXT_P_PREFETCHED	= 1U << 1,
	SWAP_EXT_P_EVICTED	= 1U << 2,
	SWAP_EXT_P_MOVED	= 1U << 3,
	SWAP_EXT_P_SHMEM	= 1U << 4,
};

/**
 * struct swap_ext_page - a page that comes or goes; read-only for a policy
 * @cgroup_id: id of the cgroup the policy is attached to, as in struct swap_ext_fault.
 * @page: handle of the page, as in struct swap_ext_reclaim.
 * @pgoff: as in struct swap_ext_reclaim; 0 if it is read from swap: whose it is the
 *	fault says, which comes after it.
 * @entry: the swap slot it comes from or goes to; 0: none.
 * @nr_pages: 1, or how many come or go together.
 * @flags: enum swap_ext_page_flags.
 */
struct swap_ext_page {
	__u64	cgroup_id;
	__u64	page;
	__u64	pgoff;
	__u64	entry;
	__u32	nr_pages;
	__u32	flags;
};

/**
 * struct swap_ext_slots - swap slots that are freed; read-only for a policy
 * @cgroup_id: id of the cgroup the policy is attached to, as in struct swap_ext_fault.
 * @entry: the first, as in struct swap_ext_fault.
 * @nr: how many in a row.
 * @pad: 0.
 */
struct swap_ext_slots {
	__u64	cgroup_id;
	__u64	entry;
	__u32	nr;
	__u32	pad;
};

#define SWAP_EXT_AGES	256	/* that a histogram tells apart */

/**
 * struct swap_ext_histogram - what a scan of accessed bits found, in pages by age
 * @idle: not used since the scan before. The last one counts all that are older.
 * @used: used since; the age is that which they had reached.
 *
 * A page has age 0 when a scan finds it in use, or for the first time.
 */
struct swap_ext_histogram {
	__u64	idle[SWAP_EXT_AGES];
	__u64	used[SWAP_EXT_AGES];
};

/* What bpf_swap_reclaim_memcg() takes for the swappiness of the cgroup. */
#define SWAP_EXT_SWAPPINESS_DEFAULT	(~0U)

/**
 * enum swap_ext_place - what ops->place() decided
 * @SWAP_EXT_PLACE_DEFAULT: as if there were no policy. Any other value than the three
 *	named here means the same and is counted.
 * @SWAP_EXT_PLACE_HOT: to the active list, or the youngest generation.
 * @SWAP_EXT_PLACE_COLD: to the inactive list; on MGLRU to an old generation, or to the
 *	second youngest if the read passed the swap cache.
 */
enum swap_ext_place {
	SWAP_EXT_PLACE_DEFAULT	= 0,
	SWAP_EXT_PLACE_HOT	= 1,
	SWAP_EXT_PLACE_COLD	= 2,
};

/**
 * enum swap_ext_backends - bits: who may take, or has, a page that is written out
 * @SWAP_EXT_B_DEVICE: the swap device, or file. Always offered, and not to be refused.
 * @SWAP_EXT_B_ZSWAP: zswap.
 *
 * Bits 1 to 15 are registered backends, see SWAP_EXT_B_BACKEND(); 32 and up are reserved
 * for NUMA nodes.
 */
enum swap_ext_backends {
	SWAP_EXT_B_DEVICE	= 1U << 0,
	SWAP_EXT_B_ZSWAP	= 1U << 16,
};

/* A backend by its number: /sys/kernel/mm/frontswap/NAME/id. */
#define SWAP_EXT_B_BACKEND(id)	(1ULL << (id))

/**
 * enum swap_ext_exit_kind - why a policy left a cgroup
 * @SWAP_EXT_EXIT_NONE: it has not.
 * @SWAP_EXT_EXIT_DETACH: the link was detached or its last reference dropped.
 * @SWAP_EXT_EXIT_REPLACED: BPF_LINK_UPDATE put another policy in its place.
 * @SWAP_EXT_EXIT_OFFLINE: the cgroup was removed.
 * @SWAP_EXT_EXIT_USER: the policy called bpf_swap_ext_exit().
 * @SWAP_EXT_EXIT_ERROR: the policy called bpf_swap_ext_error().
 * @SWAP_EXT_EXIT_ACCURACY: too few of the pages it prefetched were used.
 * @SWAP_EXT_EXIT_SLOW: calls of an op ran longer than their time budget.
 * @SWAP_EXT_EXIT_STALLED: it kept everything reclaim looked at, twice over.
 */
enum swap_ext_exit_kind {
	SWAP_EXT_EXIT_NONE	= 0,
	SWAP_EXT_EXIT_DETACH	= 1,
	SWAP_EXT_EXIT_REPLACED	= 2,
	SWAP_EXT_EXIT_OFFLINE	= 3,
	SWAP_EXT_EXIT_USER	= 64,
	SWAP_EXT_EXIT_ERROR	= 1024,
	SWAP_EXT_EXIT_ACCURACY	= 1025,
	SWAP_EXT_EXIT_SLOW	= 1026,
	SWAP_EXT_EXIT_STALLED	= 1027,
};

/**
 * struct swap_ext_exit_info - handed to ops->exit()
 * @cgroup_id: the cgroup the policy was attached to.
 * @code: what the policy passed to bpf_swap_ext_exit(), else 0.
 * @kind: enum swap_ext_exit_kind.
 * @pad: 0.
 * @msg: one line for a person.
 */
struct swap_ext_exit_info {
	__u64	cgroup_id;
	__s64	code;
	__u32	kind;
	__u32	pad;
	char	msg[SWAP_EXT_MSG_LEN];
};

/**
 * enum swap_ext_stat - counters of one memory cgroup
 * @SWAP_EXT_STAT_FAULTS: swap-in faults of tasks
 * @SWAP_EXT_STAT_MAJOR: page was not in the swap cache: a demand read
 * @SWAP_EXT_STAT_HITS: page was there and up to date
 * @SWAP_EXT_STAT_JOINED: waited for a read that no plan had issued
 * @SWAP_EXT_STAT_PREFETCHED: pages plans brought in
 * @SWAP_EXT_STAT_USED: of these: up to date at the first touch
 * @SWAP_EXT_STAT_LATE: of these: read still in flight at the first touch
 * @SWAP_EXT_STAT_UNUSED: of these: left the swap cache untouched
 * @SWAP_EXT_STAT_PLANS: calls of prefetch() that returned PLAN
 * @SWAP_EXT_STAT_DEFAULTS: ... DEFAULT
 * @SWAP_EXT_STAT_NONES: ... NONE
 * @SWAP_EXT_STAT_DROPPED_CACHED: named page resident or in flight already
 * @SWAP_EXT_STAT_DROPPED_UNMAPPED: named address or file offset not in swap
 * @SWAP_EXT_STAT_DROPPED_RANGE: outside the address space, file or device
 * @SWAP_EXT_STAT_DROPPED_FREE: named slot is not in use
 * @SWAP_EXT_STAT_DROPPED_FOREIGN: slot of a cgroup the policy does not govern, or
 *	of a governed one that has no room or whose prefetch was ended
 * @SWAP_EXT_STAT_DROPPED_PRESSURE: no memory without hurting somebody
 * @SWAP_EXT_STAT_CLAMPED_BUDGET: named beyond max_pages, or beyond 1,024 in a call
 * @SWAP_EXT_STAT_CLAMPED_INFLIGHT: plans cut by the in-flight cap
 * @SWAP_EXT_STAT_CLAMPED_ACCURACY: plans cut by the accuracy floor
 * @SWAP_EXT_STAT_CLAMPED_RETURN: return values out of range
 * @SWAP_EXT_STAT_CLAMPED_TIME: calls that ran over their time budget
 * @SWAP_EXT_STAT_JUDGED: pages reclaim() was asked about
 * @SWAP_EXT_STAT_KEPT: of these: stayed, and the stock kernel would have let them go
 * @SWAP_EXT_STAT_SENT: of these: were to go, and the stock kernel would have kept them
 * @SWAP_EXT_STAT_OVERRULED: of these: were to go although the policy said to keep them
 * @SWAP_EXT_STAT_ADDED: pages that came, new or read from swap
 * @SWAP_EXT_STAT_EVICTED: pages that were reclaimed
 * @SWAP_EXT_STAT_RELEASED: pages that whoever had them needed no more
 * @SWAP_EXT_STAT_PLACED_HOT: pages read from swap that place() called hot
 * @SWAP_EXT_STAT_PLACED_COLD: ... cold
 * @SWAP_EXT_STAT_VICTIMS: pages taken off their lists because evict() named them
 * @SWAP_EXT_STAT_DROPPED_VICTIM: named by evict(), and can not go
 * @SWAP_EXT_STAT_NARROWED: pages that select_backend() kept from somebody
 * @SWAP_EXT_NR_STATS: how many there are
 *
 * In memory.swap_ext.stat under the lower case name behind SWAP_EXT_STAT_.
 * After any quiet moment
 *   faults     = major + hits + late + joined, and
 *   prefetched = used + late + unused + pages resident and untouched.
 * What a task waited for is major + late + joined. From added to placed_cold they are
 * counted while a policy runs that is told of pages (the ops added, removed, place,
 * select_backend, swapped_out and slot_freed), or asks for state of pages: then, from the
 * first page of a cgroup on,
 *   added = evicted + released + pages in memory.
 */
enum swap_ext_stat {
	SWAP_EXT_STAT_FAULTS,
	SWAP_EXT_STAT_MAJOR,
	SWAP_EXT_STAT_HITS,
	SWAP_EXT_STAT_JOINED,
	SWAP_EXT_STAT_PREFETCHED,
	SWAP_EXT_STAT_USED,
	SWAP_EXT_STAT_LATE,
	SWAP_EXT_STAT_UNUSED,
	SWAP_EXT_STAT_PLANS,
	SWAP_EXT_STAT_DEFAULTS,
	SWAP_EXT_STAT_NONES,
	SWAP_EXT_STAT_DROPPED_CACHED,
	SWAP_EXT_STAT_DROPPED_UNMAPPED,
	SWAP_EXT_STAT_DROPPED_RANGE,
	SWAP_EXT_STAT_DROPPED_FREE,
	SWAP_EXT_STAT_DROPPED_FOREIGN,
	SWAP_EXT_STAT_DROPPED_PRESSURE,
	SWAP_EXT_STAT_CLAMPED_BUDGET,
	SWAP_EXT_STAT_CLAMPED_INFLIGHT,
	SWAP_EXT_STAT_CLAMPED_ACCURACY,
	SWAP_EXT_STAT_CLAMPED_RETURN,
	SWAP_EXT_STAT_CLAMPED_TIME,
	SWAP_EXT_STAT_JUDGED,
	SWAP_EXT_STAT_KEPT,
	SWAP_EXT_STAT_SENT,
	SWAP_EXT_STAT_OVERRULED,
	SWAP_EXT_STAT_ADDED,
	SWAP_EXT_STAT_EVICTED,
	SWAP_EXT_STAT_RELEASED,
	SWAP_EXT_STAT_PLACED_HOT,
	SWAP_EXT_STAT_PLACED_COLD,
	SWAP_EXT_STAT_VICTIMS,
	SWAP_EXT_STAT_DROPPED_VICTIM,
	SWAP_EXT_STAT_NARROWED,
	SWAP_EXT_NR_STATS,
};

/**
 * enum swap_ext_ops_flags - struct swap_ext_ops.flags
 * @SWAP_EXT_OPS_NO_OVERRIDE: no descendant cgroup may attach a policy of its own.
 * @SWAP_EXT_OPS_PAGE_STATE: eight bytes for each page, reached by
 *	bpf_swap_folio_state() and bpf_swap_entry_state().
 */
enum swap_ext_ops_flags {
	SWAP_EXT_OPS_NO_OVERRIDE	= 1U << 0,
	SWAP_EXT_OPS_PAGE_STATE		= 1U << 1,
};

/* The most that ops->wait() may ask for. */
#define SWAP_EXT_WAIT_MAX_NS	1000000

struct folio;
struct mem_cgroup;
struct vm_area_struct;
struct swap_ext_plan;
struct swap_ext_victims;

/**
 * struct swap_ext_ops - a swap policy
 *
 * Every op may be left out, which leaves that decision to the stock kernel.
 * One loaded policy may be attached to many cgroups, so nothing in here belongs
 * to one attachment; state of an attachment is keyed by its cgroup id.
 * memcg is the memory cgroup of the faulting process, which is the cgroup the
 * policy is attached to or one below it.
 */
struct swap_ext_ops {
	/**
	 * @fault: a task faulted on a page in swap.
	 *
	 * Called once per fault (not for the retry after a wait; not for
	 * swapoff, khugepaged or MADV_WILLNEED; MADV_COLLAPSE faults for its
	 * caller). On a miss it runs after the demand read was submitted.
	 * Observes only; left out: not called.
	 *
	 * Context: process context, under rcu_read_lock(), mmap lock or VMA
	 * lock held. May not sleep. May run on many CPUs at once.
	 */
	void (*fault)(const struct swap_ext_fault *f,
		      struct vm_area_struct *vma__nullable,
		      struct mem_cgroup *memcg);

	/**
	 * @prefetch: which other pages to read now.
	 *
	 * Called on a miss, after the demand read was submitted (and, on a
	 * synchronous device, completed) and after @fault. The policy names pages
	 * with bpf_swap_plan_addr(), bpf_swap_plan_pgoff() and
	 * bpf_swap_plan_entry(); the kernel reads them when the op has
	 * returned. Return: enum swap_ext_prefetch_ret. Left out: DEFAULT.
	 *
	 * Context: as @fault.
	 */
	__s32 (*prefetch)(const struct swap_ext_fault *f,
			  struct swap_ext_plan *plan,
			  struct vm_area_struct *vma__nullable,
			  struct mem_cgroup *memcg);

	/**
	 * @wait: how long to poll for a page before sleeping for it.
	 *
	 * Called when the read of the page faulted on has not ended: on a miss
	 * after @prefetch and when the plan was submitted; on a page in flight
	 * (%SWAP_EXT_F_INFLIGHT) after @fault. Sleeping costs two switches and,
	 * for anonymous memory, the fault a second time; polling keeps the CPU.
	 * Return: nanoseconds, at most %SWAP_EXT_WAIT_MAX_NS; 0: sleep at once.
	 * Left out: poll_ns of the backend the page is read from, 0 for a
	 * device.
	 *
	 * Context: as @fault.
	 */
	__u32 (*wait)(const struct swap_ext_fault *f,
		      struct vm_area_struct *vma__nullable,
		      struct mem_cgroup *memcg);

	/**
	 * @evict: which pages go first?
	 *
	 * Called when reclaim turns to a memcg, before it looks at its lists, until as
	 * many victims are gone as are wanted of its anonymous and shared memory (the
	 * share of those in all of its memory, weighted by swappiness; if the reclaim is
	 * not for this very memcg, as many as the stock kernel would look at), or a plan
	 * gets nowhere. The policy looks at pages with a bpf_iter_swap_folio or by
	 * handle, and names some with bpf_swap_victim(). The stock kernel does not ask
	 * whether these were used lately, nor does @reclaim. If they are as many as are
	 * wanted, no other page that is in use goes; unless this reclaim has
	 * come to priority 0 and has not freed a single page, although it has slept for
	 * 11 ms at least to let writes end. Else the lists are looked at for the rest.
	 * Left out: not called. memcg is that of the pages.
	 *
	 * Context: process context or kswapd, under rcu_read_lock(). May not sleep. May
	 * interrupt an allocation of any task, and any op of this policy that may sleep.
	 */
	void (*evict)(struct swap_ext_victims *victims, const struct swap_ext_evict *e,
		      struct mem_cgroup *memcg);

	/**
	 * @reclaim: does this page go?
	 *
	 * Called for each page of anonymous or shared memory that reclaim has taken
	 * off its list, after the references to it were harvested, at most once in
	 * each round; not for MADV_PAGEOUT and DAMON, and not for a page that no
	 * process and no file has any more: it was read ahead and is untouched, or
	 * has been written out since it was to go. A page told to go may stay
	 * nevertheless: it can be pinned, or there is no swap for it.
	 * Return: enum swap_ext_verdict. Left out: DEFAULT.
	 * memcg is that of the page.
	 *
	 * Context: process context or kswapd, under rcu_read_lock(), the page
	 * locked. May not sleep. May interrupt an allocation of any task, and
	 * any op of this policy that may sleep.
	 */
	__s32 (*reclaim)(struct folio *folio, const struct swap_ext_reclaim *r,
			 struct mem_cgroup *memcg);

	/**
	 * @added: a page of anonymous or shared memory came.
	 *
	 * Called when it is first put on the LRU, new or read from swap. Pages that
	 * were there when the policy came are not announced. Observes only; left
	 * out: not called. memcg is that of the page.
	 *
	 * Context: process context, under rcu_read_lock(); the page may be locked,
	 * so may be pages of its file. May not sleep.
	 */
	void (*added)(struct folio *folio, const struct swap_ext_page *p,
		      struct mem_cgroup *memcg);

	/**
	 * @removed: a page that had come goes.
	 *
	 * Called when it has been reclaimed, or is freed by whoever had it; nobody
	 * else has it. Observes only; left out: not called. memcg is that of the
	 * page.
	 *
	 * Context: any, mostly with interrupts off, under rcu_read_lock(). May not
	 * sleep.
	 */
	void (*removed)(struct folio *folio, const struct swap_ext_page *p,
			struct mem_cgroup *memcg);

	/**
	 * @place: where does a page go that is read from swap?
	 *
	 * Called after @added, for pages somebody waits for and pages read ahead.
	 * Return: enum swap_ext_place. Left out: DEFAULT. memcg is that of the page.
	 *
	 * Context: as @added.
	 */
	__s32 (*place)(struct folio *folio, const struct swap_ext_page *p,
		       struct mem_cgroup *memcg);

	/**
	 * @select_backend: who may take a page that is written out?
	 *
	 * Called for each write of a page to swap, with those that are there in
	 * @offered, bits of enum swap_ext_backends; with zswap once more, without it,
	 * if that has refused the page or was not to have it. Not for pages full of
	 * zeros, which nobody takes. Backends are offered the page in the order of
	 * their numbers. Return: those that may take it; the device may in any case.
	 * Left out: all. memcg is that of the page.
	 *
	 * Context: process context or kswapd, under rcu_read_lock(), the page locked.
	 * May not sleep. May interrupt an allocation of any task, and any op of this
	 * policy that may sleep.
	 */
	__u64 (*select_backend)(struct folio *folio, const struct swap_ext_page *p,
				__u64 offered, struct mem_cgroup *memcg);

	/**
	 * @swapped_out: a page has been written.
	 *
	 * Called when the write has ended well; @where says who has the page now, bits
	 * of enum swap_ext_backends; a write to a file system (swap over NFS) ends
	 * unseen. The page is still in memory: @removed follows if it is reclaimed.
	 * Observes only; left out: not called. memcg is that of the page.
	 *
	 * Context: any, mostly interrupt, under rcu_read_lock(). May not sleep.
	 */
	void (*swapped_out)(struct folio *folio, const struct swap_ext_page *p,
			    __u64 where, struct mem_cgroup *memcg);

	/**
	 * @slot_freed: nothing uses these swap slots any more.
	 *
	 * Called before they can be used again, also for slots whose page is in
	 * memory and stays there. Observes only; left out: not called. memcg is
	 * that of the page when it went out.
	 *
	 * Context: process context, under rcu_read_lock(); a spinlock of the swap
	 * device may be held. May not sleep.
	 */
	void (*slot_freed)(const struct swap_ext_slots *s, struct mem_cgroup *memcg);

	/**
	 * @init: the policy is about to govern a cgroup.
	 *
	 * Called once per attachment before any other op. A negative errno
	 * refuses the attachment (or the replacement: the old policy stays);
	 * other values mean success. Left out: nothing to prepare.
	 *
	 * Context: process context, may sleep; no lock of this cgroup's
	 * memory is held, but attach and detach of every other struct_ops
	 * waits for it. User memory that is not in memory cannot be read.
	 */
	__s32 (*init)(struct mem_cgroup *memcg, __u64 cgroup_id);

	/**
	 * @exit: the policy no longer governs a cgroup.
	 *
	 * Called once per successful @init, after the last call of any other
	 * op for this attachment has returned. Left out: nothing to clean up.
	 *
	 * Context: as @init.
	 */
	void (*exit)(struct mem_cgroup *memcg, struct swap_ext_exit_info *ei);

	/**
	 * @dump: describe the state of an attachment that ends with an error.
	 *
	 * Called before @exit if the kind is %SWAP_EXT_EXIT_ERROR or above; the
	 * text given to bpf_swap_ext_dump() is kept with the exit record.
	 *
	 * Context: as @init.
	 */
	void (*dump)(struct mem_cgroup *memcg, __u64 cgroup_id);

	/** @flags: enum swap_ext_ops_flags. */
	__u32	flags;
	/** @max_inflight: plan pages being read at once per memcg; 0: 1024. */
	__u32	max_inflight;
	/**
	 * @min_accuracy: percent of resolved prefetched pages that must have
	 * been used or late; below it the kernel first halves the plan, then
	 * stops prefetching for that memcg. 0: 10. Above 100: refused.
	 */
	__u32	min_accuracy;
	/**
	 * @max_keeps: how often a page may be kept that the stock kernel would
	 * reclaim, before it goes; 0: 32. At most 255.
	 */
	__u32	max_keeps;
	/** @name: of the policy: letters, digits, '_' and '-'; must be given. */
	char	name[SWAP_EXT_NAME_LEN];
};

#endif /* _UAPI_LINUX_SWAP_EXT_H */
