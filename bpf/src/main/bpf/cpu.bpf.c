// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Who waits for a CPU and who leaves it to wait for something else. sched_switch is the second busiest hook of a host, so
 * it does no more than to stamp who leaves and to look at the stamp of who comes; all else is left to
 * what took longer than the threshold. tasks.bpf.h reads what the kernel counts by itself.
 *
 * Variants: _btf reads the kernel's structures directly, _raw through a helper. These hooks run with interrupts off, so no
 * kernel leaves runs of them out, and the classic tracepoints don't hand out the threads' structures.
 */
#include "calls.h"
#include "emit.h"
#include "histogram.h"
#include "interrupt.h"
#include "switches.h"
#include "tasks.bpf.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

/* include/linux/sched.h */
enum task_state {
	TASK_RUNNING = 0,
	TASK_UNINTERRUPTIBLE = 2,
	TASK_STOPPED = 4,
	TASK_TRACED = 8,
	TASK_DEAD = 0x80,
	TASK_WAKING = 0x200,
	TASK_NOLOAD = 0x400,
};

#define PF_IO_WORKER 0x10

/* As in emit.h: keeps the layouts in the object's BTF. */
union {
	struct run_queue_wait_record run_queue_wait;
	struct off_cpu_record off_cpu;
} switch_vocabulary;

static __always_inline u32 state_of(struct task_struct *task, bool direct)
{
	struct task_struct___old *old = (void *)task;

	if (bpf_core_field_exists(old->state))
		return direct ? old->state : BPF_CORE_READ(old, state);
	return READ(task, direct, __state);
}

/* Whether a thread is on a CPU. The field is not of the same size in all kernels. */
static __always_inline bool is_running(struct task_struct *task)
{
	u32 value = 0, size;

	if (!bpf_core_field_exists(task->on_cpu))
		return false;	/* there is one CPU only */
	size = bpf_core_field_size(task->on_cpu);
	if (size > sizeof(value))
		size = sizeof(value);
	bpf_probe_read_kernel(&value, size, (void *)task + bpf_core_field_offset(struct task_struct, on_cpu));
	return value;
}

/* Whether a thread of process `pid` is nothing to an event or counter of this scope, as far as that is seen at a glance. */
static __always_inline bool is_outside(enum scope scope, u32 pid)
{
	return scope == SCOPE_JVM && pid != identity.watched;
}

static __noinline int fill_other_numbers(struct other_thread *other, struct task_struct *task)
{
	other->ns_tid = number_in_namespace(task);
	other->ns_pid = number_in_namespace(BPF_CORE_READ(task, group_leader));
	return 0;
}

static __always_inline void fill_other(struct other_thread *other, struct task_struct *task)
{
	struct task_struct *leader = BPF_CORE_READ(task, group_leader);

	other->pid = BPF_CORE_READ(task, tgid);
	other->tid = BPF_CORE_READ(task, pid);
	if (identity.pid_namespace_level)
		fill_other_numbers(other, task);
	bpf_probe_read_kernel(other->thread_name, COMM_LEN, &task->comm);
	bpf_probe_read_kernel(other->process_name, COMM_LEN, &leader->comm);
}

/* ---- RunQueueWait, and the histogram of all waits ---- */

static __always_inline bool is_queue_watched(void)
{
	return settings[RECORD_RUN_QUEUE_WAIT].enabled || counting.run_queue;
}

static __noinline int report_wait(struct task_struct *task, struct task_struct *previous, u64 start, u64 duration)
{
	struct event_settings *setting = &settings[RECORD_RUN_QUEUE_WAIT];
	struct run_queue_wait_record record = {};
	u32 pid = BPF_CORE_READ(task, tgid);

	if (pid == identity.pid && is_excluded(BPF_CORE_READ(task, pid)))
		return 0;
	if (!in_scope(setting->scope, task, pid) || !admit(SUBJECT_CPU, setting))
		return 0;
	fill_header(&record.header, RECORD_RUN_QUEUE_WAIT, task, 0, start, duration);
	fill_other(&record.ran_instead, previous);
	record.cpu = bpf_get_smp_processor_id();
	submit_event(SUBJECT_CPU, &record, sizeof(record));
	return 0;
}

