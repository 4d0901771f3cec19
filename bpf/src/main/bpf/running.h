/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The current task, for programs that run for each system call of the host: one call of a helper costs more than all else that is
 * done for a call that is only counted. The scheduler's run queue of each CPU, which stays where it is, knows the
 * task; newer kernels tell the number of the CPU without a call.
 */
#ifndef KFR_RUNNING_H
#define KFR_RUNNING_H

#include "kernel.h"

#define KNOWN_CPUS 1024

/* Where the run queues are, by CPU; 0: not known yet. */
u64 run_queues[KNOWN_CPUS];

/* Finds the run queue of this CPU by way of the task, and takes it only if it looks as it must. */
static __noinline int find_run_queue(u32 cpu)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct rq *queue = FIELD(task, se.cfs_rq, rq);

	if (cpu < KNOWN_CPUS && FIELD(queue, cpu) == cpu && FIELD(queue, curr) == task)
		run_queues[cpu] = (u64)queue;
	return 0;
}

/* Not for programs on sched_switch: the run queue knows the next task already. */
static __always_inline struct task_struct *running_task(void)
{
	struct sched_entity *entity = NULL;
	struct task_struct *task;
	struct rq *queue;
	u32 cpu;

	if (HAS_CAST && bpf_core_field_exists(entity->cfs_rq)) {
		cpu = bpf_get_smp_processor_id();
		queue = cpu < KNOWN_CPUS ? (void *)run_queues[cpu] : NULL;
		task = queue ? TYPED(queue)->curr : NULL;
		if (!task) {
			find_run_queue(cpu);
			task = bpf_get_current_task_btf();
		}
		return TYPED(task);	/* one type for both, however far the verifier trusts each */
	}
	return HAS_HELPER(get_current_task_btf) ? bpf_get_current_task_btf() : current_task();
}

#endif
