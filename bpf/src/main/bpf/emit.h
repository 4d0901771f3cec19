/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What every record goes through: whose it is, whether it is wanted, who gets woken, and what is
 * counted when it does not arrive. The maps here are one for all objects: user space creates them
 * once and gives them to each object under the same name.
 */
#ifndef KFR_EMIT_H
#define KFR_EMIT_H

#include "kernel.h"
#include "record.h"

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 8 << 20);
} ring SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct ring_state);
} ring_state SEC(".maps");

/* By CPU; user space sets max_entries to the number of possible CPUs. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct event_counters);
} event_counters SEC(".maps");

/* Cgroups that user space was told the path of. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 8192);
	__type(key, u64);
	__type(value, u8);
} named_cgroups SEC(".maps");

struct identity identity __attribute__((aligned(64))) = {.cgroup_subsystem = -1};
struct counting counting;
struct event_settings settings[RECORD_TYPES] __attribute__((aligned(64)));

/* Constants that only user space uses stay in the object's BTF because something here has their types. */
struct vocabulary {
	enum subject subject;
	enum record_type record_type;
	enum path_flags path_flags;
	enum syscall_id syscall_id;
	enum signal_origin signal_origin;
	enum reader reader;
	enum task_flags task_flags;
	enum off_cpu_state off_cpu_state;
	enum waker waker;
	enum block_operation block_operation;
} vocabulary;

#define NS_PER_SECOND 1000000000ULL
#define MAX_ERRNO 4095

static __always_inline bool is_error(s64 result)
{
	return (u64)result >= (u64)-MAX_ERRNO;
}

/* ---- Whose it is. ---- */

/* The generation of a process, see struct thread_slot. */
static __always_inline u32 generation_of(struct task_struct *task)
{
	return FIELD(task, group_leader, start_boottime) >> 10;
}

/* The cgroup of the task in the hierarchy that identity names. */
static __always_inline struct cgroup *cgroup_of(struct task_struct *task)
{
	struct css_set *set = FIELD(task, cgroups);
	struct cgroup_subsys_state *state = NULL;
	s32 subsystem = identity.cgroup_subsystem;

	if (subsystem < 0)
		return FIELD(set, dfl_cgrp);
	bpf_probe_read_kernel(&state, sizeof(state), (void *)&set->subsys + (subsystem & 31) * sizeof(state));
	return FIELD(state, cgroup);
}

/* The id of the task's cgroup, or of the one above it that is on this level of the hierarchy; 0 if its own is higher. */
static __always_inline u64 cgroup_on_level(struct task_struct *task, u32 level)
{
	struct cgroup *group = cgroup_of(task), *ancestor = NULL;
	struct cgroup___old *old = (void *)group;
	u64 id = 0;

	level &= 0xFFFF;
	if (level > (u32)FIELD(group, level))
		return 0;
	if (bpf_core_field_exists(old->ancestor_ids)) {
		bpf_probe_read_kernel(&id, sizeof(id), (void *)&old->ancestor_ids + level * sizeof(id));
	} else {
		bpf_probe_read_kernel(&ancestor, sizeof(ancestor), (void *)&group->ancestors + level * sizeof(ancestor));
		id = FIELD(ancestor, kn, id);
	}
	return id;
}

/* Whether the task is in the agent's cgroup or below it. */
static __noinline bool in_container(struct task_struct *task)
{
	return cgroup_on_level(task, identity.cgroup_level) == identity.cgroup;
}

/* Whether the task, of process `pid`, is in the scope. */
static __always_inline bool in_scope(enum scope scope, struct task_struct *task, u32 pid)
{
	if (scope == SCOPE_HOST)
		return true;
	if (scope == SCOPE_JVM)
		return pid == identity.watched;
	return in_container(task);
}

/* The same for the current task, which is looked for only where it matters. */
static __always_inline bool is_in_scope(enum scope scope, u32 pid)
{
	return scope == SCOPE_HOST || in_scope(scope, current_task(), pid);
}

static __always_inline bool is_excluded(u32 tid)
{
	for (int i = 0; i < EXCLUDED_THREADS; i++)
		if (i < identity.excluded_threads && identity.excluded[i] == tid)
			return true;
	return false;
}

/* The task's number in the agent's pid namespace; 0 if it has none there. */
static __always_inline u32 number_in_namespace(struct task_struct *task)
{
	struct pid *pid = FIELD(task, thread_pid);
	u32 level = identity.pid_namespace_level & 31;	/* the kernel allows 32 */
	struct upid *number = (void *)&pid->numbers + level * bpf_core_type_size(struct upid);

	if (level > FIELD(pid, level) || FIELD(number, ns, ns.inum) != identity.pid_namespace_inode)
		return 0;
	return FIELD(number, nr);
}

static __noinline int fill_namespace_numbers(struct header *header, struct task_struct *task)
{
	header->ns_tid = number_in_namespace(task);
	header->ns_pid = number_in_namespace(FIELD(task, group_leader));
	return 0;
}

static __always_inline void fill_cgroup_path(struct cgroup_path *path, struct kernfs_node *node)
{
	for (int i = 0; i < CGROUP_DEPTH; i++) {
		struct kernfs_node___old *old = (void *)node;
		struct kernfs_node *parent = bpf_core_field_exists(old->parent) ? FIELD(old, parent)
										: FIELD(node, __parent);

		path->names[i][0] = 0;
		if (parent)
			bpf_probe_read_kernel_str(path->names[i], CGROUP_NAME_LEN, FIELD(node, name));
		node = parent;
	}
}