static __always_inline void count_wait(struct task_struct *task, u32 pid, u64 duration)
{
	u32 cpu = bpf_get_smp_processor_id(), bucket;
	struct run_queue_row *row;

	if (!in_scope(counting.run_queue_scope, task, pid))
		return;
	row = bpf_map_lookup_elem(&run_queue_rows, &cpu);
	if (!row)
		return;
	row->count++;
	row->total_time += duration;
	if (duration > row->max_time)
		row->max_time = duration;
	bucket = bucket_of(duration);
	barrier_var(bucket);
	if (bucket < HISTOGRAM_BUCKETS)
		row->histogram[bucket]++;
}

static __always_inline void switch_in(struct task_struct *task, struct task_struct *previous, u64 now, bool direct)
{
	struct event_settings *setting = &settings[RECORD_RUN_QUEUE_WAIT];
	u32 tid = READ(task, direct, pid), pid = READ(task, direct, tgid);
	struct switch_slot *slot;
	u64 queued, duration;

	if (!tid || is_outside(counting.widest_scope, pid))
		return;
	slot = find_switch((u64)task, tid);
	if (!slot || !slot->queued)
		return;
	queued = slot->queued;
	slot->queued = 0;
	duration = now > queued ? now - queued : 0;	/* clocks of CPUs may differ by some ns */
	if (duration > slot->longest)
		slot->longest = duration;
	if (counting.run_queue)
		count_wait(task, pid, duration);
	if (setting->enabled && duration >= setting->threshold)
		report_wait(task, previous, queued, duration);
}

/*
 * Also called for a thread that runs, or that has been waiting for a CPU since it was preempted: it need not be blocked, only about
 * to be. What is blocked has left its CPU for good by then.
 */
static __always_inline int on_wakeup(struct task_struct *task, bool direct)
{
	u32 tid = READ(task, direct, pid);
	struct switch_slot *slot;

	if (!tid || !is_queue_watched() || is_outside(counting.widest_scope, READ(task, direct, tgid)))
		return 0;
	if (is_running(task))
		return 0;
	slot = claim_switch((u64)task, tid);
	if (slot && !slot->queued)
		slot->queued = bpf_ktime_get_ns();
	return 0;
}

/* ---- OffCpu ---- */

#define S_IFMT 0170000
#define S_IFDIR 0040000
#define S_IFBLK 0060000
#define S_IFREG 0100000

/* Whether a descriptor stands for something that input has to come to: a pipe, a socket, a terminal. */
static __always_inline bool has_input_to_wait_for(struct task_struct *task, u32 descriptor)
{
	struct fdtable *table = BPF_CORE_READ(task, files, fdt);
	struct file **files = BPF_CORE_READ(table, fd), *file = NULL;
	u32 kind;

	if (descriptor >= BPF_CORE_READ(table, max_fds))
		return false;
	bpf_probe_read_kernel(&file, sizeof(file), files + descriptor);
	kind = BPF_CORE_READ(file, f_inode, i_mode) & S_IFMT;
	return kind != S_IFREG && kind != S_IFDIR && kind != S_IFBLK;
}

/* The registers with which a thread came into the kernel. */
static __always_inline struct pt_regs *registers_of(struct task_struct *task, bool direct)
{
	if (direct && HAS_HELPER(task_pt_regs))
		return (void *)bpf_task_pt_regs(task);
	return BPF_CORE_READ(task, stack) + KERNEL_STACK_BYTES - bpf_core_type_size(struct pt_regs);
}

