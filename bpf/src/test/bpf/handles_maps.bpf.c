/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Maps of each kind, variables and constants, and a program that works with them. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

struct point {
	int x;
	unsigned int y;
};

const volatile unsigned int caller;	/* tid */
const volatile unsigned int trigger;	/* number of the system call */
const volatile signed char step = 1;
const volatile unsigned short steps[2] = { 3, 4 };

unsigned long counter = 40;
int negative = -5;
struct point points[3] = { { 1, 2 }, { 3, 4 }, { -5, 6 } };
unsigned long zeroed;

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4096);
	__type(key, unsigned int);
	__type(value, struct point);
} hash SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 64);
	__type(key, unsigned int);
	__type(value, unsigned long);
} lru SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 2);
	__type(key, unsigned int);
	__type(value, unsigned int);
} per_cpu SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 5);
	__type(key, unsigned int);
	__type(value, unsigned int);
} mapped SEC(".maps");

struct inner {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, unsigned int);
	__type(value, unsigned long);
} first SEC(".maps"), second SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, 4);
	__type(key, unsigned int);
	__array(values, struct inner);
} outer SEC(".maps") = { .values = { [1] = &first, [3] = &second } };

/* Counts, in each map, the calls that Java names. */
SEC("raw_tp/sys_enter")
int count(struct bpf_raw_tracepoint_args *ctx)
{
	unsigned int slot = 3, zero = 0;
	unsigned int *cell;
	unsigned long *inside;
	void *map;

	if ((unsigned int)bpf_get_current_pid_tgid() != caller || ctx->args[1] != trigger)
		return 0;
	__sync_fetch_and_add(&counter, step);
	__sync_fetch_and_add(&zeroed, 1);
	cell = bpf_map_lookup_elem(&mapped, &slot);
	if (cell)
		__sync_fetch_and_add(cell, 1);
	cell = bpf_map_lookup_elem(&per_cpu, &zero);
	if (cell)
		*cell += 1;
	map = bpf_map_lookup_elem(&outer, &slot);
	inside = map ? bpf_map_lookup_elem(map, &zero) : 0;
	if (inside)
		__sync_fetch_and_add(inside, steps[1]);
	return 0;
}
