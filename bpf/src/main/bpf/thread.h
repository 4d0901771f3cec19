/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What is remembered of a thread from one end of a system call to the other, found without a hash: by the low bits of its
 * number. Shared by name: system calls write slots, the end of a thread clears its slot. User space
 * zeroes the array before it attaches programs, since threads may have ended unseen.
 */
#ifndef KFR_THREAD_H
#define KFR_THREAD_H

#include "emit.h"
#include "running.h"

#define THREAD_SLOTS 65536

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, THREAD_SLOTS);
	__type(key, u32);
	__type(value, struct thread_slot);
} thread_slots SEC(".maps");

/* Threads whose slot belongs to another living thread; by owner. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 4096);
	__type(key, u64);
	__type(value, struct thread_slot);
} colliding_threads SEC(".maps");

static __always_inline struct thread_slot *slot_of_number(u64 owner)
{
	u32 index = owner & (THREAD_SLOTS - 1);

	return bpf_map_lookup_elem(&thread_slots, &index);
}

/*
 * Inside a pid namespace only the kernel knows which of the agent's neighbours has which number, so whoever makes
 * calls is introduced once, when its slot is made.
 */
static __noinline int introduce(struct task_struct *task)
{
	struct header header;

	fill_header(&header, RECORD_PROCESS_SEEN, task, 0, 0, 0);
	if (header.ns_pid)
		submit_internal(&header, sizeof(header));
	return 0;
}

static __noinline struct thread_slot *find_slot(u64 owner)
{
	struct thread_slot *slot = slot_of_number(owner), *found;
	struct thread_slot fresh = {.owner = owner};

	if (!slot)
		return NULL;
	fresh.generation = generation_of(current_task());
	if (identity.pid_namespace_level)
		introduce(current_task());
	if (!slot->owner) {
		slot->start = 0;
		slot->membership = 0;
		slot->generation = fresh.generation;
		slot->owner = owner;
		return slot;
	}
	found = bpf_map_lookup_elem(&colliding_threads, &owner);
	if (found)
		return found;
	bpf_map_update_elem(&colliding_threads, &owner, &fresh, BPF_ANY);
	return bpf_map_lookup_elem(&colliding_threads, &owner);
}

/* The slot of the current thread; NULL only if there is no memory for one. */
static __always_inline struct thread_slot *slot_of(u64 owner)
{
	struct thread_slot *slot = slot_of_number(owner);

	if (slot && slot->owner == owner)
		return slot;
	return find_slot(owner);
}

/*
 * Whether the slot's thread, the current one, is in the scope. A set of cgroups never changes, a thread gets
 * another one, so the answer for the container is remembered with the set that it was given for.
 */
static __always_inline bool is_slot_in_scope(struct thread_slot *slot, enum scope scope, u32 pid)
{
	u64 set;

	if (scope == SCOPE_HOST)
		return true;
	if (scope == SCOPE_JVM)
		return pid == identity.watched;
	set = (u64)FIELD(running_task(), cgroups);
	if ((slot->membership & ~1ULL) != set) {
		*(volatile u64 *)&slot->membership = set;
		slot->membership |= in_container(running_task());	/* there it is a number, also to the verifier */
	}
	return slot->membership & 1;
}

static __always_inline void clear_slot(u64 owner)
{
	struct thread_slot *slot = slot_of_number(owner);

	if (!slot)
		return;
	if (slot->owner == owner)
		slot->owner = 0;
	else if (slot->owner)
		bpf_map_delete_elem(&colliding_threads, &owner);
}

/* exec called by another thread than the first makes it the first: what its slot knows moves on. */
static __always_inline void move_slot(u64 from, u64 to)
{
	struct thread_slot *old = slot_of_number(from), *new;

	if (!old)
		return;
	if (old->owner != from) {
		old = bpf_map_lookup_elem(&colliding_threads, &from);
		if (!old)
			return;
	}
	new = slot_of(to);
	if (new) {
		new->start = old->start;
		new->id = old->id;
	}
	clear_slot(from);
}

#endif