/* The call that a thread is in; -1: none, as for a page fault. */
static __always_inline s32 call_of(struct task_struct *task, struct pt_regs *regs)
{
	s64 id = (s32)number_in(regs, false);
#if defined(__TARGET_ARCH_x86)
	bool compat = BPF_CORE_READ(task, thread_info.status) & TS_COMPAT;
#else
	bool compat = BPF_CORE_READ(regs, pstate) & PSR_MODE32_BIT;
#endif

	if (id < 0)
		return -1;
	if (compat || id & X32_CALL)
		return SYSCALL_COMPAT;
	return id >= SYSCALL_INVALID ? SYSCALL_INVALID : id;
}

/* Whether it is a thread's purpose to wait like this: in a call that waits, or as a worker of the kernel that has no work. */
static __always_inline bool waits_by_design(struct task_struct *task, u32 state, s32 call, struct pt_regs *regs)
{
	u32 index = call;

	if (state & TASK_UNINTERRUPTIBLE && !(state & TASK_NOLOAD))
		return false;
	if (BPF_CORE_READ(task, flags) & (PF_KTHREAD | PF_IO_WORKER))
		return true;
	if (call < 0 || state & (TASK_STOPPED | TASK_TRACED))
		return false;
	if (call == NR_read || call == NR_readv)
		return has_input_to_wait_for(task, argument_in(regs, 0));
	barrier_var(index);
	return syscall_class[index & (SYSCALL_IDS - 1)] & CALL_WAITS;
}

/*
 * How far behind a CPU's run queue x86-64 has the depth of its interrupts, or from 6.2 to 6.14 the struct that holds it, in bytes;
 * 0: not known. All of them are variables of each CPU; many kernels don't tell the addresses of variables,
 * but all except 5.10 tell how far these are apart. Set before load.
 */
const volatile s64 preempt_count_offset;

/* Who wakes a thread: whatever runs now, unless that was interrupted. */
static __always_inline enum waker who_wakes(struct task_struct *current)
{
	u32 count = 0;

	if (!BPF_CORE_READ(current, pid))
		return WAKER_INTERRUPT;	/* the idle thread does nothing by itself */
#if defined(__TARGET_ARCH_x86)
	s64 offset = preempt_count_offset;

	if (!offset || !bpf_core_field_exists(current->se.cfs_rq))
		return WAKER_UNKNOWN;
	if (bpf_core_type_exists(struct pcpu_hot))
		offset += bpf_core_field_offset(struct pcpu_hot, preempt_count);
	if (bpf_probe_read_kernel(&count, sizeof(count), (void *)BPF_CORE_READ(current, se.cfs_rq, rq) + offset))
		return WAKER_UNKNOWN;
#else
	count = BPF_CORE_READ(current, thread_info.preempt.count);
#endif
	return count & interrupt_bits ? WAKER_INTERRUPT : WAKER_THREAD;
}

static __noinline int report_off_cpu(struct task_struct *task, struct pt_regs *regs, u64 start, u64 duration)
{
	struct event_settings *setting = &settings[RECORD_OFF_CPU];
	struct task_struct *current = current_task();
	struct off_cpu_record record = {};
	u32 pid = BPF_CORE_READ(task, tgid), state = state_of(task, false);

	if (pid == identity.pid && is_excluded(BPF_CORE_READ(task, pid)))
		return 0;
	record.syscall = BPF_CORE_READ(task, flags) & PF_KTHREAD ? -1 : call_of(task, regs);
	if (!(setting->option & 1) && waits_by_design(task, state, record.syscall, regs))
		return 0;
	if (!in_scope(setting->scope, task, pid) || !admit(SUBJECT_CPU, setting))
		return 0;
	fill_header(&record.header, RECORD_OFF_CPU, task, 0, start, duration);
	record.state = state & (TASK_STOPPED | TASK_TRACED) ? OFF_CPU_STOPPED
		       : state & TASK_UNINTERRUPTIBLE	    ? OFF_CPU_UNINTERRUPTIBLE
							    : OFF_CPU_INTERRUPTIBLE;
	record.waker = who_wakes(current);
	if (record.waker == WAKER_THREAD)
		fill_other(&record.woken_by, current);
	submit_event(SUBJECT_CPU, &record, sizeof(record));
	return 0;
}

