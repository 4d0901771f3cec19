// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The life of processes: fork (counted only), exec, exit, and the signals that they get. All rare, compared
 * with system calls; the end of a thread also clears what thread.h remembers of it. And those that are killed for their memory:
 * kills.bpf.h.
 *
 * Variants: _btf and _raw are the same program attached in two ways, _classic is for kernels that skip runs of these.
 */
#include "emit.h"
#include "ended.h"
#include "path.h"
#include "pid.h"
#include "thread.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

#define CLONE_THREAD 0x10000
#define PF_KTHREAD 0x200000
#define SIGNAL_GROUP_EXIT 4	/* include/linux/sched/signal.h */

/* Set before load: the kernel counts resident memory in pages. */
const volatile u32 page_bytes = 4096;

#include "kills.bpf.h"

/* ---- fork: a new process, not a new thread ---- */

static __always_inline int on_fork(u64 clone_flags)
{
	struct task_struct *parent = current_task();

	if (clone_flags & CLONE_THREAD || !counting.processes || !in_scope(counting.processes_scope, parent, BPF_CORE_READ(parent, tgid)))
		return 0;
	COUNT(counters_of_this_cpu(), forks);
	return 0;
}

/* task_newtask and not sched_process_fork: it alone tells threads from processes in its classic form too. */
SEC("tp_btf/task_newtask")
int process_fork_btf(struct arguments *arguments)
{
	return on_fork(arguments->word[1]);
}

SEC("raw_tp/task_newtask")
int process_fork_raw(struct arguments *arguments)
{
	return on_fork(arguments->word[1]);
}

SEC("tracepoint/task/task_newtask")
int process_fork_classic(struct trace_event_raw_task_newtask *event)
{
	return on_fork(BPF_CORE_READ(event, clone_flags));
}

/* ---- exec ---- */

/* The arguments as the new program has them on its stack, one NUL behind each. */
static __always_inline void append_arguments(struct scratch *s, struct mm_struct *memory)
{
	u64 begin = BPF_CORE_READ(memory, arg_start), end = BPF_CORE_READ(memory, arg_end);
	u32 position = s->position;
	u64 length = end > begin ? end - begin : 0;

	if (length > PATH_MAX_BYTES) {
		s->start.arguments_cut = 1;
		length = PATH_MAX_BYTES;
	}
	if (!length || position >= sizeof(s->bytes) - PATH_MAX_BYTES ||
	    bpf_probe_read_user(s->bytes + position, length, (void *)begin))
		return;
	s->start.arguments_length = length;
	s->position = position + length;
}

static __noinline int report_start(struct task_struct *task)
{
	struct scratch *s = scratch_of_this_cpu();
	struct task_struct *parent = BPF_CORE_READ(task, real_parent);
	struct mm_struct *memory = BPF_CORE_READ(task, mm);
	struct process_start_record *record;
	struct file *executable = BPF_CORE_READ(memory, exe_file);

	if (!s)
		return 0;
	record = &s->start;
	fill_header(&record->header, RECORD_PROCESS_START, task, 0, bpf_ktime_get_ns(), 0);
	record->parent_pid = BPF_CORE_READ(parent, tgid);
	record->parent_ns_pid = identity.pid_namespace_level ? number_in_namespace(BPF_CORE_READ(parent, group_leader)) : 0;
	record->arguments_length = record->arguments_cut = 0;
	begin_strings(s, sizeof(*record));
	record->path_length = append_path(s, &executable->f_path);
	record->path_flags = s->flags;
	if (settings[RECORD_PROCESS_START].option & 1)
		append_arguments(s, memory);
	submit_event(SUBJECT_PROCESSES, s->bytes, record_size(s));
	return 0;
}

static __always_inline int on_exec(u32 previous)
{
	struct event_settings *setting = &settings[RECORD_PROCESS_START];
	struct task_struct *task = current_task();
	u64 owner = bpf_get_current_pid_tgid();

	if (previous != (u32)owner)
		move_slot((owner >> 32) << 32 | previous, owner);
	if (counting.processes && in_scope(counting.processes_scope, task, owner >> 32))
		COUNT(counters_of_this_cpu(), execs);
	if (setting->enabled && in_scope(setting->scope, task, owner >> 32) && admit(SUBJECT_PROCESSES, setting))
		report_start(task);
	return 0;
}

