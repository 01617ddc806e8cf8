// SPDX-License-Identifier: GPL-2.0
/*
 * senpai - takes memory from a cgroup until it just begins to notice.
 *
 * Every period a small part of the memory of the cgroup is reclaimed, files and all, the less
 * of it the longer its tasks waited for memory in that period; none if they waited for the
 * share of the time that is tolerated. What nobody uses goes, at first; then some of what is
 * used comes back at once, its tasks wait for it, and it stays. Which pages go is left to the
 * kernel. The kernel does not reclaim less than 32 pages: what is less waits for the next
 * period.
 *
 * Good: whatever is larger than it need be, with no limit to guess: it follows the working
 * set, and the speed of the device, for what comes back fast hardly makes anybody wait.
 * Loses: it is slow, 14 % in half an hour; a program that waits for memory of its own accord,
 * at a limit, keeps all it has; writes to the device are not limited, nor does it look at
 * pressure of I/O, as Senpai in oomd does. Where PSI is off (psi=0, cgroup.pressure) there is
 * nothing to go by: to attach it is "Operation not supported".
 *
 * Weiner et al.: TMO: Transparent Memory Offloading in Datacenters, ASPLOS 2022, section 3.3,
 * whose formula, period, ratio and threshold these are.
 */
#include <swap_ext/policy.bpf.h>
#include <swap_ext/periodic.bpf.h>
#include <swap_ext/pressure.bpf.h>

#define NSEC_PER_SEC	1000000000ULL
#define MILLION		1000000ULL
#define RECLAIM_MIN	32	/* SWAP_CLUSTER_MAX */

struct params {
	SWAP_PARAM(u32, period_s, 6, 2, 3600, "seconds from one time to the next");
	SWAP_PARAM(u32, ratio, 500, 1, 1000000,
		   "pages that go in a period, of a million, if nobody waits");
	SWAP_PARAM(u32, threshold, 1000, 1, 1000000,
		   "of a million, the share of the time that tasks may wait");
};
SWAP_PARAMS(struct params);

struct stats {
	SWAP_STAT(periods, "times it has looked");
	SWAP_STAT(held, "of these: nothing was to go, as tasks had waited too long");
	SWAP_STAT(asked, "pages that were to go");
	SWAP_STAT(reclaimed, "pages that went");
	SWAP_STAT(stalled_us, "time that tasks waited, in microseconds");
};
SWAP_STATS(struct stats);

struct senpai {
	struct swap_periodic periodic;
	u64 now_ns;		/* when it looked last */
	u64 stalled_ns;		/* so far, then */
	u64 due;		/* millionths of a page that are still to go */
};
SWAP_ATTACHMENT_STATE(senpais, struct senpai);

static __always_inline u64 period_ns(u64 cgroup_id)
{
	struct params *p = bpf_map_lookup_elem(&params, &cgroup_id);

	return (p ? p->period_s : 6) * NSEC_PER_SEC;
}

/* Of a million, for how much of the time since it looked last tasks have waited. */
static __always_inline u64 find_share(struct senpai *s, u64 stalled_ns, u64 now_ns)
{
	u64 stalled = stalled_ns - s->stalled_ns, passed = now_ns - s->now_ns;

	s->stalled_ns = stalled_ns;
	s->now_ns = now_ns;
	return passed ? stalled * MILLION / passed : 0;
}

static __always_inline void look_and_reclaim(u64 cgroup_id, struct senpai *s)
{
	const struct { u64 cgroup_id; } at = { cgroup_id };
	struct params *p = bpf_map_lookup_elem(&params, &cgroup_id);
	struct swap_pressure pressure;
	u64 before = s->stalled_ns;
	s64 nr, share;

	if (!p || swap_pressure_read(cgroup_id, &pressure))
		return;
	share = find_share(s, pressure.stalled_ns, bpf_ktime_get_ns());
	swap_stat_add(&at, periods, 1);
	swap_stat_add(&at, stalled_us, (pressure.stalled_ns - before) / 1000);
	if (share >= p->threshold) {
		swap_stat_add(&at, held, 1);
		return;
	}
	s->due += pressure.nr_pages * (p->threshold - share) / p->threshold * p->ratio;
	nr = s->due / MILLION;
	if (nr < RECLAIM_MIN)
		return;
	s->due %= MILLION;
	swap_stat_add(&at, asked, nr);
	nr = bpf_swap_reclaim_memcg(cgroup_id, nr, SWAP_EXT_SWAPPINESS_DEFAULT);
	if (nr > 0)
		swap_stat_add(&at, reclaimed, nr);
}

SWAP_PERIODIC(senpai, struct senpai, period_ns, look_and_reclaim)

s32 BPF_STRUCT_OPS_SLEEPABLE(senpai_init, struct mem_cgroup *memcg, u64 cgroup_id)
{
	struct swap_pressure pressure;
	struct senpai *s;
	s32 err;

	err = swap_pressure_read(cgroup_id, &pressure);
	if (err)
		return err;
	err = swap_attachment_begin(&senpais, cgroup_id, struct senpai);
	s = err ? NULL : bpf_map_lookup_elem(&senpais, &cgroup_id);
	if (!s)
		return err;
	s->stalled_ns = pressure.stalled_ns;
	s->now_ns = bpf_ktime_get_ns();
	return senpai_start_periodic(&senpais, s, cgroup_id);
}

void BPF_STRUCT_OPS_SLEEPABLE(senpai_exit, struct mem_cgroup *memcg,
			      struct swap_ext_exit_info *ei)
{
	swap_attachment_end(&senpais, ei);
}

SWAP_POLICY(senpai, "reclaim a little all the time, as long as nobody waits",
	    .init = (void *)senpai_init,
	    .exit = (void *)senpai_exit);
