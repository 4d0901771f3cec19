/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Processes that the kernel kills because memory has run out, on the host or in a memory cgroup: the part of processes.bpf.c
 * that stays attached whether or not anybody records.
 */
#ifndef KFR_KILLS_H
#define KFR_KILLS_H

#include "emit.h"
#include "pid.h"

#define PF_EXITING 0x4

/* Kinds of pages that the kernel counts; there are those swapped out too. */
#define FILE_PAGES 0
#define ANONYMOUS_PAGES 1
#define SHARED_PAGES 3

/* The record in the making: too large for a program's stack. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct kill_record);
} kill_scratch SEC(".maps");

static __always_inline struct kernfs_node *memory_cgroup_of(struct task_struct *task)
{
	struct css_set *set = BPF_CORE_READ(task, cgroups);
	u32 subsystem = bpf_core_enum_value(enum cgroup_subsys_id, memory_cgrp_id);
	struct cgroup_subsys_state *state = NULL;

	bpf_probe_read_kernel(&state, sizeof(state), (void *)&set->subsys + subsystem * sizeof(state));
	return BPF_CORE_READ(state, cgroup, kn);
}

/* `kind` is a constant: how far apart the counts are is the kernel's business. */
#define PAGES(memory, kind)                                                                                 \
	(bpf_core_type_exists(struct mm_rss_stat___old)                                                     \
		 ? BPF_CORE_READ((struct mm_struct___old *)(memory), rss_stat.count[kind].counter)          \
		 : BPF_CORE_READ(memory, rss_stat[kind].count))

static __always_inline u64 at_least_0(s64 pages)
{
	return pages > 0 ? pages : 0;
}

/* What CPUs have counted for themselves and not yet told is not in it: up to some hundred kilobytes, from Linux 6.2 on. */
static __always_inline u64 resident_bytes(struct task_struct *task)
{
	struct mm_struct *memory = BPF_CORE_READ(task, mm);

	if (!memory)
		return 0;
	return (at_least_0(PAGES(memory, FILE_PAGES)) + at_least_0(PAGES(memory, ANONYMOUS_PAGES)) +
		at_least_0(PAGES(memory, SHARED_PAGES))) *
	       page_bytes;
}

static __noinline int fill_kill(struct kill_record *record, struct task_struct *victim)
{
	struct task_struct *leader = BPF_CORE_READ(victim, group_leader);

	if (!record)
		return 0;
	fill_header(&record->header, RECORD_OUT_OF_MEMORY_KILL, current_task(), 0, bpf_ktime_get_ns(), 0);
	record->resident = resident_bytes(victim);
	record->victim_pid = BPF_CORE_READ(victim, tgid);
	record->victim_ns_pid = identity.pid_namespace_level ? number_in_namespace(leader) : 0;
	record->victim_generation = generation_of(victim);
	record->score_adjust = BPF_CORE_READ(victim, signal, oom_score_adj);
	bpf_probe_read_kernel(record->victim_name, COMM_LEN, &leader->comm);
	fill_cgroup_path(&record->memory_cgroup, memory_cgroup_of(victim));
	return 0;
}

static __always_inline int on_kill(struct task_struct *victim)
{
	struct event_settings *setting = &settings[RECORD_OUT_OF_MEMORY_KILL];
	u32 zero = 0, pid = BPF_CORE_READ(victim, tgid);
	struct kill_record *record = bpf_map_lookup_elem(&kill_scratch, &zero);
	bool counted, recorded;

	/* Who is on its way out anyway is only let through to memory that is kept for this. */
	if (!record || BPF_CORE_READ(victim, flags) & PF_EXITING)
		return 0;
	counted = counting.kills && in_scope(counting.kills_scope, victim, pid);
	recorded = setting->enabled && in_scope(setting->scope, victim, pid) && admit(SUBJECT_MEMORY, setting);
	if (!counted && !recorded)
		return 0;
	fill_kill(record, victim);
	if (recorded)
		submit_event(SUBJECT_MEMORY, record, sizeof(*record));
	if (counted) {
		record->header.type = RECORD_KILL_SEEN;
		submit_internal(record, sizeof(*record));
	}
	return 0;
}

/* Kernels tell its number, those of 2024 and later (and what was brought up to them) the thread itself. */
static __always_inline struct task_struct *victim_of(u64 argument)
{
	return argument <= PID_MAX_LIMIT ? task_of_number(argument) : (void *)argument;
}

SEC("tp_btf/mark_victim")
int oom_kill_btf(struct arguments *arguments)
{
	return on_kill(victim_of(arguments->word[0]));
}

SEC("raw_tp/mark_victim")
int oom_kill_raw(struct arguments *arguments)
{
	return on_kill(victim_of(arguments->word[0]));
}

#endif
