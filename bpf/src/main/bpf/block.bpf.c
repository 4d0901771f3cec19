// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Requests to disks, from the moment that they are given to the driver until the driver is done with them. A request is an object
 * of the kernel's that is used again and again: what is remembered of it in between is found by its address and belongs to one use.
 *
 * The issue is where the process is known that the request counts for; the completion comes in an interrupt or on a kernel thread.
 * Counts and bytes are those of completions alone, so that they are exact also where the issue was not seen; times need both.
 *
 * Two variants of each program: _btf reads the kernel's structures directly, _raw through a helper. There is no classic variant: its record does not tell one request from another.
 */
#include "emit.h"
#include "histogram.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

/* Set before load: which argument of block_rq_issue is the request, 0 or 1; before Linux 5.11 the queue came first. */
const volatile u32 request_argument = 0;

/* How many CPUs the maps have room for; rows of one CPU, a power of two. Set before load. */
const volatile u32 cpus = 1;
const volatile u32 block_rows_per_cpu = 512;

/* A request on its way. */
struct block_request {
	u64 allocated;		/* ns, the kernel's own stamp: tells one use of the request from the next; 0: the kernel took none */
	u64 issued;		/* ns, first time */
	u64 sector;
	u64 bytes;		/* of the parts that are done */
	bool is_left_out;	/* of the counts: of another scope, or the agent's own */
	bool is_reported;	/* what follows is filled in */
	struct task_struct *task;	/* that issued it; it may be gone by now */
	u64 began;		/* ns; tells the task from another one at its address */
	u64 owner;		/* pid << 32 | tid */
	u32 uid;
	char thread_name[COMM_LEN];
};

/* By the request's address. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 8192);
	__type(key, u64);
	__type(value, struct block_request);
} requests SEC(".maps");

/* User space sets max_entries to cpus * (block_rows_per_cpu + 1). */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 513);
	__type(key, u32);
	__type(value, struct block_row);
} block_rows SEC(".maps");

/* `direct`, a constant, tells that the verifier knows the pointer's type, so that one instruction reads what else takes a helper. */
#define READ(direct, pointer, field) ((direct) ? (pointer)->field : BPF_CORE_READ(pointer, field))

/* ---- What it asks for, and of whom ---- */

/* The operations that have had these numbers in all versions. */
enum operation_number {
	NUMBER_READ = 0,
	NUMBER_WRITE = 1,
	NUMBER_FLUSH = 2,
	NUMBER_DISCARD = 3,
	NUMBER_SECURE_ERASE = 5,
	NUMBER_WRITE_ZEROES = 9,
	NUMBER_BITS = 0xff,	/* of cmd_flags */
};

/* The others: the kernel's types have the numbers; the enum was called req_opf before Linux 6.0. */
#define RARE_OPERATIONS(each) \
	each(WRITE_SAME) each(ZONE_APPEND) each(ZONE_OPEN) each(ZONE_CLOSE) each(ZONE_FINISH) each(ZONE_RESET) each(ZONE_RESET_ALL)

#define NEW_NAME(name) REQ_OP_##name,
#define OLD_NAME(name) REQ_OP_##name##___old,
enum req_op { RARE_OPERATIONS(NEW_NAME) REQ_OP_DRV_IN, REQ_OP_DRV_OUT };
enum req_opf { RARE_OPERATIONS(OLD_NAME) REQ_OP_SCSI_IN, REQ_OP_SCSI_OUT, REQ_OP_DRV_IN___old, REQ_OP_DRV_OUT___old };

#define IS_NUMBER_OF(type, name, number) \
	(bpf_core_enum_value_exists(enum type, name) && (number) == bpf_core_enum_value(enum type, name))

