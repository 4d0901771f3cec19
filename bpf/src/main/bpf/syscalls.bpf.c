// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * System calls of the whole host: counted per process and call, and reported one by one where they took long or failed.
 * These two hooks are the busiest that there are, so all that looks at system calls is a part of them:
 * files.bpf.h and network.bpf.h. sys_enter only takes the time; without it calls are counted, but have no duration.
 *
 * Three variants of each program, for three ways to attach it: _btf reads the kernel's structures
 * directly, _raw through a helper, _classic is for kernels that skip runs of the other two.
 */
#include "calls.h"
#include "emit.h"
#include "histogram.h"
#include "path.h"
#include "table.h"
#include "thread.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

/* Which errors are reported, a bit for each errno. */
u64 error_filter[(MAX_ERRNO + 1) / 64] __attribute__((aligned(64)));

/* The call that has just ended, for the functions that look at it closer. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct call);
} ended_call SEC(".maps");

static __always_inline struct call *call_of_this_cpu(void)
{
	u32 zero = 0;

	return bpf_map_lookup_elem(&ended_call, &zero);
}

/* Fills in the header of the record in the scratch: for the call, and the current thread. */
__attribute__((noinline)) int fill_call_header(u32 type)
{
	struct scratch *s = scratch_of_this_cpu();
	struct call *call = call_of_this_cpu();

	if (s && call)
		fill_header(&s->syscall.header, type, running_task(), call->generation, start_of(call), call->duration);
	return 0;
}

#include "files.bpf.h"
#include "network.bpf.h"

/* What is asked first, on both ends of each call of the host: one comparison where the scope is the host. */
static __always_inline bool is_left_out(u64 owner)
{
	u32 pid = owner >> 32;

	if (pid == identity.pid && is_excluded(owner))
		return true;
	return counting.widest_scope == SCOPE_JVM && pid != identity.watched;
}

static __always_inline int enter(u64 owner, u64 id)
{
	struct thread_slot *slot;

	if (is_left_out(owner))
		return 0;
	slot = slot_of(owner);
	if (!slot)
		return 0;
	slot->id = id;
	slot->start = bpf_ktime_get_ns();
	return 0;
}

static __always_inline void count_call(struct call *call)
{
	struct syscall_row *row = syscall_row_of(call->pid, call->id, call->generation);
	u32 bucket;

	if (!row)
		return;
	row->count++;
	if (is_error(call->result))
		row->errors++;
	if (!call->start)
		return;
	row->total_time += call->duration;
	if (call->duration > row->max_time)
		row->max_time = call->duration;
	bucket = bucket_of(call->duration);
	barrier_var(bucket);
	if (bucket < HISTOGRAM_BUCKETS)
		row->histogram[bucket]++;
}

/* Calls that wait by design are reported only if asked for; so is a read of what is no file: a pipe, a socket, a terminal. */
static __always_inline bool may_be_slow(struct call *call)
{
	if (settings[RECORD_SYSCALL].option & 1)
		return true;
	return !(call->class & CALL_WAITS) && !waits_for_input(call);
}

__attribute__((noinline)) int report_call(u32 type)
{
	struct event_settings *setting = &settings[type & (RECORD_TYPES - 1)];
	struct scratch *s = scratch_of_this_cpu();
	struct task_struct *task = running_task();
	struct call *call = call_of_this_cpu();
	struct syscall_record *record;

	if (!s || !call)
		return 0;
	if (type == RECORD_SYSCALL && !may_be_slow(call))
		return 0;
	if (!in_scope(setting->scope, task, call->pid) || !admit(SUBJECT_SYSCALLS, setting))
		return 0;
	record = &s->syscall;
	fill_call_header(type);
	record->result = call->result;
	for (int i = 0; i < 6; i++)
		record->arguments[i] = argument_in(call->regs, i);
	record->id = call->id;
	record->compat = call->id == SYSCALL_COMPAT;
	submit_event(SUBJECT_SYSCALLS, record, sizeof(*record));
	return 0;
}

static __always_inline bool is_slow(struct call *call)
{
	struct event_settings *setting = &settings[RECORD_SYSCALL];

	return setting->enabled && call->start && call->duration >= setting->threshold;
}

