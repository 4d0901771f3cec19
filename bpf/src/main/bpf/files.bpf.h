/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Files: the part of syscalls.bpf.c that looks at calls that open, read, write, sync, delete and rename. It
 * runs at the end of the call, where the result is known and the program's strings are in memory.
 *
 * What is rarely run is a global function: the verifier goes through it once, and knows nothing of its caller.
 * The call is therefore handed over in a map.
 */
#ifndef KFR_FILES_H
#define KFR_FILES_H

#define S_IFMT 0170000
#define S_IFDIR 0040000
#define S_IFBLK 0060000
#define S_IFREG 0100000
#define AT_FDCWD -100
#define O_WRONLY 01
#define O_CREAT 0100
#define O_TRUNC 01000
#define PROC_SUPER_MAGIC 0x9fa0

/* First words of struct open_how, which openat2 takes. */
struct open_how_begin {
	u64 flags;
	u64 mode;
};

/* What the descriptor of the current process stands for, NULL if nothing. */
static __always_inline struct file *file_of(u32 descriptor)
{
	struct file **files, *file = NULL;
	struct fdtable *table;
	u32 length;

	if (HAS_HELPER(get_current_task_btf)) {
		table = running_task()->files->fdt;
		length = table->max_fds;
		files = table->fd;
	} else {
		table = FIELD(running_task(), files, fdt);
		length = FIELD(table, max_fds);
		files = FIELD(table, fd);
	}
	if (descriptor >= length)
		return NULL;
	bpf_probe_read_kernel(&file, sizeof(file), files + descriptor);
	return file;
}

static __always_inline u32 kind_of(struct file *file)
{
	return FIELD(file, f_inode, i_mode) & S_IFMT;
}

static __always_inline bool waits_for_input(struct call *call)
{
	u32 kind;

	if (call->id != NR_read && call->id != NR_readv)
		return false;
	kind = kind_of(file_of(argument_in(call->regs, 0)));
	return kind != S_IFREG && kind != S_IFDIR && kind != S_IFBLK;
}

/* What can be asked before the file is known. */
static __always_inline bool is_wanted(struct call *call, struct event_settings *setting)
{
	return setting->enabled && call->duration >= setting->threshold &&
	       is_in_scope(setting->scope, call->pid);
}

/* ---- One file, known by its descriptor: open that succeeded, read, write, sync. ---- */

static __always_inline u32 descriptor_of(struct call *call, enum record_type type)
{
	if (type == RECORD_FILE_OPEN)
		return call->result;
	switch (call->id) {
	case NR_sendfile:
		return type == RECORD_FILE_READ ? argument_in(call->regs, 1) : argument_in(call->regs, 0);
	case NR_copy_file_range:
	case NR_splice:
		return type == RECORD_FILE_READ ? argument_in(call->regs, 0) : argument_in(call->regs, 2);
	default:
		return argument_in(call->regs, 0);
	}
}

/* Where in the file the bytes were; the file's own position has moved behind them by now. */
static __always_inline s64 offset_of(struct call *call, struct file *file, enum record_type type)
{
	u64 pointer = 0;
	s64 offset;

	if (type != RECORD_FILE_READ && type != RECORD_FILE_WRITE)
		return -1;
	switch (call->id) {
	case NR_preadv2:
	case NR_pwritev2:
	case NR_pread64:
	case NR_pwrite64:
	case NR_preadv:
	case NR_pwritev:
		offset = argument_in(call->regs, 3);
		if (offset != -1)
			return offset;
		break;
	case NR_copy_file_range:
	case NR_splice:
		pointer = type == RECORD_FILE_READ ? argument_in(call->regs, 1) : argument_in(call->regs, 3);
		break;
	case NR_sendfile:
		pointer = type == RECORD_FILE_READ ? argument_in(call->regs, 2) : 0;
		break;
	}
	if (!pointer)
		offset = FIELD(file, f_pos);
	else if (bpf_probe_read_user(&offset, sizeof(offset), (void *)pointer))
		return -1;
	return call->result > 0 ? offset - call->result : offset;
}

