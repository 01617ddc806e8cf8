// SPDX-License-Identifier: GPL-2.0
/*
 * The memory that policies are replayed in: what a policy is told and in which order, who
 * goes when it names pages, judges them or has no say, and what becomes of a plan.
 */
#include <swap_ext/policy.bpf.h>

#include "tell.h"

static struct test {
	char told[256];		/* a letter for each call */
	u32 flags;		/* of the last fault */
	u64 entry;
	u64 plan[8];		/* pages to name at the next miss */
	u32 nr_plan;
	bool by_slot;
	bool prefetches;
	s64 victim;		/* handle of the page to name; -1: none */
	s32 verdict;
} test;

static void tell(char what)
{
	tell_letter(test.told, sizeof(test.told), what);
}

void BPF_STRUCT_OPS(test_added, struct folio *folio, const struct swap_ext_page *p,
		    struct mem_cgroup *memcg)
{
	tell(arrival_letter(p));
	*bpf_swap_folio_state(folio, sizeof(u64)) += 1;
}

void BPF_STRUCT_OPS(test_removed, struct folio *folio, const struct swap_ext_page *p,
		    struct mem_cgroup *memcg)
{
	tell('r');
	test.entry = p->entry;
}

void BPF_STRUCT_OPS(test_fault, const struct swap_ext_fault *f, struct vm_area_struct *vma,
		    struct mem_cgroup *memcg)
{
	tell('f');
	test.flags = f->flags;
}

s32 BPF_STRUCT_OPS(test_prefetch, const struct swap_ext_fault *f, struct swap_ext_plan *plan,
		   struct vm_area_struct *vma, struct mem_cgroup *memcg)
{
	u32 i;

	if (!test.prefetches)
		return SWAP_EXT_PF_NONE;
	tell('P');
	for (i = 0; i < test.nr_plan; i++) {
		if (test.by_slot)
			bpf_swap_plan_entry(plan, test.plan[i], 1);
		else
			swap_plan_pages(plan, test.plan[i], 1);
	}
	test.nr_plan = 0;
	return SWAP_EXT_PF_PLAN;
}

void BPF_STRUCT_OPS(test_evict, struct swap_ext_victims *victims,
		    const struct swap_ext_evict *e, struct mem_cgroup *memcg)
{
	struct folio *folio = test.victim < 0 ? NULL : bpf_swap_page_folio(victims, test.victim);

	tell('e');
	if (folio)
		bpf_swap_victim(victims, folio, 0);
}

s32 BPF_STRUCT_OPS(test_reclaim, struct folio *folio, const struct swap_ext_reclaim *r,
		   struct mem_cgroup *memcg)
{
	return test.verdict;
}

SWAP_POLICY(test, "does what the test says", .added = (void *)test_added,
	    .removed = (void *)test_removed, .fault = (void *)test_fault,
	    .prefetch = (void *)test_prefetch, .evict = (void *)test_evict,
	    .reclaim = (void *)test_reclaim);

#include "../../replay/memory.h"
#include "expect.h"

#define LIMIT	128

static void start_numbered(u32 nr_pages, const uint64_t *number, enum memory_eviction eviction)
{
	memset(&test, 0, sizeof(test));
	test.victim = -1;
	memory_begin(nr_pages, number, LIMIT, eviction);
	memory_attach();
}

static void start(enum memory_eviction eviction)
{
	start_numbered(1024, NULL, eviction);
}

static void touch(u32 first, u32 nr)
{
	while (nr--)
		memory_touch(first++);
}

static bool is_there(u32 page)
{
	return memory.page[page].is_there;
}

static void expect_told(const char *want)
{
	EXPECT(!strcmp(test.told, want), "told %s, expected %s", test.told, want);
	memset(test.told, 0, sizeof(test.told));
}

/* prefetched = used + unused + pages in memory that nobody has used */
static void expect_balance(void)
{
	u64 nr_untouched = 0;
	u32 i;

	for (i = 0; i < memory.nr_pages; i++)
		nr_untouched += memory.page[i].is_untouched;
	EXPECT(host.stat[SWAP_EXT_STAT_PREFETCHED] == nr_untouched +
	       host.stat[SWAP_EXT_STAT_USED] + host.stat[SWAP_EXT_STAT_UNUSED], "pages lost");
	EXPECT(host.stat[SWAP_EXT_STAT_ADDED] == host.stat[SWAP_EXT_STAT_EVICTED] + memory.nr,
	       "%llu came, %llu went, %u are there", host.stat[SWAP_EXT_STAT_ADDED],
	       host.stat[SWAP_EXT_STAT_EVICTED], memory.nr);
	EXPECT(memory.nr <= LIMIT, "%u pages", memory.nr);
}