/* Not inline, so that the record's layout is in the object. */
static __noinline int fill_cgroup_record(struct cgroup_record *record, u64 id, struct kernfs_node *node)
{
	__builtin_memset(&record->header, 0, sizeof(record->header));
	record->header.type = RECORD_CGROUP;
	record->header.cgroup = id;
	fill_cgroup_path(&record->path, node);
	return 0;
}

/*
 * The id of a cgroup. Its path is told once, ahead of the first record: when that is read, the process and with it the
 * cgroup may be gone, and from inside a container those of others can't be looked up at all.
 */
static __noinline u64 introduce_cgroup(struct cgroup *group)
{
	struct kernfs_node *node = FIELD(group, kn);
	u64 id = FIELD(node, id);
	struct cgroup_record *record;
	u8 told = 1;

	if (bpf_map_lookup_elem(&named_cgroups, &id))
		return id;
	record = bpf_ringbuf_reserve(&ring, sizeof(*record), 0);
	if (!record)
		return id;	/* no room: the next record tries again */
	fill_cgroup_record(record, id, node);
	bpf_ringbuf_submit(record, BPF_RB_NO_WAKEUP);
	/* Only now: another CPU that finds it here relies on the path being ahead of its own record. */
	bpf_map_update_elem(&named_cgroups, &id, &told, BPF_ANY);
	return id;
}

/* Fills in all of the header; `generation` 0 has it looked up. */
static __always_inline void fill_header(struct header *header, enum record_type type, struct task_struct *task, u32 generation,
					u64 start, u64 duration)
{
	struct task_struct *leader = FIELD(task, group_leader);

	header->type = type;
	header->generation = generation ? generation : generation_of(task);
	header->start = start;
	header->duration = duration;
	header->pid = FIELD(task, tgid);
	header->tid = FIELD(task, pid);
	header->uid = FIELD(task, cred, uid.val);
	header->thread_generation = FIELD(task, start_boottime) >> 10;
	header->cgroup = introduce_cgroup(cgroup_of(task));
	header->ns_pid = header->ns_tid = 0;
	if (identity.pid_namespace_level)
		fill_namespace_numbers(header, task);
	bpf_probe_read_kernel(header->thread_name, COMM_LEN, &task->comm);
	bpf_probe_read_kernel(header->process_name, COMM_LEN, &leader->comm);
}

/* ---- Whether it is wanted. ---- */

/* One addition that is exact also where another program interrupts this one. */
#define COUNT(counters, what)                                        \
	({                                                           \
		struct event_counters *_counters = (counters);       \
		if (_counters)                                       \
			__sync_fetch_and_add(&_counters->what, 1);   \
	})

static __always_inline struct event_counters *counters_of_this_cpu(void)
{
	u32 cpu = bpf_get_smp_processor_id();

	return bpf_map_lookup_elem(&event_counters, &cpu);
}

/*
 * Takes a token of the event's bucket, which holds those of one period. `spent` moves on by one token's share of the
 * period with each event and is never more than a period behind. CPUs that race for the same token may both get it: the
 * throttle is a bound on cost, not a promise of a number.
 */
static __always_inline bool is_throttled(struct event_settings *setting)
{
	u64 now, period, share, spent;

	if (!setting->rate)
		return false;
	now = bpf_ktime_get_ns();
	period = setting->period ? setting->period : NS_PER_SECOND;
	share = period / setting->rate;
	spent = setting->spent;
	if (spent + share > now)
		return true;
	if (spent + period < now)
		setting->spent = now - period + share;
	else
		__sync_fetch_and_add(&setting->spent, share);
	return false;
}

/* The last gate of an event: counts it, and tells whether its record is to be made. */
static __always_inline bool admit(enum subject subject, struct event_settings *setting)
{
	struct event_counters *counters = counters_of_this_cpu();

	COUNT(counters, produced[subject]);
	if (!is_throttled(setting))
		return true;
	COUNT(counters, throttled[subject]);
	return false;
}

/* ---- On its way. ---- */

static __noinline int wake_reader(struct ring_state *state)
{
	void *bell;

	if (state->armed == READER_NAPPING && bpf_ringbuf_query(&ring, BPF_RB_AVAIL_DATA) < state->wakeup_bytes)
		return 0;
	bell = bpf_ringbuf_reserve(&ring, 8, 0);
	if (!bell)
		return 0;	/* no room even for that: the next record tries again */
	state->armed = READER_AWAKE;
	bpf_ringbuf_discard(bell, BPF_RB_FORCE_WAKEUP);
	return 0;
}

/* Puts a record into the ring and wakes the reader if it sleeps. False: there was no room. */
static __always_inline bool submit(void *record, u32 size)
{
	u32 zero = 0;
	struct ring_state *state;

	if (bpf_ringbuf_output(&ring, record, size, BPF_RB_NO_WAKEUP))
		return false;
	state = bpf_map_lookup_elem(&ring_state, &zero);
	/* The record was committed with a full barrier, so this look comes after it. */
	if (state && *(volatile enum reader *)&state->armed != READER_AWAKE)
		wake_reader(state);
	return true;
}

static __always_inline bool submit_event(enum subject subject, void *record, u32 size)
{
	if (submit(record, size))
		return true;
	COUNT(counters_of_this_cpu(), lost[subject]);
	return false;
}

/* For records that are no events: they are neither produced nor recorded, but their loss matters too. */
static __always_inline bool submit_internal(void *record, u32 size)
{
	if (submit(record, size))
		return true;
	COUNT(counters_of_this_cpu(), internal_lost);
	return false;
}

#endif
