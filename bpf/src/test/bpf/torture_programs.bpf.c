/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A program of each type, with each way to write its section. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

int calls;

#define PROGRAM(name, section) \
	SEC(section) int name(void *ctx) \
	{ \
		calls++; \
		return 0; \
	}

PROGRAM(tracepoint, "tracepoint/sched/sched_switch")
PROGRAM(tracepoint_short, "tp/raw_syscalls/sys_enter")
PROGRAM(raw, "raw_tracepoint/sched_switch")
PROGRAM(raw_short, "raw_tp/sys_exit")
PROGRAM(typed, "tp_btf/sched_process_exit")
PROGRAM(entry, "fentry/vfs_read")
PROGRAM(return_of, "fexit/vfs_read")
PROGRAM(entry_sleeping, "fentry.s/vfs_read")
PROGRAM(probe, "kprobe/vfs_read")
PROGRAM(return_probe, "kretprobe/vfs_read")
PROGRAM(perf, "perf_event")
PROGRAM(iterator, "iter/task")
PROGRAM(variant, "?tp_btf/sched_switch")