static u64 page_at(u32 page)
{
	return MEMORY_BASE + page;
}

/* Of what goes in and out: new pages are no faults, read ones are, and then is planned. */
static void test_order(void)
{
	start(MEMORY_LRU);
	touch(0, LIMIT);
	memset(test.told, 0, sizeof(test.told));
	touch(5, 1);
	expect_told("");
	touch(LIMIT, 3);
	expect_told("rnrnrn");
	EXPECT(!is_there(0) && !is_there(1) && !is_there(2) && is_there(3), "not LRU");
	test.prefetches = true;
	test.plan[0] = page_at(1);
	test.plan[1] = page_at(7);	/* is in memory */
	test.plan[2] = page_at(1);	/* twice */
	test.plan[3] = page_at(900);	/* was never there */
	test.plan[4] = page_at(0);	/* itself */
	test.nr_plan = 5;
	touch(0, 1);
	expect_told("rsfPrp");
	EXPECT(!test.flags, "flags %u of a miss", test.flags);
	EXPECT(is_there(0) && is_there(1) && !is_there(2), "not what was planned");
	touch(1, 1);
	expect_told("f");
	EXPECT(test.flags == (SWAP_EXT_F_HIT | SWAP_EXT_F_PREFETCHED), "flags %u", test.flags);
	touch(1, 1);
	expect_told("");
	EXPECT(host.stat[SWAP_EXT_STAT_PREFETCHED] == 1 && host.stat[SWAP_EXT_STAT_USED] == 1 &&
	       host.stat[SWAP_EXT_STAT_FAULTS] == 2 && host.stat[SWAP_EXT_STAT_MAJOR] == 1,
	       "counters");
	EXPECT(memory.nr_misses == LIMIT + 3 + 1 && memory.nr_new == LIMIT + 3, "misses");
	expect_balance();
}

/* What is there before the policy, and what went: true LRU, of which it learns nothing. */
static void test_attach(void)
{
	memset(&test, 0, sizeof(test));
	test.victim = 77;
	memory_begin(1024, NULL, LIMIT, MEMORY_EVICT);
	test.prefetches = true;
	touch(0, LIMIT);
	touch(0, 1);
	touch(LIMIT, 2);
	EXPECT(is_there(0) && !is_there(1) && !is_there(2) && is_there(3), "not LRU");
	touch(1, 1);
	expect_told("");
	EXPECT(host.stat[SWAP_EXT_STAT_MAJOR] == 1, "page 1 was not read");
	EXPECT(is_there(77) && !memory.page[77].folio.state, "the policy had a say");
	memory_attach();
	touch(2, 1);
	EXPECT(!is_there(77), "the policy has no say");
	EXPECT(!strncmp(test.told, "er", 2) && strstr(test.told, "sfP"), "told %s", test.told);
	expect_balance();
}

/* What a policy wrote down goes out and comes back, and is found by slot meanwhile. */
static void test_word(void)
{
	u64 entry;

	start(MEMORY_LRU);
	touch(0, 1);
	EXPECT(memory.page[0].folio.state == 1, "a new page");
	touch(1, LIMIT);
	EXPECT(!is_there(0) && !memory.page[0].folio.state, "it went");
	EXPECT(*bpf_swap_entry_state(test.entry, sizeof(u64)) == 1, "by slot");
	EXPECT(!bpf_swap_entry_state(test.entry + 1, sizeof(u64)), "a slot nobody has");
	EXPECT(!bpf_swap_entry_state(HOST_DEVICE, sizeof(u64)), "slot 0");
	entry = test.entry;
	touch(0, 1);
	EXPECT(memory.page[0].folio.state == 2, "it came back");
	EXPECT(!bpf_swap_entry_state(entry, sizeof(u64)), "by the slot that it had");
	EXPECT(!bpf_swap_entry_state(HOST_DEVICE, sizeof(u64)), "slot 0, page 0 in memory");
}

/* Slots are given in the order in which pages go. */
static void test_slots(void)
{
	start(MEMORY_LRU);
	touch(3, 1);
	touch(1, 1);
	touch(2, 1);
	touch(100, LIMIT);
	test.prefetches = true;
	test.by_slot = true;
	test.plan[0] = test.entry - 1;
	test.plan[1] = test.entry - 2;	/* is being read */
	test.nr_plan = 2;
	touch(3, 1);
	EXPECT(is_there(3) && is_there(1) && !is_there(2), "not the next slot");
}

