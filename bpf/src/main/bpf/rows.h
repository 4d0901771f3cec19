/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What all tables of counters have in common, and the simplest of them: one row per process. A table is one mapped
 * array in which each CPU has a slice of its own, so that CPUs don't disturb each other; the reader adds
 * the slices up. Nothing is ever refused: what finds no row among the few that its key may take goes to
 * the CPU's overflow row.
 */
#ifndef KFR_ROWS_H
#define KFR_ROWS_H

#include "emit.h"

#define PROBES 8

/* How many CPUs the maps have room for. Set before load. */
const volatile u32 cpus = 1;

#define OVERFLOW_PROCESS (~0ULL)

/* In place of a process, with pid 0: what is no process's, and what ended processes left. The reader never frees such rows. */
#define NO_PROCESS 1ULL
#define ENDED_PROCESSES 2ULL

#define PROCESS_KEY(pid, generation) ((u64)(pid) << 32 | (generation))

static __always_inline u32 hash_of(u64 key)
{
	return key * 0x9E3779B97F4A7C15ULL >> 32;
}

/*
 * Makes a row that had the key `old` (0: a free one) one of `key`. False: another one was faster, such as an interrupt or whoever
 * runs while this program is preempted; then the key is as that one left it. Not a compare-and-exchange, which
 * kernels before 5.12 don't have.
 */
static __always_inline bool claim(u64 *key_of_row, u64 old, u64 key)
{
	__sync_fetch_and_add(key_of_row, key - old);
	if (*(volatile u64 *)key_of_row == key)
		return true;
	__sync_fetch_and_add(key_of_row, old - key);
	return false;
}

/*
 * One addition to a counter. Exact also where programs that count in the same row interrupt each other on the same
 * CPU. Programs that can't, such as those of system calls on kernels whose tracepoints aren't preempted, add with
 * += instead: that is some 5 ns less, and an addition that is interrupted by another one is lost.
 */
#define ADD(counter, amount) ((void)__sync_fetch_and_add(&(counter), amount))

/*
 * A table of one row per process. `row_type` is a struct of 64-bit numbers, the first of which is `process`: pid << 32 | generation;
 * 0: free; OVERFLOW_PROCESS; NO_PROCESS. Defines the map <name>_rows, the constant <name>_rows_per_cpu (a power of two; user space sets
 * max_entries to cpus * (<name>_rows_per_cpu + 1)), and <name>_row_of(process), which is NULL only if the map is too small.
 */
#define PROCESS_TABLE(name, row_type)                                                                                    \
	const volatile u32 name##_rows_per_cpu = 4096;                                                                   \
                                                                                                                         \
	struct {                                                                                                         \
		__uint(type, BPF_MAP_TYPE_ARRAY);                                                                        \
		__uint(map_flags, BPF_F_MMAPABLE);                                                                       \
		__uint(max_entries, 4097);                                                                               \
		__type(key, u32);                                                                                        \
		__type(value, row_type);                                                                                 \
	} name##_rows SEC(".maps");                                                                                      \
                                                                                                                         \
	/* Where the first probe did not find it. */                                                                     \
	static __noinline row_type *search_##name##_row(u64 process, u32 cpu, u32 hash)                                  \
	{                                                                                                                \
		row_type *row;                                                                                           \
		u32 index;                                                                                               \
                                                                                                                         \
		for (int i = 0; i < PROBES; i++) {                                                                       \
			index = cpu * name##_rows_per_cpu + ((hash + i) & (name##_rows_per_cpu - 1));                    \
			row = bpf_map_lookup_elem(&name##_rows, &index);                                                 \
			if (!row)                                                                                        \
				return NULL;                                                                             \
			if (row->process == process || (!row->process && claim(&row->process, 0, process)))              \
				return row;                                                                              \
		}                                                                                                        \
		index = cpus * name##_rows_per_cpu + cpu;                                                                \
		row = bpf_map_lookup_elem(&name##_rows, &index);                                                         \
		if (row)                                                                                                 \
			row->process = OVERFLOW_PROCESS;                                                                 \
		return row;                                                                                              \
	}                                                                                                                \
                                                                                                                         \
	static __always_inline row_type *name##_row_of(u64 process)                                                      \
	{                                                                                                                \
		u32 cpu = bpf_get_smp_processor_id(), hash = hash_of(process);                                           \
		u32 index = cpu * name##_rows_per_cpu + (hash & (name##_rows_per_cpu - 1));                              \
		row_type *row = bpf_map_lookup_elem(&name##_rows, &index);                                               \
                                                                                                                         \
		return !row || row->process == process ? row : search_##name##_row(process, cpu, hash);                  \
	}

#endif