/* Flags and mode as open was asked for them. */
static __always_inline void fill_open_arguments(struct call *call, struct file_record *record)
{
	struct open_how_begin how = {};

	switch (call->id) {
	case NR_openat:
		how.flags = argument_in(call->regs, 2);
		how.mode = argument_in(call->regs, 3);
		break;
	case NR_openat2:
		bpf_probe_read_user(&how, sizeof(how), (void *)argument_in(call->regs, 2));
		break;
#if defined(__TARGET_ARCH_x86)
	case NR_open:
		how.flags = argument_in(call->regs, 1);
		how.mode = argument_in(call->regs, 2);
		break;
	case NR_creat:
		how.flags = O_CREAT | O_WRONLY | O_TRUNC;
		how.mode = argument_in(call->regs, 1);
		break;
#endif
	}
	record->open_flags = how.flags;
	record->mode = how.mode;
}

static __always_inline void add_to_row(struct call *call, struct file_row *row, enum record_type type)
{
	u64 bytes = call->result > 0 ? call->result : 0;

	switch (type) {
	case RECORD_FILE_OPEN:
		row->opens++;
		return;
	case RECORD_FILE_READ:
		row->reads++;
		row->bytes_read += bytes;
		row->read_time += call->duration;
		break;
	case RECORD_FILE_WRITE:
		row->writes++;
		row->bytes_written += bytes;
		row->write_time += call->duration;
		break;
	default:
		row->syncs++;
		row->sync_time += call->duration;
	}
	if (is_error(call->result))
		row->errors++;
}

/* Whose row it is; `all_of_file_system` tells that one row is enough. */
static __always_inline void fill_file_key(struct file_key *key, struct call *call, struct inode *inode,
					  struct super_block *file_system, bool all_of_file_system)
{
	key->process = (u64)call->pid << 32 | call->generation;
	key->device = FIELD(file_system, s_dev);
	key->inode = all_of_file_system ? 0 : FIELD(inode, i_ino);
	key->inode_generation = all_of_file_system ? 0 : FIELD(inode, i_generation);
}

/* The record without any file. */
static __always_inline void begin_file_record(struct call *call, struct scratch *s)
{
	struct file_record *record = &s->file;

	begin_strings(s, sizeof(*record));
	__builtin_memset((void *)record + sizeof(record->header), 0, sizeof(*record) - sizeof(record->header));
	record->result = call->result;
	record->offset = -1;
	record->syscall = call->id;
}

/* Makes the record for the file in the scratch, but for its type and header. */
static __always_inline void make_file_record(struct call *call, struct scratch *s, struct file *file, enum record_type type)
{
	struct inode *inode = FIELD(file, f_inode);
	struct file_record *record = &s->file;

	begin_file_record(call, s);
	record->offset = offset_of(call, file, type);
	record->inode = FIELD(inode, i_ino);
	record->device = FIELD(inode, i_sb, s_dev);
	record->inode_generation = FIELD(inode, i_generation);
	if (type == RECORD_FILE_OPEN)
		fill_open_arguments(call, record);
	record->path_length = append_path(s, &file->f_path);
	record->path_flags = s->flags;
}

/* Tells user space what the row is called. */
static __always_inline bool name_row(struct call *call, struct scratch *s, struct file *file, enum record_type type,
				     bool all_of_file_system)
{
	struct vfsmount *mount = FIELD(file, f_path.mnt);
	struct file_record *record = &s->file;

	make_file_record(call, s, file, type);
	if (all_of_file_system) {
		begin_strings(s, sizeof(*record));
		s->dentry = FIELD(mount, mnt_root);
		s->mount = mount;
		walk();
		record->path_length = s->position - sizeof(*record);
		record->path_flags = s->flags | PATH_FILE_SYSTEM;
		record->inode = record->inode_generation = 0;
	}
	fill_call_header(RECORD_FILE_NAME);
	return submit_internal(s->bytes, record_size(s));
}