static __noinline enum block_operation rare_operation(u32 number)
{
#define FIND(name)                                                                                                          \
	if (IS_NUMBER_OF(req_op, REQ_OP_##name, number) || IS_NUMBER_OF(req_opf, REQ_OP_##name##___old, number))            \
		return OPERATION_##name;
	RARE_OPERATIONS(FIND)
	if (IS_NUMBER_OF(req_op, REQ_OP_DRV_IN, number) || IS_NUMBER_OF(req_opf, REQ_OP_DRV_IN___old, number) ||
	    IS_NUMBER_OF(req_opf, REQ_OP_SCSI_IN, number))
		return OPERATION_DRIVER_IN;
	if (IS_NUMBER_OF(req_op, REQ_OP_DRV_OUT, number) || IS_NUMBER_OF(req_opf, REQ_OP_DRV_OUT___old, number) ||
	    IS_NUMBER_OF(req_opf, REQ_OP_SCSI_OUT, number))
		return OPERATION_DRIVER_OUT;
	return OPERATION_OTHER;
}

static __always_inline enum block_operation operation_of(u32 number)
{
	switch (number) {
	case NUMBER_READ:
		return OPERATION_READ;
	case NUMBER_WRITE:
		return OPERATION_WRITE;
	case NUMBER_FLUSH:
		return OPERATION_FLUSH;
	case NUMBER_DISCARD:
		return OPERATION_DISCARD;
	case NUMBER_SECURE_ERASE:
		return OPERATION_SECURE_ERASE;
	case NUMBER_WRITE_ZEROES:
		return OPERATION_WRITE_ZEROES;
	}
	return rare_operation(number);
}

/* NULL where there is none, as for commands to an NVMe controller: such requests belong to no device that could be named. */
static __always_inline struct gendisk *disk_of(struct request *request, bool direct)
{
	struct request___old *old = (void *)request;
	struct request_queue *queue;

	if (bpf_core_field_exists(old->rq_disk))
		return READ(direct, old, rq_disk);
	queue = READ(direct, request, q);
	return READ(direct, queue, disk);
}

static __always_inline u32 device_of(struct gendisk *disk, bool direct)
{
	return (u32)READ(direct, disk, major) << 20 | (u32)READ(direct, disk, first_minor);
}

/* ---- Counts ---- */

/*
 * A completion in an interrupt can come between any two instructions of another one's on the same CPU: numbers are added atomically, and a
 * row belongs to the one that found itself alone when it tried to take it.
 */
static __always_inline bool claim(struct block_row *row)
{
	if (row->claims)
		return false;
	__sync_fetch_and_add(&row->claims, 1);
	return *(volatile u32 *)&row->claims == 1;
}

static __noinline struct block_row *block_row_of(u32 device, u32 operation, struct gendisk *disk)
{
	u64 key = (u64)device << 8 | (operation + 1);
	u32 cpu = bpf_get_smp_processor_id(), hash = key * 0x9E3779B97F4A7C15ULL >> 32;
	struct block_row *row;
	u32 index;

	for (int i = 0; i < 8; i++) {
		index = cpu * block_rows_per_cpu + ((hash + i) & (block_rows_per_cpu - 1));
		row = bpf_map_lookup_elem(&block_rows, &index);
		if (!row)
			return NULL;
		if (row->key == key)
			return row;
		if (!row->key && claim(row)) {
			bpf_probe_read_kernel(row->disk, sizeof(row->disk), &disk->disk_name);
			row->key = key;	/* last: from now on the reader looks at it */
			return row;
		}
	}
	index = cpus * block_rows_per_cpu + cpu;
	row = bpf_map_lookup_elem(&block_rows, &index);
	if (row)
		row->key = BLOCK_OVERFLOW;
	return row;
}

static __always_inline void count_time(struct block_row *row, u64 duration, u64 queue_time)
{
	u32 bucket = bucket_of(duration);

	__sync_fetch_and_add(&row->total_time, duration);
	__sync_fetch_and_add(&row->queue_time, queue_time);
	if (duration > row->max_time)
		row->max_time = duration;
	barrier_var(bucket);
	if (bucket < HISTOGRAM_BUCKETS)
		__sync_fetch_and_add(&row->histogram[bucket], 1);
}

/* ---- From issue to completion ---- */

static __always_inline int on_issue(struct request *request, bool direct)
{
	struct event_settings *setting = &settings[RECORD_BLOCK_IO];
	u64 owner = bpf_get_current_pid_tgid(), key = (u64)request;
	struct task_struct *task = current_task();
	struct block_request fresh = {}, *known;
	u32 pid = owner >> 32;
	bool is_own;

	if (counting.widest_scope == SCOPE_JVM && pid != identity.watched)
		return 0;
	fresh.allocated = READ(direct, request, start_time_ns);
	is_own = pid == identity.pid && is_excluded(owner);
	fresh.is_left_out = is_own || !in_scope(counting.block_scope, task, pid);
	fresh.is_reported = setting->enabled && !is_own && in_scope(setting->scope, task, pid);
	fresh.sector = READ(direct, request, __sector);
	if (fresh.is_reported) {
		fresh.task = task;
		fresh.began = BPF_CORE_READ(task, start_boottime);
		fresh.owner = owner;
		fresh.uid = bpf_get_current_uid_gid();
		bpf_get_current_comm(fresh.thread_name, COMM_LEN);
	}
	fresh.issued = bpf_ktime_get_ns();
	if (!(s32)bpf_map_update_elem(&requests, &key, &fresh, BPF_NOEXIST))
		return 0;
	known = bpf_map_lookup_elem(&requests, &key);
	if (!known)
		return 0;	/* no room: it is counted when it is done, without its times, and never reported */
	/* Given back by the driver, which was busy or failed: it is on its way since the first time. Else of an earlier use. */
	if (!known->allocated || known->allocated != fresh.allocated)
		*known = fresh;
	return 0;
}

/* A request that has come to its end. */
struct completion {
	struct block_request *known;	/* NULL: its issue was not seen */
	struct gendisk *disk;
	u64 bytes;
	u64 duration;		/* ns; 0 if the issue was not seen */
	u64 queue_time;		/* likewise */
	u32 device;
	u32 flags;
	enum block_operation operation;
	s32 error;
};

static __always_inline void count_request(struct completion *done)
{
	struct block_row *row = block_row_of(done->device, done->operation, done->disk);

	if (!row)
		return;
	__sync_fetch_and_add(&row->count, 1);
	__sync_fetch_and_add(&row->bytes, done->bytes);
	if (done->error)
		__sync_fetch_and_add(&row->errors, 1);
	if (done->known)
		count_time(row, done->duration, done->queue_time);
}

/* A function of its own, so that the layout of the record is in the object's BTF. */
static __noinline int submit_request(struct block_io_record *record, struct gendisk *disk)
{
	bpf_probe_read_kernel(record->disk, sizeof(record->disk), &disk->disk_name);
	submit_event(SUBJECT_BLOCK, record, sizeof(*record));
	return 0;
}

/* Most requests are never reported, so who issued one is looked at when it is; of a task that has gone there is what was noted. */
static __always_inline void fill_issuer(struct header *header, struct block_request *request, u64 duration)
{
	struct task_struct *task = request->task;

	/* Nobody has overwritten a task that was freed just now, but it has lost its credentials. */
	if (BPF_CORE_READ(task, pid) == (u32)request->owner && BPF_CORE_READ(task, start_boottime) == request->began &&
	    BPF_CORE_READ(task, cred)) {
		fill_header(header, RECORD_BLOCK_IO, task, 0, request->issued, duration);
		return;
	}
	header->type = RECORD_BLOCK_IO;
	header->start = request->issued;
	header->duration = duration;
	header->pid = request->owner >> 32;
	header->tid = request->owner;
	header->uid = request->uid;
	__builtin_memcpy(header->thread_name, request->thread_name, COMM_LEN);
	if (header->pid == header->tid)
		__builtin_memcpy(header->process_name, request->thread_name, COMM_LEN);
}

static __always_inline void report_request(struct completion *done)
{
	struct block_io_record record = {};

	fill_issuer(&record.header, done->known, done->duration);
	record.sector = done->known->sector;
	record.bytes = done->bytes;
	record.queue_time = done->queue_time;
	record.device = done->device;
	record.operation = done->operation;
	record.flags = done->flags;
	record.error = done->error;
	submit_request(&record, done->disk);
}

static __always_inline int on_complete(struct request *request, s32 error, u32 bytes, bool direct)
{
	struct event_settings *setting = &settings[RECORD_BLOCK_IO];
	u32 left = READ(direct, request, __data_len);
	u64 key = (u64)request, allocated;
	struct completion done = {.bytes = bytes, .error = error};
	bool is_counted;

	done.known = bpf_map_lookup_elem(&requests, &key);
	if (done.known && done.known->allocated != READ(direct, request, start_time_ns))
		done.known = NULL;	/* of an earlier use, whose end was not seen */
	if (bytes < left) {
		if (done.known)
			done.known->bytes += bytes;
		return 0;
	}
	done.flags = READ(direct, request, cmd_flags);
	done.operation = operation_of(done.flags & NUMBER_BITS);
	/* The envelope of a flush: what it asks for went to the disk as requests of their own. */
	if (!done.known && !left && done.operation <= OPERATION_WRITE)
		return 0;
	done.disk = disk_of(request, direct);
	if (done.disk) {
		done.device = device_of(done.disk, direct);
		if (done.known) {
			allocated = done.known->allocated;
			done.bytes += done.known->bytes;
			done.duration = bpf_ktime_get_ns() - done.known->issued;
			if (allocated && allocated < done.known->issued)
				done.queue_time = done.known->issued - allocated;
		}
		is_counted = done.known ? !done.known->is_left_out : counting.block_scope == SCOPE_HOST;
		if (counting.block && is_counted)
			count_request(&done);
		if (done.known && done.known->is_reported && setting->enabled && done.duration >= setting->threshold &&
		    admit(SUBJECT_BLOCK, setting))
			report_request(&done);
	}
	bpf_map_delete_elem(&requests, &key);
	return 0;
}

static __always_inline struct request *issued_request(struct arguments *arguments)
{
	return (void *)(request_argument ? arguments->word[1] : arguments->word[0]);
}

SEC("tp_btf/block_rq_issue")
int block_issue_btf(struct arguments *arguments)
{
	return on_issue(issued_request(arguments), true);
}

SEC("raw_tp/block_rq_issue")
int block_issue_raw(struct arguments *arguments)
{
	return on_issue(issued_request(arguments), false);
}

SEC("tp_btf/block_rq_complete")
int block_complete_btf(struct arguments *arguments)
{
	return on_complete((void *)arguments->word[0], arguments->word[1], arguments->word[2], true);
}

SEC("raw_tp/block_rq_complete")
int block_complete_raw(struct arguments *arguments)
{
	return on_complete((void *)arguments->word[0], arguments->word[1], arguments->word[2], false);
}
