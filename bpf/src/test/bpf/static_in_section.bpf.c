/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Static functions beside the programs in their own section, which libbpf does not take. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

int total;

SEC("raw_tp/sys_enter") static __noinline int add(int x)
{
	return __sync_fetch_and_add(&total, x);
}

static __noinline int twice(int x)
{
	return add(x) + add(x + 1);
}

SEC("raw_tp/sys_enter") int first(void *ctx)
{
	return add(3);
}

SEC("raw_tp/sys_enter") int second(void *ctx)
{
	return twice(4) + add(5);
}