__attribute__((noinline)) int look_at_file(u32 type)
{
	struct scratch *s = scratch_of_this_cpu();
	struct call *call = call_of_this_cpu();
	struct event_settings *setting = &settings[type & (RECORD_TYPES - 1)];
	bool counted, wanted, all_of_file_system;
	struct super_block *file_system;
	struct file_row *row = NULL;
	struct file_key key;
	struct inode *inode;
	struct file *file;

	if (!s || !call)
		return 0;
	counted = counting.files && is_in_scope(counting.files_scope, call->pid);
	wanted = is_wanted(call, setting);
	if (!counted && !wanted)
		return 0;
	file = file_of(descriptor_of(call, type));
	if (!file)
		return 0;
	call->file = file;
	inode = FIELD(file, f_inode);
	if ((type == RECORD_FILE_READ || type == RECORD_FILE_WRITE) && (FIELD(inode, i_mode) & S_IFMT) != S_IFREG)
		return 0;
	file_system = FIELD(inode, i_sb);
	all_of_file_system = FIELD(file_system, s_magic) == PROC_SUPER_MAGIC;
	if (counted) {
		fill_file_key(&key, call, inode, file_system, all_of_file_system);
		row = file_row_of(&key);
		if (row)
			add_to_row(call, row, type);
	}
	wanted = wanted && admit(SUBJECT_FILES, setting);
	if (row && !row->named)
		row->named = name_row(call, s, file, type, all_of_file_system);
	if (!wanted)
		return 0;
	make_file_record(call, s, file, type);
	fill_call_header(type);
	submit_event(SUBJECT_FILES, s->bytes, record_size(s));
	return 0;
}

/* msync names memory, not a file. */
__attribute__((noinline)) int look_at_msync(void)
{
	struct event_settings *setting = &settings[RECORD_FILE_SYNC];
	struct scratch *s = scratch_of_this_cpu();
	struct call *call = call_of_this_cpu();

	if (!s || !call || !is_wanted(call, setting) || !admit(SUBJECT_FILES, setting))
		return 0;
	begin_file_record(call, s);
	s->file.path_flags = PATH_NO_DIRECTORY;	/* no path at all would be the root */
	fill_call_header(RECORD_FILE_SYNC);
	submit_event(SUBJECT_FILES, s->bytes, sizeof(s->file));
	return 0;
}

/* ---- Names as the program gave them: delete, rename, open that failed. ---- */

/* The directory that a name is relative to; nothing if it begins at the root. Length in bytes. */
static __always_inline u32 append_base(struct scratch *s, u32 name_at, u32 name_length, s32 directory)
{
	struct task_struct *task = running_task();
	struct file *file;

	if (name_length && name_at < sizeof(s->bytes) && s->bytes[name_at] == '/')
		return 0;
	if (directory == AT_FDCWD)
		return append_path(s, &FIELD(task, fs)->pwd);
	file = file_of(directory);
	if (!file) {
		s->flags |= PATH_UNREADABLE;
		return 0;
	}
	return append_path(s, &file->f_path);
}

__attribute__((noinline)) int look_at_failed_open(void)
{
	struct event_settings *setting = &settings[RECORD_FILE_OPEN];
	struct scratch *s = scratch_of_this_cpu();
	struct call *call = call_of_this_cpu();
	struct file_record *record;
	s32 directory = AT_FDCWD;
	u64 name;

	if (!s || !call || !is_wanted(call, setting) || !admit(SUBJECT_FILES, setting))
		return 0;
	name = argument_in(call->regs, 0);
	if (call->id == NR_openat || call->id == NR_openat2) {
		directory = name;
		name = argument_in(call->regs, 1);
	}
	record = &s->file;
	begin_file_record(call, s);
	fill_open_arguments(call, record);
	record->path_length = append_asked(s, (void *)name);
	record->base_length = append_base(s, sizeof(*record), record->path_length, directory);
	record->path_flags = s->flags;
	fill_call_header(RECORD_FILE_OPEN);
	submit_event(SUBJECT_FILES, s->bytes, record_size(s));
	return 0;
}

/* The names that delete and rename were given, and what they are relative to. */
struct names {
	u64 old_name;
	u64 new_name;
	s32 old_directory;
	s32 new_directory;
};