SEC("tp_btf/sched_process_exec")
int process_exec_btf(struct arguments *arguments)
{
	return on_exec(arguments->word[1]);
}

SEC("raw_tp/sched_process_exec")
int process_exec_raw(struct arguments *arguments)
{
	return on_exec(arguments->word[1]);
}

SEC("tracepoint/sched/sched_process_exec")
int process_exec_classic(struct trace_event_raw_sched_process_exec *event)
{
	return on_exec(BPF_CORE_READ(event, old_pid));
}

/* ---- exit ---- */

#define THREADS_SUMMED 256

/* Of threads that are gone already the kernel has the sum; the first and the few that are just going are still in its list. */
static __noinline u64 cpu_time_of(struct signal_struct *signal)
{
	u64 sum = BPF_CORE_READ(signal, sum_sched_runtime);
	struct list_head *node = BPF_CORE_READ(signal, thread_head.next);

	for (int i = 0; i < THREADS_SUMMED && node && node != &signal->thread_head; i++) {
		struct task_struct *task = (void *)node - bpf_core_field_offset(struct task_struct, thread_node);

		sum += BPF_CORE_READ(task, se.sum_exec_runtime);
		node = BPF_CORE_READ(node, next);
	}
	return sum;
}

static __always_inline void fill_exit(struct process_exit_record *record, struct task_struct *task, enum record_type type)
{
	struct signal_struct *signal = BPF_CORE_READ(task, signal);
	struct task_struct *leader = BPF_CORE_READ(task, group_leader);
	struct task_struct *parent = BPF_CORE_READ(task, real_parent);
	u64 now = bpf_ktime_get_ns();

	fill_header(&record->header, type, task, 0, now, 0);
	record->lifetime = now - BPF_CORE_READ(leader, start_time);
	record->cpu_time = cpu_time_of(signal);
	record->max_resident = BPF_CORE_READ(signal, maxrss) * page_bytes;
	record->exit_code = BPF_CORE_READ(signal, flags) & SIGNAL_GROUP_EXIT ? BPF_CORE_READ(signal, group_exit_code)
									    : BPF_CORE_READ(leader, exit_code);
	record->parent_pid = BPF_CORE_READ(parent, tgid);
	record->parent_ns_pid = identity.pid_namespace_level ? number_in_namespace(BPF_CORE_READ(parent, group_leader)) : 0;
}

static __noinline int report_exit(struct task_struct *task, u32 pid)
{
	struct event_settings *setting = &settings[RECORD_PROCESS_EXIT];
	struct process_exit_record record = {};
	bool is_event = setting->enabled && !(BPF_CORE_READ(task, flags) & PF_KTHREAD) && in_scope(setting->scope, task, pid) &&
			admit(SUBJECT_PROCESSES, setting);

	if (is_event) {
		fill_exit(&record, task, RECORD_PROCESS_EXIT);
		submit_event(SUBJECT_PROCESSES, &record, sizeof(record));
	} else if (counting.ends && in_scope(counting.ends_scope, task, pid)) {
		fill_exit(&record, task, RECORD_PROCESS_ENDED);
		submit_internal(&record, sizeof(record));
	}
	return 0;
}

static __always_inline int on_exit(void)
{
	struct task_struct *task = current_task();
	u64 owner = bpf_get_current_pid_tgid(), process;
	u32 pid = owner >> 32;

	clear_slot(owner);
	if (BPF_CORE_READ(task, signal, live.counter))
		return 0;
	process = (u64)pid << 32 | generation_of(task);
	if (!note_end(process))
		return 0;
	if (counting.processes && in_scope(counting.processes_scope, task, pid))
		COUNT(counters_of_this_cpu(), exits);
	return report_exit(task, pid);
}

