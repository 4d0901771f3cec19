/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Threads by their numbers in a pid namespace. */
#ifndef KFR_PID_H
#define KFR_PID_H

#include "kernel.h"

/* include/linux/threads.h: no number is larger. */
#define PID_MAX_LIMIT (4 << 20)

/* A tree of nodes over the 22 bits of PID_MAX_LIMIT; also where nodes are small (CONFIG_BASE_SMALL). */
#define PID_TREE_DEPTH 6

/* A pid namespace finds its numbers in an XArray: of the low bits of a pointer, 2 tells that it leads to a node. */
static __always_inline struct pid *pid_of_number(struct pid_namespace *namespace, u32 number)
{
	u64 entry = (u64)BPF_CORE_READ(namespace, idr.idr_rt.xa_head);

	for (int i = 0; i < PID_TREE_DEPTH && (entry & 3) == 2; i++) {
		struct xa_node *node = (void *)(entry - 2);
		u32 slots = bpf_core_field_size(node->slots) / sizeof(void *);
		u32 slot = number >> (BPF_CORE_READ(node, shift) & 31) & (slots - 1);

		if (bpf_probe_read_kernel(&entry, sizeof(entry), (void *)&node->slots + slot * sizeof(void *)))
			return NULL;
	}
	return entry & 3 ? NULL : (struct pid *)entry;
}

/* The thread that has this number in the initial pid namespace; NULL if there is none. */
static __always_inline struct task_struct *task_of_number(u32 number)
{
	struct pid_namespace *initial = BPF_CORE_READ(current_task(), thread_pid, numbers[0].ns);
	struct pid *pid = pid_of_number(initial, number);
	struct hlist_node *node = BPF_CORE_READ(pid, tasks[0].first); /* PIDTYPE_PID */

	if (!node || BPF_CORE_READ(pid, numbers[0].nr) != number)
		return NULL;
	return (void *)node - bpf_core_field_offset(struct task_struct, pid_links);
}

#endif
