// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Threads that wait for memory: until a page has come from a disk (major page faults), or until they have freed
 * memory for themselves (direct reclaim).
 */
#include "emit.h"
#include "path.h"
#include "rows.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

static __always_inline bool is_wanted(struct event_settings *setting, u64 owner)
{
	return setting->enabled && is_in_scope(setting->scope, owner >> 32) &&
	       !(owner >> 32 == identity.pid && is_excluded(owner));
}

/* What began before, ns, began when these programs did not see all: user space writes when it attached them. */
u64 watched_since;

/* ---- Major page faults. The event comes at the end of the fault; on x86-64 there is another one at its beginning. ---- */

/* A fault that began, of the thread whose number ends so. Two threads with the same end may cost one of them its duration. */
struct fault_start {
	u64 owner;	/* pid << 32 | tid */
	u64 address;
	u64 time;	/* ns */
};

#define PAGE_SHIFT 12
#define FAULT_STARTS 32768

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, FAULT_STARTS);
	__type(key, u32);
	__type(value, struct fault_start);
} fault_starts SEC(".maps");

PROCESS_TABLE(major_fault, struct major_fault_row);

static __always_inline struct fault_start *fault_start_of(u64 owner)
{
	u32 index = owner & (FAULT_STARTS - 1);

	return bpf_map_lookup_elem(&fault_starts, &index);
}

/* Run for each page fault of the host, so nothing is asked that can be asked later. */
static __always_inline int on_fault(u64 address)
{
	u64 owner = bpf_get_current_pid_tgid();
	struct fault_start *start = fault_start_of(owner);

	if (!start)
		return 0;
	start->owner = owner;
	start->address = address;
	start->time = bpf_ktime_get_ns();
	return 0;
}

SEC("tp_btf/page_fault_user")
int page_fault_user_btf(struct arguments *arguments)
{
	return on_fault(arguments->word[0]);
}

SEC("raw_tp/page_fault_user")
int page_fault_user_raw(struct arguments *arguments)
{
	return on_fault(arguments->word[0]);
}

/* The kernel's own, while it reads or writes a program's memory. */
SEC("tp_btf/page_fault_kernel")
int page_fault_kernel_btf(struct arguments *arguments)
{
	return on_fault(arguments->word[0]);
}

SEC("raw_tp/page_fault_kernel")
int page_fault_kernel_raw(struct arguments *arguments)
{
	return on_fault(arguments->word[0]);
}

static __always_inline void count_fault(u64 process, u64 duration)
{
	struct major_fault_row *row = major_fault_row_of(process);

	if (!row)
		return;
	ADD(row->faults, 1);
	ADD(row->time, duration);
}

static long find_file(struct task_struct *task, struct vm_area_struct *area, void *found)
{
	*(struct file **)found = BPF_CORE_READ(area, vm_file);
	return 0;
}

/* Whether memory at the address is mapped from a file; then its path is in the record. */
static __always_inline bool append_mapped_file(struct scratch *s, u64 address)
{
	struct file *file = NULL;

	if (bpf_find_vma(bpf_get_current_task_btf(), address, find_file, &file, 0) || !file)
		return false;
	s->fault.path_length = append_path(s, &file->f_path);
	return true;
}

/* What a thread waited for, and how long; `named`, a constant, tells that the file is looked for. */
static __always_inline int on_major_fault(u64 address, bool named)
{
	struct event_settings *setting = &settings[RECORD_MAJOR_PAGE_FAULT];
	u64 owner = bpf_get_current_pid_tgid(), now = bpf_ktime_get_ns(), duration = 0;
	struct fault_start *start = fault_start_of(owner);
	struct task_struct *task = current_task();
	struct scratch *s = scratch_of_this_cpu();
	u32 generation;

	if (!s || !start || !is_wanted(setting, owner))
		return 0;
	generation = generation_of(task);
	if (start->owner == owner && start->time >= watched_since && !((start->address ^ address) >> PAGE_SHIFT)) {
		duration = now - start->time;
		count_fault(PROCESS_KEY(owner >> 32, generation), duration);
	}
	if (duration < setting->threshold || !admit(SUBJECT_MEMORY, setting))
		return 0;
	begin_strings(s, sizeof(s->fault));
	s->fault.address = address;
	s->fault.path_length = 0;
	s->fault.named = named ? append_mapped_file(s, address) : 0;
	s->fault.path_flags = s->flags;
	fill_header(&s->fault.header, RECORD_MAJOR_PAGE_FAULT, task, generation, now - duration, duration);
	submit_event(SUBJECT_MEMORY, s->bytes, record_size(s));
	return 0;
}

