// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * What no tracer of system calls can do without: a program on each end that does nothing, and one that reads the clock.
 * The floor that other figures are compared with.
 */
#include <stdbool.h>
typedef unsigned int __u32;
typedef unsigned long long __u64;
typedef unsigned short __u16;
typedef unsigned char __u8;
typedef int __s32;
typedef long long __s64;
typedef __u16 __be16;
typedef __u32 __be32;
typedef __u32 __wsum;
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

volatile __u64 now;

SEC("tp_btf/sys_enter")
int empty_enter(void *context)
{
	return 0;
}

SEC("tp_btf/sys_exit")
int empty_exit(void *context)
{
	return 0;
}

SEC("tp_btf/sys_enter")
int clock_enter(void *context)
{
	now = bpf_ktime_get_ns();
	return 0;
}

SEC("tp_btf/sys_exit")
int clock_exit(void *context)
{
	now = bpf_ktime_get_ns();
	return 0;
}