static void test_victims(void)
{
	u32 i, nr = 0;

	start(MEMORY_EVICT);
	touch(0, LIMIT);
	memset(test.told, 0, sizeof(test.told));
	test.victim = 77;
	touch(LIMIT, 1);
	EXPECT(!strncmp(test.told, "er", 2), "told %s", test.told);
	EXPECT(!is_there(77), "the victim stays");
	for (i = 0; i < LIMIT; i++)
		nr += !is_there(i);
	EXPECT(nr == SWAP_EXT_VICTIMS_MAX, "%u went", nr);
	/* By handle nothing was looked at: so many are passed by, the rest went. */
	EXPECT(is_there(0) && is_there(31) && !is_there(32) && !is_there(62) && is_there(63),
	       "others went than the next in the list");
	EXPECT(!bpf_swap_page_folio(NULL, 77) && !bpf_swap_page_folio(NULL, 5000) &&
	       bpf_swap_page_folio(NULL, 78), "handles");
	expect_balance();
}

/* Who was read ahead and not used goes before any victim. */
static void test_unused_first(void)
{
	start(MEMORY_EVICT);
	touch(0, LIMIT + 1);
	EXPECT(!is_there(0) && !is_there(1), "the first do not go");
	test.prefetches = true;
	test.plan[0] = page_at(1);
	test.nr_plan = 1;
	touch(0, 1);
	EXPECT(is_there(1) && memory.page[1].is_untouched, "no prefetched page");
	EXPECT(!memory.page[1].folio.nr_used, "used before it was touched");
	/* It is the newest, but among the candidates as soon as those are all. */
	test.victim = 100;
	touch(LIMIT + 1, LIMIT - memory.nr + 1);
	EXPECT(!is_there(1) && host.stat[SWAP_EXT_STAT_UNUSED] == 1, "it stays");
	expect_balance();
}

static void test_verdicts(void)
{
	start(MEMORY_RECLAIM);
	touch(0, LIMIT);
	test.verdict = SWAP_EXT_V_RECLAIM;
	touch(LIMIT, 1);
	EXPECT(!is_there(0), "to go, and stays");
	/* All were used: a round clears that, then the first goes. */
	test.verdict = SWAP_EXT_V_DEFAULT;
	touch(LIMIT + 1, 1);
	EXPECT(!is_there(1) && !memory.page[2].folio.nr_used, "not a second chance");
	touch(2, 1);
	touch(LIMIT + 2, 1);
	EXPECT(is_there(2) && !is_there(3), "not a second chance for who was used");
	test.verdict = SWAP_EXT_V_KEEP;
	touch(LIMIT + 3, 1);
	EXPECT(memory.nr == LIMIT, "who keeps all is not overruled");
	expect_balance();
}

/* Page numbers with gaps, and those of shared memory, which have no address. */
static void test_numbers(void)
{
	static uint64_t number[300];
	u32 i;

	for (i = 0; i < 150; i++) {
		number[i] = 1000 + 10 * i;
		number[150 + i] = SWAP_SHMEM_PAGES + 3 * i;
	}
	start_numbered(300, number, MEMORY_LRU);
	touch(0, 300);
	test.prefetches = true;
	test.plan[0] = page_at(1001);
	test.plan[1] = page_at(1010);
	test.nr_plan = 2;
	touch(0, 1);
	EXPECT(host.stat[SWAP_EXT_STAT_PREFETCHED] == 1 && is_there(1), "by address");
	EXPECT(memory.page[1].folio.index == page_at(1010), "index of an address");
	test.plan[0] = SWAP_SHMEM_PAGES + 4;
	test.plan[1] = SWAP_SHMEM_PAGES + 3;
	test.nr_plan = 2;
	touch(150, 1);
	EXPECT(test.flags == SWAP_EXT_F_SHMEM, "flags %u", test.flags);
	EXPECT(host.stat[SWAP_EXT_STAT_PREFETCHED] == 2 && is_there(151), "by offset");
	EXPECT(memory.page[151].folio.index == 3, "index in shared memory");
	expect_balance();
}

int main(void)
{
	test_order();
	test_attach();
	test_word();
	test_slots();
	test_victims();
	test_unused_first();
	test_verdicts();
	test_numbers();
	host_start();
	host_task_exit(host.current);
	memory_free();
	return !!nr_failed;
}
