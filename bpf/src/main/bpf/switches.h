/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What is remembered of a thread while it is on no CPU, found without a hash: by the low bits of its number. A slot whose
 * thread waits for nothing is anybody's, so slots need no clearing when threads end. User space zeroes
 * them when programs that write them have been attached, since stamps of an earlier time mean nothing.
 */
#ifndef KFR_SWITCHES_H
#define KFR_SWITCHES_H

#include "emit.h"

/* `task` is one that the verifier knows, or one that only helpers may read: `direct`, a constant, tells which. */
#define READ(task, direct, field) ((direct) ? (task)->field : BPF_CORE_READ(task, field))

/* One for each CPU: user space sets max_entries to the number of possible CPUs. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct run_queue_row);
} run_queue_rows SEC(".maps");

#define SWITCH_SLOTS 65536

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, SWITCH_SLOTS);
	__type(key, u32);
	__type(value, struct switch_slot);
} switch_slots SEC(".maps");

/* Threads that wait while another one waits in their slot; by the address of their structure. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 16384);
	__type(key, u64);
	__type(value, struct switch_slot);
} colliding_switches SEC(".maps");

/* Whether there has ever been one of these. */
u32 switches_collide;

static __always_inline struct switch_slot *switch_slot_of_number(u32 tid)
{
	u32 index = tid & (SWITCH_SLOTS - 1);

	return bpf_map_lookup_elem(&switch_slots, &index);
}

/* The thread's slot; NULL if it has none. */
static __always_inline struct switch_slot *find_switch(u64 task, u32 tid)
{
	struct switch_slot *slot = switch_slot_of_number(tid);

	if (slot && slot->owner == task)
		return slot;
	return switches_collide ? bpf_map_lookup_elem(&colliding_switches, &task) : NULL;
}

static __noinline struct switch_slot *claim_colliding(u64 task)
{
	struct switch_slot fresh = {.owner = task}, *found = bpf_map_lookup_elem(&colliding_switches, &task);

	if (found)
		return found;
	switches_collide = 1;
	bpf_map_update_elem(&colliding_switches, &task, &fresh, BPF_ANY);
	return bpf_map_lookup_elem(&colliding_switches, &task);
}

/* The thread's slot, which it gets if it has none; NULL only if there is no memory for one. */
static __always_inline struct switch_slot *claim_switch(u64 task, u32 tid)
{
	struct switch_slot *slot = switch_slot_of_number(tid);

	if (!slot || slot->owner == task)
		return slot;
	if (slot->queued || slot->blocked)
		return claim_colliding(task);
	slot->longest = 0;
	slot->owner = task;
	return slot;
}

#endif
