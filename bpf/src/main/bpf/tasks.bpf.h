/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What the scheduler and the memory manager count for each thread anyway: read from time to time by an iterator over all
 * threads, at no cost to anybody's hot path. Of a thread that ends between two readings a record tells the
 * rest. It is made when the kernel frees the thread's structure: only then the counts are final, and by then the
 * iterator does not meet the thread any more, so nothing is told twice.
 */
#ifndef KFR_TASKS_H
#define KFR_TASKS_H

#include "emit.h"
#include "switches.h"

#define PF_KTHREAD 0x200000

/* As in emit.h: keeps the layouts in the object's BTF. */
struct task_ended_record task_vocabulary;

static __always_inline void fill_counts(struct task_counts *counts, struct task_struct *task, bool direct)
{
	counts->task = (u64)task;
	counts->started = READ(task, direct, start_time);
	counts->pid = READ(task, direct, tgid);
	counts->flags = READ(task, direct, flags) & PF_KTHREAD ? TASK_OF_KERNEL : 0;
	if (counts->pid == (u32)READ(task, direct, pid))
		counts->flags |= TASK_LEADS;
	counts->cpu_time = READ(task, direct, se.sum_exec_runtime);
	counts->run_queue_time = bpf_core_field_exists(task->sched_info) ? READ(task, direct, sched_info.run_delay) : 0;
	counts->voluntary_switches = READ(task, direct, nvcsw);
	counts->involuntary_switches = READ(task, direct, nivcsw);
	counts->migrations = READ(task, direct, se.nr_migrations);
	counts->minor_faults = READ(task, direct, min_flt);
	counts->major_faults = READ(task, direct, maj_flt);
}

/* Each CPU has threads of the kernel that run only there: they lead to its run queue, whose address is told nowhere else. */
static __always_inline void note_switches(struct task_struct *task)
{
	struct run_queue_row *row;
	struct rq *queue;
	u32 cpu;

	if (!bpf_core_field_exists(task->se.cfs_rq) || !(task->flags & PF_KTHREAD) || task->nr_cpus_allowed != 1)
		return;
	queue = task->se.cfs_rq->rq;
	cpu = queue->cpu;
	row = bpf_map_lookup_elem(&run_queue_rows, &cpu);
	if (row)
		row->switches = queue->nr_switches;
}

/* It is run for the threads that the agent's pid namespace sees. */
SEC("iter/task")
int tasks_iter(struct bpf_iter__task *context)
{
	struct task_struct *task = context->task;
	struct task_counts counts = {};
	struct switch_slot *slot;

	if (!task)	/* the end */
		return 0;
	note_switches(task);
	if (!in_scope(counting.tasks_scope, task, task->tgid))
		return 0;
	fill_counts(&counts, task, true);
	counts.generation = task->group_leader->start_boottime >> 10;
	if (identity.pid_namespace_level)
		counts.ns_pid = number_in_namespace(task->group_leader);
	slot = find_switch((u64)task, task->pid);
	if (slot)
		counts.run_queue_max = slot->longest;
	/* What does not fit any more is not written, and this runs again for the same thread. */
	if (!bpf_seq_write(context->meta->seq, &counts, sizeof(counts)) && slot)
		slot->longest = 0;
	return 0;
}

/* The generation of the process of a thread that is gone; 0 if its first thread's structure went before and is not what it was. */
static __always_inline u32 last_generation_of(struct task_struct *task, u32 pid)
{
	struct task_struct *leader = BPF_CORE_READ(task, group_leader);

	if ((u32)BPF_CORE_READ(leader, pid) != pid || (u32)BPF_CORE_READ(leader, tgid) != pid)
		return 0;
	return BPF_CORE_READ(leader, start_boottime) >> 10;
}

static __always_inline int on_free(struct task_struct *task)
{
	struct task_ended_record record = {.type = RECORD_TASK_ENDED};
	struct switch_slot *slot;

	if (!counting.tasks || !in_scope(counting.tasks_scope, task, BPF_CORE_READ(task, tgid)))
		return 0;
	fill_counts(&record.counts, task, false);
	record.counts.generation = last_generation_of(task, record.counts.pid);
	slot = find_switch((u64)task, BPF_CORE_READ(task, pid));
	if (slot) {
		record.counts.run_queue_max = slot->longest;
		slot->longest = 0;
	}
	submit_internal(&record, sizeof(record));
	return 0;
}

SEC("tp_btf/sched_process_free")
int task_free_btf(struct arguments *arguments)
{
	return on_free((void *)arguments->word[0]);
}

SEC("raw_tp/sched_process_free")
int task_free_raw(struct arguments *arguments)
{
	return on_free((void *)arguments->word[0]);
}

#endif
