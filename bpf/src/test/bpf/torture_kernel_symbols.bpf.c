/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Symbols of the kernel: per-CPU variables with their types, addresses, functions; some that no kernel has. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

typedef unsigned long long u64;

char LICENSE[] SEC("license") = "Dual BSD/GPL";

#define __weak_symbol __ksym __weak

struct rq {
	int cpu;
} __attribute__((preserve_access_index));

struct task_struct {
	int pid;
} __attribute__((preserve_access_index));

extern const struct rq runqueues __ksym;
extern const int cpu_number_of_no_kernel __weak_symbol;
extern const void vfs_read __ksym;
extern const void nothing_of_this_name __weak_symbol;
extern void bpf_rcu_read_lock(void) __weak_symbol;
extern void bpf_rcu_read_unlock(void) __weak_symbol;
extern int bpf_no_such_function(struct task_struct *, int) __weak_symbol;

u64 out;

SEC("raw_tp/sys_enter")
int per_cpu(void *ctx)
{
	const struct rq *rq = bpf_per_cpu_ptr(&runqueues, 0);

	if (rq)
		out = rq->cpu;
	rq = bpf_this_cpu_ptr(&runqueues);
	out += rq->cpu;
	return 0;
}

SEC("raw_tp/sys_enter")
int absent(void *ctx)
{
	if (&cpu_number_of_no_kernel)
		out = *(int *)bpf_this_cpu_ptr(&cpu_number_of_no_kernel);
	return 0;
}

SEC("raw_tp/sys_enter")
int addresses(void *ctx)
{
	out = (u64)&vfs_read;
	if (&nothing_of_this_name)
		out = 1;
	return 0;
}

SEC("tp_btf/task_newtask")
int functions(u64 *ctx)
{
	bpf_rcu_read_lock();
	out++;
	bpf_rcu_read_unlock();
	return 0;
}