SEC("tp_btf/sched_process_exit")
int process_exit_btf(struct arguments *arguments)
{
	return on_exit();
}

SEC("raw_tp/sched_process_exit")
int process_exit_raw(struct arguments *arguments)
{
	return on_exit();
}

SEC("tracepoint/sched/sched_process_exit")
int process_exit_classic(void *event)
{
	return on_exit();
}

/* ---- signals ---- */

enum signal_number {
	SIGHUP = 1,
	SIGINT = 2,
	SIGILL = 4,
	SIGTRAP = 5,
	SIGBUS = 7,
	SIGFPE = 8,
	SIGSEGV = 11,
	SIGALRM = 14,
	SIGTERM = 15,
	SIGCHLD = 17,
	SIGVTALRM = 26,
	SIGPROF = 27,
	SIGSYS = 31,
};

#define ONE_OF(signal, set) ((u32)(signal) < 32 && ((set) >> (signal)&1))
/* Not SIGQUIT, which has a Java virtual machine print its threads or listen for tools; SIGKILL leaves nobody to tell. */
#define ENDING (1U << SIGHUP | 1U << SIGINT | 1U << SIGTERM)
#define FAULTS (1U << SIGILL | 1U << SIGTRAP | 1U << SIGBUS | 1U << SIGFPE | 1U << SIGSEGV | 1U << SIGSYS)
#define TIMERS (1U << SIGALRM | 1U << SIGVTALRM | 1U << SIGPROF)

enum signal_code {
	SI_TIMER = -2,
	SI_MESGQ = -3,
	SI_ASYNCIO = -4,
	SI_SIGIO = -5,
	SI_TKILL = -6,
	SI_USER = 0,
	SI_QUEUE = -1,
	SI_KERNEL = 0x80,
};

/* The two values below valid addresses that the kernel passes for "a process, nothing to tell" and "the kernel itself". */
#define NO_INFO 0
#define KERNEL_INFO 1

static __always_inline s32 code_of(u64 info)
{
	if (info == NO_INFO)
		return SI_USER;
	if (info == KERNEL_INFO)
		return SI_KERNEL;
	return BPF_CORE_READ((struct kernel_siginfo *)info, si_code);
}

static __always_inline enum signal_origin origin_of(s32 signal, s32 code)
{
	if (code == SI_TIMER || (code == SI_KERNEL && ONE_OF(signal, TIMERS)))
		return ORIGIN_TIMER;
	if (code == SI_USER || code == SI_QUEUE || code == SI_TKILL || code == SI_MESGQ)
		return ORIGIN_PROCESS;
	return ORIGIN_KERNEL;
}

/* Who is told to have caused it: the sender if there is one; an interrupt's current task has nothing to do with it. */
static __always_inline void fill_signal(struct signal_record *record, enum record_type type, struct task_struct *target)
{
	struct task_struct *leader = BPF_CORE_READ(target, group_leader);
	struct task_struct *cause = record->origin == ORIGIN_PROCESS ? current_task() : target;

	fill_header(&record->header, type, cause, 0, bpf_ktime_get_ns(), 0);
	record->target_pid = BPF_CORE_READ(target, tgid);
	record->target_ns_pid = identity.pid_namespace_level ? number_in_namespace(leader) : 0;
	bpf_probe_read_kernel(record->target_name, COMM_LEN, &leader->comm);
}