/* In the context of whoever wakes the thread, and with the thread still in the state that it waits in. */
static __always_inline int on_waking(struct task_struct *task, bool direct)
{
	struct event_settings *setting = &settings[RECORD_OFF_CPU];
	struct switch_slot *slot;
	u64 blocked, duration;

	if (!setting->enabled || is_outside(setting->scope, READ(task, direct, tgid)))
		return 0;
	slot = find_switch((u64)task, READ(task, direct, pid));
	if (!slot || !slot->blocked)
		return 0;
	blocked = slot->blocked;
	slot->blocked = 0;
	/* It still runs, and is only about to wait: then the stamp is one that the last wake-up came too early for. */
	if (is_running(task))
		return 0;
	duration = bpf_ktime_get_ns() - blocked;
	if ((s64)duration >= 0 && duration >= setting->threshold)
		report_off_cpu(task, registers_of(task, direct), blocked, duration);
	return 0;
}

/* ---- sched_switch ---- */

/*
 * `state` is 0 for a thread that was going to wait but was sent a signal, and TASK_WAKING for one that is being woken already, so it is
 * told from the thread and not from the argument that some kernels have for it: that says neither.
 */
static __always_inline void switch_out(struct task_struct *task, bool preempted, u64 now, bool direct)
{
	struct event_settings *setting = &settings[RECORD_OFF_CPU];
	u32 tid = READ(task, direct, pid), pid = READ(task, direct, tgid), state = state_of(task, direct);
	bool queued = preempted || state == TASK_RUNNING;
	struct switch_slot *slot;

	if (!tid || is_outside(counting.widest_scope, pid))
		return;
	if (!queued && (!setting->enabled || state & (TASK_DEAD | TASK_WAKING) || is_outside(setting->scope, pid)))
		return;
	slot = claim_switch((u64)task, tid);
	if (!slot)
		return;
	slot->queued = queued && is_queue_watched() ? now : 0;
	slot->blocked = queued ? 0 : now;
}

static __always_inline int on_switch(bool preempted, struct task_struct *previous, struct task_struct *next, bool direct)
{
	u64 now = bpf_ktime_get_ns();

	switch_out(previous, preempted, now, direct);
	if (is_queue_watched())
		switch_in(next, previous, now, direct);
	return 0;
}

SEC("tp_btf/sched_switch")
int sched_switch_btf(struct arguments *arguments)
{
	return on_switch(arguments->word[0], (void *)arguments->word[1], (void *)arguments->word[2], true);
}

SEC("raw_tp/sched_switch")
int sched_switch_raw(struct arguments *arguments)
{
	return on_switch(arguments->word[0], (void *)arguments->word[1], (void *)arguments->word[2], false);
}

SEC("tp_btf/sched_wakeup")
int sched_wakeup_btf(struct arguments *arguments)
{
	return on_wakeup((void *)arguments->word[0], true);
}

SEC("raw_tp/sched_wakeup")
int sched_wakeup_raw(struct arguments *arguments)
{
	return on_wakeup((void *)arguments->word[0], false);
}

SEC("tp_btf/sched_wakeup_new")
int sched_wakeup_new_btf(struct arguments *arguments)
{
	return on_wakeup((void *)arguments->word[0], true);
}

SEC("raw_tp/sched_wakeup_new")
int sched_wakeup_new_raw(struct arguments *arguments)
{
	return on_wakeup((void *)arguments->word[0], false);
}

SEC("tp_btf/sched_waking")
int sched_waking_btf(struct arguments *arguments)
{
	return on_waking((void *)arguments->word[0], true);
}

SEC("raw_tp/sched_waking")
int sched_waking_raw(struct arguments *arguments)
{
	return on_waking((void *)arguments->word[0], false);
}
