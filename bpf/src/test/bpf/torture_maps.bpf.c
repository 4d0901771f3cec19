/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A map of each kind, declared in each way. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

typedef unsigned int u32;
typedef unsigned long long u64;

char LICENSE[] SEC("license") = "Dual BSD/GPL";

struct key {
	u32 a;
	u32 b;
};

struct value {
	u64 x[3];
};

struct prefix {
	u32 length;
	u32 address;
};

#define MAP(name, kind, entries, key_type, value_type, flags) \
	struct { \
		__uint(type, kind); \
		__uint(max_entries, entries); \
		__type(key, key_type); \
		__type(value, value_type); \
		__uint(map_flags, flags); \
	} name SEC(".maps")

MAP(hash, BPF_MAP_TYPE_HASH, 16, struct key, struct value, BPF_F_NO_PREALLOC);
MAP(array, BPF_MAP_TYPE_ARRAY, 4, u32, struct value, BPF_F_MMAPABLE);
MAP(per_cpu_hash, BPF_MAP_TYPE_PERCPU_HASH, 16, u64, u64, 0);
MAP(per_cpu_array, BPF_MAP_TYPE_PERCPU_ARRAY, 2, u32, u64, 0);
MAP(lru_hash, BPF_MAP_TYPE_LRU_HASH, 16, u32, u32, 0);
MAP(lru_per_cpu, BPF_MAP_TYPE_LRU_PERCPU_HASH, 16, u32, u32, 0);
MAP(prefixes, BPF_MAP_TYPE_LPM_TRIE, 16, struct prefix, u32, BPF_F_NO_PREALLOC);
MAP(task_storage, BPF_MAP_TYPE_TASK_STORAGE, 0, int, struct value, BPF_F_NO_PREALLOC);

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} ring SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_QUEUE);
	__uint(max_entries, 8);
	__type(value, u64);
} queue SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_STACK);
	__uint(max_entries, 8);
	__uint(value_size, 8);
} stack SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_BLOOM_FILTER);
	__uint(max_entries, 8);
	__type(value, u64);
	__uint(map_extra, 3);
} bloom SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_STACK_TRACE);
	__uint(max_entries, 8);
	__uint(key_size, 4);
	__uint(value_size, 127 * 8);
} stacks SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__uint(max_entries, 2);
	__uint(key_size, 4);
	__uint(value_size, 4);
} perf_events SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(key_size, 5);
	__uint(value_size, 7);
	__uint(max_entries, 3);
	__uint(pinning, 0);
} untyped SEC(".maps");

struct inner {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 3);
	__type(key, u32);
	__type(value, u64);
};

struct inner first SEC(".maps"), second SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, 5);
	__type(key, u32);
	__array(values, struct inner);
} array_of_maps SEC(".maps") = {
	.values = { [1] = &second, [3] = &first },
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH_OF_MAPS);
	__uint(max_entries, 5);
	__type(key, u64);
	__array(values, struct {
		__uint(type, BPF_MAP_TYPE_HASH);
		__uint(max_entries, 6);
		__type(key, struct key);
		__type(value, u32);
		__uint(map_flags, BPF_F_NO_PREALLOC);
	});
} hash_of_maps SEC(".maps");

SEC("raw_tp/sys_enter")
int use(void *ctx)
{
	struct key key = { 1, 2 };
	struct prefix prefix = { 8, 1 };
	u32 index = 1;
	u64 number = 1;
	void *inner;

	bpf_map_lookup_elem(&hash, &key);
	bpf_map_lookup_elem(&array, &index);
	bpf_map_lookup_elem(&per_cpu_hash, &number);
	bpf_map_lookup_elem(&per_cpu_array, &index);
	bpf_map_lookup_elem(&lru_hash, &index);
	bpf_map_lookup_elem(&lru_per_cpu, &index);
	bpf_map_lookup_elem(&prefixes, &prefix);
	bpf_ringbuf_output(&ring, &number, sizeof(number), 0);
	bpf_map_push_elem(&queue, &number, 0);
	bpf_map_push_elem(&stack, &number, 0);
	bpf_map_push_elem(&bloom, &number, 0);
	inner = bpf_map_lookup_elem(&array_of_maps, &index);
	if (inner)
		bpf_map_lookup_elem(inner, &index);
	inner = bpf_map_lookup_elem(&hash_of_maps, &number);
	if (inner)
		bpf_map_lookup_elem(inner, &key);
	return 0;
}
