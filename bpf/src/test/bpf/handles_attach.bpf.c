/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* One program of each kind; each counts its runs for the thread and the system call that Java names. */
#include <linux/bpf.h>
#include <linux/types.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

const volatile unsigned int caller;	/* tid */
const volatile unsigned int trigger;	/* number of the system call */

unsigned long all_runs;			/* of on_raw_tracepoint, for anybody's calls */
unsigned long raw_tracepoint_runs;
unsigned long btf_tracepoint_runs;
unsigned long tracepoint_runs;
unsigned long perf_event_runs;
unsigned long fentry_runs;
unsigned long fexit_runs;
unsigned long kprobe_runs;
unsigned long kretprobe_runs;

static __always_inline int by_caller(void)
{
	return (unsigned int)bpf_get_current_pid_tgid() == caller;
}

SEC("raw_tp/sys_enter")
int on_raw_tracepoint(struct bpf_raw_tracepoint_args *ctx)
{
	__sync_fetch_and_add(&all_runs, 1);
	if (by_caller() && ctx->args[1] == trigger)
		raw_tracepoint_runs++;
	return 0;
}

SEC("tp_btf/sys_enter")
int on_btf_tracepoint(unsigned long long *ctx)
{
	if (by_caller() && ctx[1] == trigger)
		btf_tracepoint_runs++;
	return 0;
}

struct sys_enter_record {
	unsigned long common;
	long id;
	unsigned long args[6];
};

SEC("tracepoint/raw_syscalls/sys_enter")
int on_tracepoint(struct sys_enter_record *record)
{
	if (by_caller() && record->id == trigger)
		tracepoint_runs++;
	return 0;
}

SEC("tracepoint/raw_syscalls/no_such_tracepoint")
int on_missing_tracepoint(void *ctx)
{
	return 0;
}

SEC("raw_tp/no_such_tracepoint")
int on_missing_raw_tracepoint(void *ctx)
{
	return 0;
}

SEC("perf_event")
int on_perf_event(void *ctx)
{
	__sync_fetch_and_add(&perf_event_runs, 1);
	return 0;
}

SEC("fentry/ksys_read")
int on_entry(void *ctx)
{
	if (by_caller())
		fentry_runs++;
	return 0;
}

SEC("fexit/ksys_read")
int on_exit(void *ctx)
{
	if (by_caller())
		fexit_runs++;
	return 0;
}

SEC("kprobe/ksys_read")
int on_kprobe(void *ctx)
{
	if (by_caller())
		kprobe_runs++;
	return 0;
}

SEC("kretprobe/ksys_read")
int on_kretprobe(void *ctx)
{
	if (by_caller())
		kretprobe_runs++;
	return 0;
}

struct task_struct {
	int pid;
	int tgid;
} __attribute__((preserve_access_index));

struct seq_file;
struct bpf_iter_meta {
	struct seq_file *seq;
} __attribute__((preserve_access_index));

struct bpf_iter__task {
	struct bpf_iter_meta *meta;
	struct task_struct *task;
} __attribute__((preserve_access_index));

struct task_row {
	int tid;
	int pid;
};

SEC("iter/task")
int each_task(struct bpf_iter__task *ctx)
{
	struct task_struct *task = ctx->task;
	struct task_row row;

	if (!task)
		return 0;
	row.tid = task->pid;
	row.pid = task->tgid;
	bpf_seq_write(ctx->meta->seq, &row, sizeof(row));
	return 0;
}

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__type(key, unsigned int);
	__type(value, unsigned long);
} one SEC(".maps");

/* The verifier must refuse it: the value may be absent. */
SEC("raw_tp/sys_exit")
int careless(void *ctx)
{
	unsigned int key = 0;
	unsigned long *value = bpf_map_lookup_elem(&one, &key);

	*value += 1;
	return 0;
}
