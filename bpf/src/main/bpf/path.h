/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Paths of files, from the kernel's own structures: a name in user memory may be relative, a link,
 * or changed meanwhile. Needs a `struct scratch` of the including program in a map named scratch.
 *
 * The verifier follows each step of the walk. What changes from step to step is therefore kept in map
 * memory, which it forgets, and not in registers: its work grows with the depth, not exponentially.
 */
#ifndef KFR_PATH_H
#define KFR_PATH_H

#include "kernel.h"
#include "record.h"
#include "running.h"

#define NAME_BYTES 256		/* the longest file name and its NUL */
#define PATH_DEPTH 256		/* names and mount points; deeper paths are cut */
#define RECORD_BYTES 256	/* no record's fixed part is longer */

/* A record in the making: fixed part, then its strings. */
struct scratch {
	union {
		struct syscall_record syscall;
		struct file_record file;
		struct file_name_record name;
		struct process_start_record start;
		struct process_exit_record exit;
		struct signal_record signal;
		struct socket_record socket;
		struct tcp_record tcp;
		struct major_fault_record fault;
		char bytes[RECORD_BYTES + 4 * PATH_MAX_BYTES];
	};
	char slack[NAME_BYTES];	/* a read of the longest name at the last position stays inside */
	u32 position;		/* where in bytes the next string goes */
	u32 limit;		/* where the walked path must end */
	u32 flags;		/* enum path_flags of the strings so far */
	struct dentry *dentry;
	struct vfsmount *mount;
	struct path root;	/* of the process */
};

/* One per program that runs: user space never looks at it. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct scratch);
} scratch SEC(".maps");

static __always_inline struct scratch *scratch_of_this_cpu(void)
{
	u32 zero = 0;

	return bpf_map_lookup_elem(&scratch, &zero);
}

/* One step towards the root. False: the walk is over. */
static __always_inline bool step(struct scratch *s)
{
	struct vfsmount *mount = s->mount;
	struct dentry *dentry = s->dentry, *parent;
	u32 position = s->position;
	long length;

	if (dentry == s->root.dentry && mount == s->root.mnt)
		return false;
	if (dentry == FIELD(mount, mnt_root)) {
		struct mount *mounted = (void *)mount - bpf_core_field_offset(struct mount, mnt);
		struct mount *above = FIELD(mounted, mnt_parent);

		if (above == mounted) {
			s->flags |= PATH_UNREACHABLE;
			return false;
		}
		s->dentry = FIELD(mounted, mnt_mountpoint);
		s->mount = (void *)above + bpf_core_field_offset(struct mount, mnt);
		return true;
	}
	if (position >= sizeof(s->bytes))
		return false;
	length = bpf_probe_read_kernel_str(s->bytes + position, NAME_BYTES, FIELD(dentry, d_name.name));
	if (length <= 0) {
		s->flags |= PATH_UNREADABLE;
		return false;
	}
	if (position + length > s->limit) {
		s->flags |= PATH_CUT;
		return false;
	}
	parent = FIELD(dentry, d_parent);
	if (parent == dentry) {
		/* Pseudo files hang nowhere; most have no name either. */
		s->flags |= PATH_NO_DIRECTORY;
		if (length > 1)
			s->position = position + length;
		return false;
	}
	s->position = position + length;
	s->dentry = parent;
	return true;
}

/*
 * Appends the path of what s->dentry and s->mount are, as the current process's root sees it, to the record in the making. A
 * global function: the verifier goes through it once, not once per call.
 */
__attribute__((noinline)) int walk(void)
{
	struct scratch *s = scratch_of_this_cpu();
	struct fs_struct *fs = FIELD(running_task(), fs);
	int i;

	if (!s)
		return 0;
	s->limit = s->position + PATH_MAX_BYTES;
	s->root.dentry = FIELD(fs, root.dentry);
	s->root.mnt = FIELD(fs, root.mnt);
	for (i = 0; i < PATH_DEPTH; i++)
		if (!step(s))
			return 0;
	s->flags |= PATH_CUT;
	return 0;
}

/* Begins a record's strings behind its fixed part. */
static __always_inline void begin_strings(struct scratch *s, u32 fixed_size)
{
	s->position = fixed_size;
	s->flags = 0;
}

/* Appends the path of what `path` names; its length in bytes. */
static __always_inline u32 append_path(struct scratch *s, struct path *path)
{
	u32 begin = s->position;

	s->dentry = FIELD(path, dentry);
	s->mount = FIELD(path, mnt);
	walk();
	return s->position - begin;
}

/* Appends a string of the program's memory without its NUL; its length. */
static __always_inline u32 append_asked(struct scratch *s, const char *asked)
{
	u32 position = s->position;
	long length;

	s->flags |= PATH_AS_ASKED;
	if (position >= sizeof(s->bytes) - PATH_MAX_BYTES)
		return 0;
	length = bpf_probe_read_user_str(s->bytes + position, PATH_MAX_BYTES, asked);
	if (length < 0) {
		s->flags |= PATH_UNREADABLE;
		return 0;
	}
	if (length > 0)
		length--;	/* the NUL, which older kernels don't count if it is all there is */
	s->position = position + length;
	return length;
}

/* The size of the record, for the verifier's eyes within the scratch. */
static __always_inline u32 record_size(struct scratch *s)
{
	u32 size = s->position;

	return size > sizeof(s->bytes) ? sizeof(s->bytes) : size;
}

#endif
