/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Subprograms: global, static, hidden and weak ones, chains, diamonds, callbacks, and relocations inside of them. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>

typedef unsigned int u32;
typedef unsigned long long u64;

char LICENSE[] SEC("license") = "Dual BSD/GPL";

struct task_struct {
	int pid;
	int tgid;
	struct task_struct *group_leader;
} __attribute__((preserve_access_index));

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 8);
	__type(key, u32);
	__type(value, u64);
} called SEC(".maps");

u64 counter;
static u64 hidden_counter[3] = { 1, 2, 3 };
const volatile u32 limit = 5;

static __noinline int leaf(u32 key)
{
	u64 *value = bpf_map_lookup_elem(&called, &key);

	if (value)
		__sync_fetch_and_add(value, hidden_counter[key & 1]++);
	return value != 0;
}

static __noinline int left(u32 key)
{
	counter++;
	return leaf(key + limit) + 1;
}

static __noinline int right(u32 key)
{
	return leaf(key) + leaf(key + 1);
}

__noinline int global_function(int x)
{
	volatile int y = x;

	return y + left(x) + 3;
}

__attribute__((visibility("hidden"))) __noinline int hidden_function(struct task_struct *task)
{
	return BPF_CORE_READ(task, group_leader, pid) + right(7);
}

__weak __noinline int weak_function(int x)
{
	return global_function(x + 1) + hidden_counter[1];
}

__noinline int unused_function(int x)
{
	return x * 3;
}

static long each(void *map, u32 *key, u64 *value, u64 *context)
{
	*context += *value + leaf(*key);
	return 0;
}

SEC("raw_tp/sys_enter")
int diamond(void *ctx)
{
	return left(1) + right(2);
}

SEC("raw_tp/sys_enter")
int chain(void *ctx)
{
	return weak_function(4);
}

SEC("raw_tp/sys_exit")
int twice(void *ctx)
{
	int result = right(9);

	result += leaf(result);
	return result + right(result);
}

SEC("raw_tp/sys_exit")
int with_task(void *ctx)
{
	return hidden_function((void *)bpf_get_current_task());
}

SEC("raw_tp/sys_exit")
int callback(void *ctx)
{
	u64 sum = 0;

	bpf_for_each_map_elem(&called, each, &sum, 0);
	return sum != 0;
}

SEC("?raw_tp/sys_exit")
int on_demand(void *ctx)
{
	return leaf(5);
}
