// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* How system calls are counted, and timed, in most tutorials: hash maps, classic tracepoints. */
#include <linux/types.h>
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

#define BUCKETS 64

struct key {
	__u32 pid;
	__u32 id;
};

struct times {
	__u64 count;
	__u64 total;
	__u64 histogram[BUCKETS];
};

struct enter {
	__u64 common;
	__s64 id;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 10240);
	__type(key, struct key);
	__type(value, __u64);
} counts SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 10240);
	__type(key, __u32);
	__type(value, __u64);
} starts SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 10240);
	__type(key, struct key);
	__type(value, struct times);
} durations SEC(".maps");

static const struct times nothing;

SEC("tracepoint/raw_syscalls/sys_enter")
int count_call(struct enter *event)
{
	struct key key = {.pid = bpf_get_current_pid_tgid() >> 32, .id = event->id};
	__u64 *count = bpf_map_lookup_elem(&counts, &key), one = 1;

	if (count)
		__sync_fetch_and_add(count, 1);
	else
		bpf_map_update_elem(&counts, &key, &one, BPF_NOEXIST);
	return 0;
}

SEC("tracepoint/raw_syscalls/sys_enter")
int time_enter(struct enter *event)
{
	__u32 tid = bpf_get_current_pid_tgid();
	__u64 now = bpf_ktime_get_ns();

	(void)event;
	bpf_map_update_elem(&starts, &tid, &now, BPF_ANY);
	return 0;
}

static __always_inline int log2_of(__u64 value)
{
	int log = 0;

#pragma unroll
	for (int step = 32; step; step >>= 1)
		if (value >> step) {
			value >>= step;
			log += step;
		}
	return log;
}

SEC("tracepoint/raw_syscalls/sys_exit")
int time_exit(struct enter *event)
{
	__u64 both = bpf_get_current_pid_tgid(), duration;
	__u32 tid = both;
	struct key key = {.pid = both >> 32, .id = event->id};
	__u64 *start = bpf_map_lookup_elem(&starts, &tid);
	struct times *times;

	if (!start)
		return 0;
	duration = bpf_ktime_get_ns() - *start;
	bpf_map_delete_elem(&starts, &tid);
	times = bpf_map_lookup_elem(&durations, &key);
	if (!times) {
		bpf_map_update_elem(&durations, &key, &nothing, BPF_NOEXIST);
		times = bpf_map_lookup_elem(&durations, &key);
	}
	if (times) {
		__sync_fetch_and_add(&times->count, 1);
		__sync_fetch_and_add(&times->total, duration);
		__sync_fetch_and_add(&times->histogram[log2_of(duration) & (BUCKETS - 1)], 1);
	}
	return 0;
}