SEC("perf_event")
int major_fault_perf_named(struct bpf_perf_event_data *event)
{
	return on_major_fault(event->addr, true);
}

/* For kernels before 6.1. */
SEC("perf_event")
int major_fault_perf(struct bpf_perf_event_data *event)
{
	return on_major_fault(event->addr, false);
}

/* ---- Direct reclaim: of the whole host's memory, or of a memory cgroup's. ---- */

struct reclaim_start {
	u64 time;	/* ns */
	u32 order;
	u32 for_cgroup;
};

/* By pid << 32 | tid. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 4096);
	__type(key, u64);
	__type(value, struct reclaim_start);
} reclaim_starts SEC(".maps");

/* Order and allocation flags: Linux 7.3 has them the other way round, and the flags are always the larger number. */
static __always_inline u32 order_in(struct arguments *arguments)
{
	u32 first = arguments->word[0], second = arguments->word[1];

	return first < second ? first : second;
}

static __always_inline int begin_reclaim(struct arguments *arguments, bool for_cgroup)
{
	u64 owner = bpf_get_current_pid_tgid();
	struct reclaim_start start = {};

	if (!is_wanted(&settings[RECORD_DIRECT_RECLAIM], owner))
		return 0;
	start.time = bpf_ktime_get_ns();
	start.order = order_in(arguments);
	start.for_cgroup = for_cgroup;
	bpf_map_update_elem(&reclaim_starts, &owner, &start, BPF_ANY);
	return 0;
}

/* Not inline, so that the record's layout is in the object. */
static __noinline int report_reclaim(struct reclaim_record *record, struct reclaim_start *start, u64 pages, u64 duration)
{
	if (!start)
		return 0;
	record->pages = pages;
	record->order = start->order;
	record->for_cgroup = start->for_cgroup;
	fill_header(&record->header, RECORD_DIRECT_RECLAIM, current_task(), 0, start->time, duration);
	submit_event(SUBJECT_MEMORY, record, sizeof(*record));
	return 0;
}

static __always_inline int end_reclaim(u64 pages)
{
	struct event_settings *setting = &settings[RECORD_DIRECT_RECLAIM];
	u64 owner = bpf_get_current_pid_tgid(), duration;
	struct reclaim_start *start = bpf_map_lookup_elem(&reclaim_starts, &owner);
	struct reclaim_record record = {};

	if (!start)
		return 0;
	duration = bpf_ktime_get_ns() - start->time;
	if (start->time >= watched_since && is_wanted(setting, owner) && duration >= setting->threshold &&
	    admit(SUBJECT_MEMORY, setting))
		report_reclaim(&record, start, pages, duration);
	bpf_map_delete_elem(&reclaim_starts, &owner);
	return 0;
}

SEC("tp_btf/mm_vmscan_direct_reclaim_begin")
int reclaim_begin_btf(struct arguments *arguments)
{
	return begin_reclaim(arguments, false);
}

SEC("raw_tp/mm_vmscan_direct_reclaim_begin")
int reclaim_begin_raw(struct arguments *arguments)
{
	return begin_reclaim(arguments, false);
}

SEC("tp_btf/mm_vmscan_direct_reclaim_end")
int reclaim_end_btf(struct arguments *arguments)
{
	return end_reclaim(arguments->word[0]);
}

SEC("raw_tp/mm_vmscan_direct_reclaim_end")
int reclaim_end_raw(struct arguments *arguments)
{
	return end_reclaim(arguments->word[0]);
}

SEC("tp_btf/mm_vmscan_memcg_reclaim_begin")
int cgroup_reclaim_begin_btf(struct arguments *arguments)
{
	return begin_reclaim(arguments, true);
}

SEC("raw_tp/mm_vmscan_memcg_reclaim_begin")
int cgroup_reclaim_begin_raw(struct arguments *arguments)
{
	return begin_reclaim(arguments, true);
}

SEC("tp_btf/mm_vmscan_memcg_reclaim_end")
int cgroup_reclaim_end_btf(struct arguments *arguments)
{
	return end_reclaim(arguments->word[0]);
}

SEC("raw_tp/mm_vmscan_memcg_reclaim_end")
int cgroup_reclaim_end_raw(struct arguments *arguments)
{
	return end_reclaim(arguments->word[0]);
}