static __always_inline int on_signal(struct arguments *arguments)
{
	struct event_settings *setting = &settings[RECORD_SIGNAL];
	struct signal_record record = {};
	struct task_struct *target = (void *)arguments->word[2], *task = current_task();
	s32 signal = arguments->word[0];
	u32 sender = bpf_get_current_pid_tgid() >> 32, pid = BPF_CORE_READ(target, tgid);

	if (signal == SIGCHLD)
		return 0;
	record.signal = signal;
	record.code = code_of(arguments->word[1]);
	record.origin = origin_of(signal, record.code);
	record.result = arguments->word[4];
	if (sender == pid && record.origin == ORIGIN_PROCESS)
		return 0;
	/* What a process did to itself, such as a null check of a virtual machine. */
	if (sender == pid && record.origin == ORIGIN_KERNEL && ONE_OF(signal, FAULTS))
		return 0;
	if (counting.own_signals && pid == identity.pid && ONE_OF(signal, ENDING)) {
		fill_signal(&record, RECORD_OWN_SIGNAL, target);
		submit_internal(&record, sizeof(record));
	}
	if (!setting->enabled)
		return 0;
	/* Sent by a process of the scope, or to one. */
	if (!in_scope(setting->scope, target, pid) &&
	    !(record.origin == ORIGIN_PROCESS && in_scope(setting->scope, task, sender)))
		return 0;
	if (!admit(SUBJECT_PROCESSES, setting))
		return 0;
	fill_signal(&record, RECORD_SIGNAL, target);
	submit_event(SUBJECT_PROCESSES, &record, sizeof(record));
	return 0;
}

SEC("tp_btf/signal_generate")
int signal_btf(struct arguments *arguments)
{
	return on_signal(arguments);
}

SEC("raw_tp/signal_generate")
int signal_raw(struct arguments *arguments)
{
	return on_signal(arguments);
}

/* ---- who the agent is ---- */

struct cgroup_path own_cgroup;

/* Attached nowhere: the agent has it run (BPF_PROG_TEST_RUN), and it answers about the process that does. */
SEC("raw_tp/sys_enter")
int identify(struct arguments *arguments)
{
	struct task_struct *task = current_task();
	struct pid *pid = BPF_CORE_READ(task, thread_pid);
	struct cgroup *group = cgroup_of(task);
	u32 level = BPF_CORE_READ(pid, level);
	struct upid *number = (void *)&pid->numbers + (level & 31) * bpf_core_type_size(struct upid);

	identity.pid = bpf_get_current_pid_tgid() >> 32;
	identity.watched = identity.pid;
	identity.generation = generation_of(task);
	identity.pid_namespace_level = level;
	identity.pid_namespace_inode = BPF_CORE_READ(number, ns, ns.inum);
	identity.cgroup = BPF_CORE_READ(group, kn, id);
	identity.cgroup_level = BPF_CORE_READ(group, level);
	fill_cgroup_path(&own_cgroup, BPF_CORE_READ(group, kn));
	return 0;
}

/* A process in the container that is to be watched, of the initial pid namespace, and the level of the container's cgroup. */
u32 container_pid, container_level;

/* Attached nowhere, like identify. Returns 0 if SCOPE_CONTAINER now means the container, 1 if there is no such process. */
SEC("raw_tp")
int watch_container(struct arguments *arguments)
{
	struct task_struct *task = task_of_number(container_pid);
	u64 cgroup = task ? cgroup_on_level(task, container_level) : 0;

	if (!cgroup)
		return 1;
	identity.cgroup = cgroup;
	identity.cgroup_level = container_level;
	return 0;
}

/*
 * Threads of the agent's process: user space writes their numbers of its own pid namespace, the program below replaces
 * them by those of the initial one, 0 where there is no such thread.
 */
u32 thread_numbers[EXCLUDED_THREADS];

/* Attached nowhere, like identify, and for the same reason. */
SEC("raw_tp")
int number_threads(struct arguments *arguments)
{
	struct pid *own = BPF_CORE_READ(current_task(), thread_pid);
	u32 level = BPF_CORE_READ(own, level) & 31;
	struct upid *number = (void *)&own->numbers + level * bpf_core_type_size(struct upid);
	struct pid_namespace *namespace = BPF_CORE_READ(number, ns);

	for (int i = 0; i < EXCLUDED_THREADS; i++) {
		struct pid *pid = pid_of_number(namespace, thread_numbers[i]);

		number = (void *)&pid->numbers + level * bpf_core_type_size(struct upid);
		if (BPF_CORE_READ(number, nr) != thread_numbers[i])
			thread_numbers[i] = 0;
		else
			thread_numbers[i] = BPF_CORE_READ(pid, numbers[0].nr);
	}
	return 0;
}
