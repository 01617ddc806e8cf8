// SPDX-License-Identifier: GPL-2.0
/*
 * The maps that stand in for the kernel's on the host: what is full refuses or
 * evicts, what is out of bounds is not there, and a task takes its storage along.
 */
#include <swap_ext/policy.bpf.h>

static int nr_failed;

#define EXPECT(cond)							\
do {									\
	if (!(cond)) {							\
		fprintf(stderr, "%s:%d: not so: %s\n", __FILE__,	\
			__LINE__, #cond);				\
		nr_failed++;						\
	}								\
} while (0)

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 3);
	__type(key, u64);
	__type(value, u32);
} hash SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 3);
	__type(key, u32);
	__type(value, u32);
} lru SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 4);
	__type(key, u32);
	__type(value, u64);
} array SEC(".maps");

SWAP_PROCESS_STATE(storage, u64);

static void test_hash(void)
{
	u64 key;
	u32 value, *p;

	for (key = 1; key <= 3; key++) {
		value = key * 10;
		EXPECT(!bpf_map_lookup_elem(&hash, &key));
		EXPECT(!bpf_map_update_elem(&hash, &key, &value, BPF_NOEXIST));
	}
	EXPECT(bpf_map_update_elem(&hash, &key, &value, BPF_ANY) == -E2BIG);
	EXPECT(bpf_map_update_elem(&hash, &key, &value, BPF_EXIST) == -ENOENT);
	EXPECT(bpf_map_delete_elem(&hash, &key) == -ENOENT);

	key = 2;
	value = 21;
	EXPECT(bpf_map_update_elem(&hash, &key, &value, BPF_NOEXIST) == -EEXIST);
	EXPECT(!bpf_map_update_elem(&hash, &key, &value, BPF_EXIST));
	p = bpf_map_lookup_elem(&hash, &key);
	EXPECT(p && *p == 21);

	/* a pointer outlives the element until the op is over */
	EXPECT(!bpf_map_delete_elem(&hash, &key));
	EXPECT(!bpf_map_lookup_elem(&hash, &key));
	EXPECT(*p == 21);
	host_map_quiesce();
	key = 4;
	EXPECT(!bpf_map_update_elem(&hash, &key, &value, BPF_ANY));
}

static void test_lru(void)
{
	u32 key, value = 0;

	for (key = 1; key <= 3; key++)
		EXPECT(!bpf_map_update_elem(&lru, &key, &value, BPF_ANY));
	/* 1 is used, so 2 is the oldest */
	key = 1;
	EXPECT(bpf_map_lookup_elem(&lru, &key));
	key = 4;
	EXPECT(!bpf_map_update_elem(&lru, &key, &value, BPF_ANY));
	key = 2;
	EXPECT(!bpf_map_lookup_elem(&lru, &key));
	for (key = 3; key <= 4; key++)
		EXPECT(bpf_map_lookup_elem(&lru, &key));
	key = 1;
	EXPECT(bpf_map_lookup_elem(&lru, &key));

	for (key = 100; key < 10100; key++)
		EXPECT(!bpf_map_update_elem(&lru, &key, &key, BPF_ANY));
	key = 10096;
	EXPECT(!bpf_map_lookup_elem(&lru, &key));
	for (key++; key < 10100; key++)
		EXPECT(*(u32 *)bpf_map_lookup_elem(&lru, &key) == key);
}

static void test_array(void)
{
	u32 key = 3;
	u64 value = 7, *p;

	p = bpf_map_lookup_elem(&array, &key);
	EXPECT(p && *p == 0);
	EXPECT(!bpf_map_update_elem(&array, &key, &value, BPF_ANY));
	EXPECT(*p == 7);
	EXPECT(bpf_map_delete_elem(&array, &key) == -EINVAL);
	key = 4;
	EXPECT(!bpf_map_lookup_elem(&array, &key));
	EXPECT(bpf_map_update_elem(&array, &key, &value, BPF_ANY) == -E2BIG);
}

static void test_storage(void)
{
	struct task_struct *leader = host_task_create(NULL, 1);
	struct task_struct *thread = host_task_create(leader, 2);
	struct swap_ext_fault f = { 0 };
	u64 *p, *q;

	EXPECT(thread->tgid == 1 && thread->pid == 2);
	EXPECT(!bpf_task_storage_get(&storage, leader, NULL, 0));
	host.current = leader;
	p = swap_process_state(&f, &storage);
	EXPECT(p && *p == 0);
	*p = 5;

	host.current = thread;
	EXPECT(swap_process_state(&f, &storage) == p);
	q = swap_thread_state(&f, &storage);
	EXPECT(q && q != p);
	EXPECT(bpf_get_current_pid_tgid() == ((1ULL << 32) | 2));

	f.flags = SWAP_EXT_F_REMOTE;
	EXPECT(!swap_process_state(&f, &storage));
	EXPECT(!swap_thread_state(&f, &storage));

	/* gone with the task; the next at the same place starts afresh */
	host_task_exit(thread);
	EXPECT(*p == 5);
	host_task_exit(leader);
	leader = host_task_create(NULL, 1);
	EXPECT(!bpf_task_storage_get(&storage, leader, NULL, 0));
	EXPECT(bpf_task_storage_delete(&storage, leader) == -ENOENT);
	host_task_exit(leader);
}

static void test_chance_and_time(void)
{
	u32 a, b;

	host.seed = 1;
	a = bpf_get_prandom_u32();
	b = bpf_get_prandom_u32();
	EXPECT(a != b);
	host.seed = 1;
	EXPECT(bpf_get_prandom_u32() == a);
	host.now_ns = 123;
	EXPECT(bpf_ktime_get_ns() == 123);
}

int main(void)
{
	test_hash();
	test_lru();
	test_array();
	test_storage();
	test_chance_and_time();
	host_reset();
	return !!nr_failed;
}
