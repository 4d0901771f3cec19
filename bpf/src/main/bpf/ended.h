/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Processes that have been seen to end. Shared by name: the end of a process is noted by processes.bpf.c. */
#ifndef KFR_ENDED_H
#define KFR_ENDED_H

#include "kernel.h"

#define EEXIST 17

/* By pid << 32 | generation. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 4096);
	__type(key, u64);
	__type(value, u8);
} ended SEC(".maps");

/* False: another one has noted it before. Two threads that end at once can both find that none is left. */
static __always_inline bool note_end(u64 process)
{
	u8 yes = 1;

	/* Kernels that call the map directly leave the upper half of the result undefined. */
	return (s32)bpf_map_update_elem(&ended, &process, &yes, BPF_NOEXIST) != -EEXIST;
}

static __always_inline bool has_ended(u64 process)
{
	return bpf_map_lookup_elem(&ended, &process);
}

#endif
