/* SPDX-License-Identifier: GPL-2.0 */
/* What the two halves of the agent tell each other. */
#ifndef __AGENT_H
#define __AGENT_H

#include <linux/types.h>

#define AGENT_MAX_WINDOW	32	/* pages fetched ahead, at most */

/**
 * enum agent_event_kind - struct agent_event.kind
 * @AGENT_MISS: a page was not in memory; its read has begun
 * @AGENT_CAME: a page of the cgroup is in memory now
 * @AGENT_MOVED: what a page holds is in another one now
 * @AGENT_WENT: a page is not in memory any longer
 * @AGENT_PRESSED: a task of the cgroup has to reclaim before it goes on
 */
enum agent_event_kind {
	AGENT_MISS,
	AGENT_CAME,
	AGENT_MOVED,
	AGENT_WENT,
	AGENT_PRESSED,
};

/**
 * struct agent_event - what the kernel tells, by the ring buffer "events"
 * @kind: enum agent_event_kind
 * @flags: of the fault or of the page, see <linux/swap_ext.h>
 * @tgid: of a miss: the process
 * @tid: of a miss: the thread
 * @page: of a miss: the page's number, see swap_fault_page(); else the page's handle
 * @nr: which page it is: they are counted as they come. Not of a miss
 * @entry: the swap slot it comes from or goes to, 0: none
 */
struct agent_event {
	__u32	kind;
	__u32	flags;
	__u32	tgid;
	__u32	tid;
	__u64	page;
	__u64	nr;
	__u64	entry;
};

/**
 * struct agent_place - where a process is expected to miss next: key of the map "plans"
 * @page: number of the page
 * @tgid: the process
 * @pad: 0
 */
struct agent_place {
	__u64	page;
	__u32	tgid;
	__u32	pad;
};

/**
 * struct agent_plan - what is to be read then: value of the map "plans"
 * @step: pages from each to the next, beginning with the one that missed
 * @nr: how many
 * @pad: 0
 */
struct agent_plan {
	__s64	step;
	__u32	nr;
	__u32	pad;
};

/**
 * struct agent_victim - a page that is to go: element of the map "victims"
 * @page: its handle
 * @nr: as in struct agent_event: a handle alone may be another page's by now
 */
struct agent_victim {
	__u64	page;
	__u64	nr;
};

/**
 * struct agent_shared - the one element of the map "shared", mapped by the agent
 * @cgroup_id: the cgroup that the policy is attached to, 0: none
 * @alive_ns: when the agent last said that it is there, on CLOCK_MONOTONIC; 0: it is not
 * @nr_came: pages that came
 */
struct agent_shared {
	__u64	cgroup_id;
	__u64	alive_ns;
	__u64	nr_came;
};

/**
 * struct agent_act - what the agent has the kernel do: argument of agent_act()
 * @cgroup_id: for which cgroup
 * @nr_reclaim: reclaim so many pages; or else
 * @page: write this one ahead, by handle
 * @ret: of the kernel function
 */
struct agent_act {
	__u64	cgroup_id;
	__u64	nr_reclaim;
	__u64	page;
	__s64	ret;
};

#endif /* __AGENT_H */