static __always_inline void read_names(struct call *call, struct names *names)
{
	names->old_directory = names->new_directory = AT_FDCWD;
#if defined(__TARGET_ARCH_x86)
	if (call->id == NR_unlink || call->id == NR_rmdir || call->id == NR_rename) {
		names->old_name = argument_in(call->regs, 0);
		names->new_name = argument_in(call->regs, 1);
		return;
	}
#endif
	names->old_directory = argument_in(call->regs, 0);
	names->old_name = argument_in(call->regs, 1);
	names->new_directory = argument_in(call->regs, 2);
	names->new_name = argument_in(call->regs, 3);
}

static __always_inline bool counts_names(struct call *call)
{
	return counting.files && !call->result && is_in_scope(counting.files_scope, call->pid);
}

static __always_inline void count_name(enum record_type type)
{
	if (type == RECORD_FILE_DELETE)
		COUNT(counters_of_this_cpu(), deletes);
	else
		COUNT(counters_of_this_cpu(), renames);
}

__attribute__((noinline)) int look_at_names(u32 type)
{
	struct event_settings *setting = &settings[type & (RECORD_TYPES - 1)];
	struct scratch *s = scratch_of_this_cpu();
	struct call *call = call_of_this_cpu();
	struct file_name_record *record;
	struct names names;
	u32 begin;

	if (!s || !call)
		return 0;
	if (counts_names(call))
		count_name(type);
	if (!is_wanted(call, setting) || !admit(SUBJECT_FILES, setting))
		return 0;
	read_names(call, &names);
	record = &s->name;
	begin_strings(s, sizeof(*record));
	record->result = call->result;
	record->syscall = call->id;
	record->path_length = append_asked(s, (void *)names.old_name);
	record->base_length = append_base(s, sizeof(*record), record->path_length, names.old_directory);
	record->path_flags = s->flags;
	record->new_path_flags = record->new_path_length = record->new_base_length = 0;
	if (type == RECORD_FILE_RENAME) {
		s->flags = 0;
		begin = s->position;
		record->new_path_length = append_asked(s, (void *)names.new_name);
		record->new_base_length = append_base(s, begin, record->new_path_length, names.new_directory);
		record->new_path_flags = s->flags;
	}
	fill_call_header(type);
	submit_event(SUBJECT_FILES, s->bytes, record_size(s));
	return 0;
}

/* ---- Which of it a call is. ---- */

static __always_inline bool is_asked_for(struct call *call, u32 class, enum record_type type)
{
	return call->class & class && settings[type].enabled && call->duration >= settings[type].threshold;
}

/* Asked for each call of the host. */
static __always_inline bool is_for_files(struct call *call)
{
	if (!(call->class & CALL_FILES))
		return false;
	return counting.files || is_asked_for(call, CALL_READ, RECORD_FILE_READ) ||
	       is_asked_for(call, CALL_WRITE, RECORD_FILE_WRITE) || is_asked_for(call, CALL_OPEN, RECORD_FILE_OPEN) ||
	       is_asked_for(call, CALL_SYNC, RECORD_FILE_SYNC) || is_asked_for(call, CALL_DELETE, RECORD_FILE_DELETE) ||
	       is_asked_for(call, CALL_RENAME, RECORD_FILE_RENAME);
}

static __always_inline void look_at_file_call(struct call *call)
{
	if (call->class & CALL_READ)
		look_at_file(RECORD_FILE_READ);
	if (call->class & CALL_WRITE)
		look_at_file(RECORD_FILE_WRITE);
	if (call->class & CALL_OPEN) {
		if (is_error(call->result))
			look_at_failed_open();
		else
			look_at_file(RECORD_FILE_OPEN);
	}
	if (call->class & CALL_SYNC) {
		if (call->id == NR_msync)
			look_at_msync();
		else
			look_at_file(RECORD_FILE_SYNC);
	}
	if (call->class & CALL_DELETE)
		look_at_names(RECORD_FILE_DELETE);
	if (call->class & CALL_RENAME)
		look_at_names(RECORD_FILE_RENAME);
}

#endif