static __always_inline bool is_reported_error(struct call *call)
{
	struct event_settings *setting = &settings[RECORD_SYSCALL_ERROR];
	u32 error = -call->result;

	if (!setting->enabled || !is_error(call->result) || call->duration < setting->threshold)
		return false;
	barrier_var(error);	/* as in bucket_of */
	return error_filter[error >> 6 & 63] >> (error & 63) & 1;
}

/* Number and class of the call; its number may be lost at its end. */
static __always_inline void classify(struct call *call, s64 id, struct thread_slot *slot, bool compat)
{
	/* Returning from a signal handler restores the registers of another moment: neither number nor result is its own. */
	bool from_signal = id < 0 && (!call->start || slot->id == NR_rt_sigreturn);
	u32 index;

	if (from_signal) {
		id = NR_rt_sigreturn;
		call->result = 0;
	}
	if (compat || (id > 0 && id & X32_CALL))
		call->id = SYSCALL_COMPAT;
	else if ((u64)id >= SYSCALL_INVALID)
		call->id = SYSCALL_INVALID;
	else
		call->id = id;
	index = call->id;
	barrier_var(index);	/* as in bucket_of */
	call->class = syscall_class[index & (SYSCALL_IDS - 1)];
}

/* `regs` is NULL where the program is not given them, `direct` tells that they can be read without a helper. */
static __always_inline int leave(struct pt_regs *regs, s64 id, s64 result, bool direct)
{
	struct caller caller = find_caller(regs, direct);
	struct call call, *handed_over;
	bool slow, failed, on_file, on_network;
	struct thread_slot *slot;

	if (is_left_out(caller.owner))
		return 0;
	slot = slot_of(caller.owner);
	if (!slot)
		return 0;
	call.regs = regs;
	call.result = result;
	call.pid = caller.owner >> 32;
	call.generation = slot->generation;
	call.file = NULL;
	call.start = slot->start;
	call.duration = 0;
	if (call.start) {
		call.duration = bpf_ktime_get_ns() - call.start;
		slot->start = 0;
	}
	classify(&call, id, slot, caller.is_compat);
	if (counting.syscalls && is_slot_in_scope(slot, counting.syscalls_scope, call.pid))
		count_call(&call);

	slow = is_slow(&call);
	failed = is_reported_error(&call);
	on_file = is_for_files(&call);
	on_network = is_for_network(&call);
	if (!slow && !failed && !on_file && !on_network)
		return 0;
	handed_over = call_of_this_cpu();
	if (!handed_over)
		return 0;
	*handed_over = call;
	if (!regs)
		handed_over->regs = find_registers();
	if (slow)
		report_call(RECORD_SYSCALL);
	if (failed)
		report_call(RECORD_SYSCALL_ERROR);
	if (on_file)
		look_at_file_call(&call);
	if (on_network)
		look_at_network_call(&call);
	return 0;
}

SEC("tp_btf/sys_enter")
int sys_enter_btf(struct arguments *arguments)
{
	return enter(find_owner(), arguments->word[1]);
}

SEC("raw_tp/sys_enter")
int sys_enter_raw(struct arguments *arguments)
{
	return enter(find_owner(), arguments->word[1]);
}

SEC("tracepoint/raw_syscalls/sys_enter")
int sys_enter_classic(struct trace_event_raw_sys_enter *event)
{
	return enter(find_owner(), event->id);
}

SEC("tp_btf/sys_exit")
int sys_exit_btf(struct arguments *arguments)
{
	struct pt_regs *regs = (void *)arguments->word[0];

	return leave(regs, number_in(regs, true), arguments->word[1], true);
}

SEC("raw_tp/sys_exit")
int sys_exit_raw(struct arguments *arguments)
{
	struct pt_regs *regs = (void *)arguments->word[0];

	return leave(regs, number_in(regs, false), arguments->word[1], false);
}

SEC("tracepoint/raw_syscalls/sys_exit")
int sys_exit_classic(struct trace_event_raw_sys_exit *event)
{
	return leave(NULL, event->id, event->ret, false);
}
