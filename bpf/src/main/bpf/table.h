/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The tables of system calls and of files, see rows.h: rows by process and call, or by process and file. Their programs
 * add without atomic operations.
 */
#ifndef KFR_TABLE_H
#define KFR_TABLE_H

#include "rows.h"

/* Rows of one CPU, each a power of two. Set before load. */
const volatile u32 syscall_rows_per_cpu = 4096;
const volatile u32 file_rows_per_cpu = 4096;

/* User space sets max_entries to cpus * (syscall_rows_per_cpu + 1). */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 4097);
	__type(key, u32);
	__type(value, struct syscall_row);
} syscall_rows SEC(".maps");

/* User space sets max_entries to cpus * (file_rows_per_cpu + 1). */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 4097);
	__type(key, u32);
	__type(value, struct file_row);
} file_rows SEC(".maps");

#define SYSCALL_KEY(pid, id, generation) ((u64)(pid) << 42 | (u64)(id) << 32 | (generation))

/* All probes but the first. */
static __noinline struct syscall_row *search_syscall_row(u64 key, u32 cpu, u32 hash)
{
	struct syscall_row *row;
	u32 index;

	for (int i = 1; i < PROBES; i++) {
		index = cpu * syscall_rows_per_cpu + ((hash + i) & (syscall_rows_per_cpu - 1));
		row = bpf_map_lookup_elem(&syscall_rows, &index);
		if (!row)
			return NULL;
		if (row->key == key)
			return row;
		if (!row->key) {
			row->key = key;
			return row;
		}
	}
	index = cpus * syscall_rows_per_cpu + cpu;
	row = bpf_map_lookup_elem(&syscall_rows, &index);
	if (row)
		row->key = SYSCALL_KEY(0, SYSCALL_OVERFLOW, 0);
	return row;
}

static __always_inline struct syscall_row *syscall_row_of(u32 pid, u32 id, u32 generation)
{
	u64 key = SYSCALL_KEY(pid, id, generation);
	u32 cpu = bpf_get_smp_processor_id(), hash = hash_of(key);
	u32 index = cpu * syscall_rows_per_cpu + (hash & (syscall_rows_per_cpu - 1));
	struct syscall_row *row = bpf_map_lookup_elem(&syscall_rows, &index);

	if (!row || row->key == key)
		return row;
	if (!row->key) {
		row->key = key;
		return row;
	}
	return search_syscall_row(key, cpu, hash);
}

/* What a file row is found by. */
struct file_key {
	u64 process;
	u64 inode;
	u32 device;
	u32 inode_generation;
};

static __noinline struct file_row *file_row_of(struct file_key *key)
{
	u32 cpu = bpf_get_smp_processor_id();
	u32 hash = hash_of(key->process + key->inode * 0xC2B2AE3D27D4EB4FULL + key->device);
	struct file_row *row;
	u32 index;

	for (int i = 0; i < PROBES; i++) {
		index = cpu * file_rows_per_cpu + ((hash + i) & (file_rows_per_cpu - 1));
		row = bpf_map_lookup_elem(&file_rows, &index);
		if (!row)
			return NULL;
		if (row->process == key->process && row->inode == key->inode && row->device == key->device &&
		    row->inode_generation == key->inode_generation)
			return row;
		if (!row->process) {
			row->inode = key->inode;
			row->device = key->device;
			row->inode_generation = key->inode_generation;
			row->named = 0;
			row->process = key->process;	/* last: from now on the reader looks at it */
			return row;
		}
	}
	index = cpus * file_rows_per_cpu + cpu;
	row = bpf_map_lookup_elem(&file_rows, &index);
	if (row) {
		row->process = OVERFLOW_PROCESS;
		row->named = 1;
	}
	return row;
}

#endif
