/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What the kernel side and the Java side share: records of the ring buffer, rows of the tables,
 * and the control data. This file is the only place where these layouts are written: clang puts
 * them into the object's BTF, and Java asks there for the offset of each field by its name.
 *
 * Times are nanoseconds of CLOCK_MONOTONIC. Strings at the end of a record have no terminator;
 * their lengths are fields of the record, and they follow it in the order of those fields.
 */
#ifndef KFR_RECORD_H
#define KFR_RECORD_H

#define COMM_LEN 16
#define PATH_MAX_BYTES 4096

enum subject {
	SUBJECT_SYSCALLS,
	SUBJECT_FILES,
	SUBJECT_PROCESSES,
	SUBJECT_CPU,
	SUBJECT_MEMORY,
	SUBJECT_NETWORK,
	SUBJECT_BLOCK,
	SUBJECTS,
};

/* Types of records; also the index of the event's settings. */
enum record_type {
	RECORD_SYSCALL,
	RECORD_SYSCALL_ERROR,
	RECORD_FILE_OPEN,
	RECORD_FILE_READ,
	RECORD_FILE_WRITE,
	RECORD_FILE_SYNC,
	RECORD_FILE_DELETE,
	RECORD_FILE_RENAME,
	RECORD_FILE_NAME,	/* not an event: names the file of a row of file_rows */
	RECORD_PROCESS_START,
	RECORD_PROCESS_EXIT,	/* also says that the process ended, so that its rows can be freed */
	RECORD_SIGNAL,
	RECORD_PROCESS_ENDED,	/* not an event: a process_exit_record where no event told of the end */
	RECORD_OWN_SIGNAL,	/* not an event: a signal_record of a signal that could end the agent's process */
	RECORD_PROCESS_SEEN,	/* not an event: a header, of a process that the agent's pid namespace sees; only if that is not the initial one */
	RECORD_RUN_QUEUE_WAIT,
	RECORD_OFF_CPU,
	RECORD_MAJOR_PAGE_FAULT,
	RECORD_DIRECT_RECLAIM,
	RECORD_OUT_OF_MEMORY_KILL,
	RECORD_SOCKET_CREATE,
	RECORD_TCP_CONNECTION,
	RECORD_TCP_CONNECT,
	RECORD_TCP_RETRANSMIT,
	RECORD_BLOCK_IO,
	RECORD_TASK_ENDED,	/* not an event: what a thread that is gone has used up */
	RECORD_CONNECTION_ENDED,	/* not an event: a tcp_record for the MBean's table */
	RECORD_CGROUP,		/* not an event: a cgroup_record, before the first record of a process in that cgroup */
	RECORD_KILL_SEEN,	/* not an event: a kill_record, for the notification and the count that need no recording */
	RECORD_TYPES = 32,	/* room for more; the size of settings[] */
};

/* Who caused the record. First member of every record. */
struct header {
	enum record_type type;
	u32 generation;		/* with pid names one process exactly, see struct thread_slot */
	u64 start;		/* ns */
	u64 duration;		/* ns, 0 if the event has none */
	u32 pid;		/* of the initial pid namespace */
	u32 tid;
	u32 ns_pid;		/* as the agent's pid namespace sees it; 0: not visible there, or the agent is in the initial one */
	u32 ns_tid;
	u32 uid;
	u32 thread_generation;	/* with tid names one thread exactly: (u32)(start_boottime >> 10) of the task; 0: not known */
	u64 cgroup;		/* id of the cgroup in the hierarchy that struct identity names */
	char thread_name[COMM_LEN];
	char process_name[COMM_LEN];	/* of the thread group's leader */
};

/* kernel.Syscall and kernel.SyscallError */
struct syscall_record {
	struct header header;
	s64 result;
	u64 arguments[6];
	u32 id;
	u32 compat;		/* 1: a 32-bit call, id counts in another table */
};

/*
 * A path as the walk from the file to the root found it: names leaf first, each followed by NUL;
 * no name at all is the root itself. PATH_AS_ASKED: the string that the program passed (not
 * reversed, no NUL), to be resolved against the base, which is a walked path again and empty
 * where the string begins with a slash. The flags of a record that has a base are those of both.
 */
enum path_flags {
	PATH_CUT = 1,		/* the root's side of the path is missing */
	PATH_AS_ASKED = 2,
	PATH_UNREACHABLE = 4,	/* outside the process's root: the walk ended at the root of its mount tree */
	PATH_UNREADABLE = 8,	/* the program's memory, or a name, could not be read */
	PATH_NO_DIRECTORY = 16,	/* in no directory, such as a pipe or a memfd: at most the name that the kernel gave it */
	PATH_FILE_SYSTEM = 32,	/* RECORD_FILE_NAME: the row stands for all files of this file system (see struct file_row) */
};

/*
 * kernel.FileOpen, and without flags and mode: FileRead, FileWrite, FileSync. RECORD_FILE_NAME: pid,
 * generation, inode, device and inode_generation are those of the row, the path is its name.
 */
struct file_record {
	struct header header;
	s64 result;		/* what the call returned: a descriptor, a count of bytes, or -errno */
	s64 offset;		/* -1: not known */
	u64 inode;
	u32 device;		/* the kernel's dev_t */
	u32 syscall;
	u32 open_flags;
	u32 mode;
	u16 path_flags;		/* enum path_flags */
	u16 path_length;	/* bytes of the first string */
	u16 base_length;	/* bytes of the second string: the walked directory that an asked path is relative to */
	u16 padding;
	u32 inode_generation;
	u32 padding2;
};

/* kernel.FileDelete, kernel.FileRename (only it has the new path). Strings: path, base, new path, new base */
struct file_name_record {
	struct header header;
	s64 result;
	u32 syscall;
	u16 path_flags;
	u16 path_length;
	u16 base_length;
	u16 new_path_flags;
	u16 new_path_length;
	u16 new_base_length;
};

/* kernel.ProcessStart: an exec that succeeded. Strings: executable (walked), command line (NUL-separated) */
struct process_start_record {
	struct header header;
	u32 parent_pid;
	u32 parent_ns_pid;
	u16 path_flags;
	u16 path_length;
	u32 arguments_length;
	u32 arguments_cut;	/* 1: longer than what is here */
	u32 padding;
};

/* kernel.ProcessExit: the last thread of a process ends; header.tid is that thread's */
struct process_exit_record {
	struct header header;
	u64 lifetime;		/* ns */
	u64 cpu_time;		/* ns, of all threads */
	u64 max_resident;	/* bytes */
	u32 exit_code;		/* as wait(2) encodes it */
	u32 parent_pid;
	u32 parent_ns_pid;
	u32 padding;
};

enum signal_origin { ORIGIN_PROCESS, ORIGIN_KERNEL, ORIGIN_TIMER };

/* kernel.Signal: the header is the sender's where a process sent it, else the target's */
struct signal_record {
	struct header header;
	s32 signal;
	enum signal_origin origin;
	u32 target_pid;
	u32 target_ns_pid;
	s32 code;		/* si_code */
	s32 result;		/* TRACE_SIGNAL_*: 0 delivered */
	char target_name[COMM_LEN];
};

/* Another thread that a record tells of. pid 0: the idle thread of a CPU. */
struct other_thread {
	u32 pid;		/* numbers as in struct header */
	u32 tid;
	u32 ns_pid;
	u32 ns_tid;
	char thread_name[COMM_LEN];
	char process_name[COMM_LEN];
};

/* kernel.RunQueueWait: from wake-up or preemption until the thread runs */
struct run_queue_wait_record {
	struct header header;
	struct other_thread ran_instead;	/* the last to run before it did */
	u32 cpu;
	u32 padding;
};

enum off_cpu_state { OFF_CPU_INTERRUPTIBLE, OFF_CPU_UNINTERRUPTIBLE, OFF_CPU_STOPPED };

enum waker { WAKER_UNKNOWN, WAKER_THREAD, WAKER_INTERRUPT };

/* kernel.OffCpu: from leaving the CPU to wait for something until woken */
struct off_cpu_record {
	struct header header;
	struct other_thread woken_by;	/* if waker says so */
	enum waker waker;
	enum off_cpu_state state;
	s32 syscall;		/* enum syscall_number or enum syscall_id; -1: it was in none */
	u32 padding;
};

enum task_flags {
	TASK_OF_KERNEL = 1,	/* a thread of the kernel's own */
	TASK_LEADS = 2,		/* the first thread of its process, which is the last to go */
};

/*
 * What the kernel counted for one thread since it began. The iterator writes one for each thread that there is, without
 * anything between them.
 */
struct task_counts {
	u64 task;		/* address of the kernel's structure: names the thread until its RECORD_TASK_ENDED */
	u64 started;		/* ns */
	u32 pid;		/* of the initial pid namespace */
	u32 generation;		/* of the process; 0: not known any more */
	u32 ns_pid;		/* as in struct header; 0 in RECORD_TASK_ENDED */
	u32 flags;		/* enum task_flags */
	u64 cpu_time;		/* ns; of a thread that runs as of the last tick */
	u64 run_queue_time;	/* ns that it was runnable and had no CPU; without the wait that it is in */
	u64 run_queue_max;	/* ns, the longest wait since the last reading; only while switches are watched */
	u64 voluntary_switches;
	u64 involuntary_switches;
	u64 migrations;
	u64 minor_faults;
	u64 major_faults;
};

/* RECORD_TASK_ENDED; it has no header, since most of that is gone with the thread. */
struct task_ended_record {
	enum record_type type;
	u32 padding;
	struct task_counts counts;
};

/* kernel.SocketCreate */
struct socket_record {
	struct header header;
	s64 result;		/* the descriptor, or -errno */
	u32 family;		/* AF_* */
	u32 type;		/* SOCK_*, without flags */
	u32 protocol;		/* of the family: IPPROTO_*, NETLINK_*, ... */
	u32 padding;
};

/* Who began a connection. */
enum direction { DIRECTION_UNKNOWN, DIRECTION_OPENED, DIRECTION_ACCEPTED };

/* kernel.TcpConnection, kernel.TcpConnect, kernel.TcpRetransmit. The header is its owner's; pid 0: not known. */
struct tcp_record {
	struct header header;
	u64 lifetime;		/* ns since it was established, or since we look */
	u64 bytes_sent;		/* of data; each byte once */
	u64 bytes_received;
	u8 local_address[16];	/* of AF_INET the first 4 bytes */
	u8 remote_address[16];
	u16 local_port;
	u16 remote_port;
	u16 family;		/* AF_INET, AF_INET6; 0: the program gave no such address */
	u16 state;		/* TCP_* of include/net/tcp_states.h */
	enum direction direction;
	u32 error;		/* errno, 0: none */
	u32 interface;		/* that it is bound to, as with link-local addresses; 0: none */
	u32 network_namespace;	/* inode */
	u32 retransmits;	/* segments: of the connection, or those of this retransmission */
	u32 smoothed_rtt;	/* us */
};

/*
 * Where a cgroup is in its hierarchy: names from its own up to below the root, each ended by NUL; the first empty one
 * ends it. Longer names are cut, and of deeper paths the root's side is missing: what tells containers apart is at the
 * other end.
 */
#define CGROUP_DEPTH 24
#define CGROUP_NAME_LEN 160

struct cgroup_path {
	char names[CGROUP_DEPTH][CGROUP_NAME_LEN];
};

/* The header has only the type and the cgroup. */
struct cgroup_record {
	struct header header;
	struct cgroup_path path;
};

/* What a request asks of a disk; the kernel's own numbers for it change from version to version. */
enum block_operation {
	OPERATION_OTHER,
	OPERATION_READ,
	OPERATION_WRITE,
	OPERATION_FLUSH,
	OPERATION_DISCARD,
	OPERATION_SECURE_ERASE,
	OPERATION_WRITE_ZEROES,
	OPERATION_WRITE_SAME,
	OPERATION_ZONE_APPEND,
	OPERATION_ZONE_OPEN,
	OPERATION_ZONE_CLOSE,
	OPERATION_ZONE_FINISH,
	OPERATION_ZONE_RESET,
	OPERATION_ZONE_RESET_ALL,
	OPERATION_DRIVER_IN,	/* a command of the disk's own protocol, such as SCSI or NVMe, that a program passed through */
	OPERATION_DRIVER_OUT,
};

#define DISK_NAME_LEN 32

/* kernel.BlockIo: the header is that of the task that gave the request to the disk's driver. */
struct block_io_record {
	struct header header;
	u64 sector;		/* of 512 bytes; ~0: the request is about no place on the disk */
	u64 bytes;
	u64 queue_time;		/* ns before the request was given to the driver */
	u32 device;		/* major << 20 | minor */
	enum block_operation operation;
	u32 flags;		/* the kernel's cmd_flags, see enum req_flag_bits */
	s32 error;		/* 0; < 0: -errno; > 0: the kernel's blk_status_t */
	char disk[DISK_NAME_LEN];
};

/* kernel.MajorPageFault. String: the mapped file (walked); none where the memory is no file's, or on kernels that can't be asked */
struct major_fault_record {
	struct header header;
	u64 address;
	u16 path_flags;
	u16 path_length;
	u32 named;		/* 1: there is a path */
};

/* kernel.DirectReclaim */
struct reclaim_record {
	struct header header;
	u64 pages;		/* reclaimed */
	u32 order;		/* 2^order pages together were wanted */
	u32 for_cgroup;		/* 1: not the host was short of memory but a memory cgroup had reached its limit */
};

/* kernel.OutOfMemoryKill: the header is that of whom the memory was wanted for */
struct kill_record {
	struct header header;
	u64 resident;		/* bytes */
	u32 victim_pid;
	u32 victim_ns_pid;
	u32 victim_generation;
	s32 score_adjust;
	char victim_name[COMM_LEN];
	struct cgroup_path memory_cgroup;	/* of the victim */
};

/* ---- Control data: variables of each object, written by Java while programs run. ---- */

enum scope { SCOPE_HOST, SCOPE_CONTAINER, SCOPE_JVM };

#define EXCLUDED_THREADS 8

/*
 * Who the agent is. The program `identify` fills in all but cgroup_subsystem and the excluded threads when the agent's
 * process has it run (BPF_PROG_TEST_RUN): inside a container nothing else tells a process its pid of the initial namespace.
 */
struct identity {
	u32 pid;		/* of the initial pid namespace */
	u32 generation;
	u32 watched;		/* the process that SCOPE_JVM means: this one, unless user space sets another */
	u32 pid_namespace_level;	/* 0: the initial one */
	u32 pid_namespace_inode;
	s32 cgroup_subsystem;	/* index into css_set.subsys of a v1 hierarchy (the kernel's enum cgroup_subsys_id), -1: the v2 hierarchy */
	u64 cgroup;		/* id of the one that SCOPE_CONTAINER means: the agent's cgroup, unless watch_container sets another */
	u32 cgroup_level;
	u32 excluded_threads;	/* how many of the next are used */
	u32 excluded[EXCLUDED_THREADS];	/* tids, of the initial pid namespace, of the agent's threads whose calls are neither recorded nor counted */
};

/* Settings of one type of record. */
struct event_settings {
	u32 enabled;
	enum scope scope;
	u64 threshold;		/* ns */
	u32 rate;		/* events per period that the throttle lets pass, 0: no throttle */
	u32 option;		/* SYSCALL: 1 = also calls that wait by design; PROCESS_START: 1 = with command line; OFF_CPU: 1 = also threads that wait by design */
	u64 period;		/* ns, of the throttle; 0: one second */
	u64 spent;		/* kernel side's own: the time up to which the throttle's tokens are spent */
	u64 padding[3];		/* 64 bytes: the throttle of one type does not slow down the others */
};

/* Counters behind MBeans and periodic events: which run, and for whom. */
struct counting {
	u32 syscalls;		/* 1: count per process and call */
	u32 files;		/* 1: count per process and file */
	u32 processes;		/* 1: count forks, execs and exits */
	u32 tasks;		/* 1: keep what the scheduler and the memory manager counted of threads that end */
	u32 run_queue;		/* 1: histogram of waits for a CPU */
	u32 kernel_memory;	/* 1: count the kernel's allocations per process */
	u32 network;		/* 1: count messages, bytes and connections per process */
	u32 block;		/* 1: count requests per device and operation */
	u32 connections;	/* 1: report connections that end as RECORD_CONNECTION_ENDED, not too many of them */
	enum scope syscalls_scope;
	enum scope files_scope;
	enum scope processes_scope;
	enum scope tasks_scope;
	enum scope run_queue_scope;
	enum scope kernel_memory_scope;
	enum scope network_scope;
	enum scope block_scope;
	enum scope connections_scope;
	u32 ends;		/* 1: report each process end of ends_scope in the ring, as event or as RECORD_PROCESS_ENDED */
	enum scope ends_scope;
	u32 own_signals;	/* 1: report signals that could end the agent's process as RECORD_OWN_SIGNAL */
	u32 kills;		/* 1: report processes that are killed for their memory as RECORD_KILL_SEEN */
	enum scope kills_scope;
	enum scope widest_scope;	/* widest of all scopes in this object: others are left at the first instruction */
};

/*
 * What wakes the reader. It sets `armed`, looks at the ring once more, and only then sleeps; who wakes it sets
 * READER_AWAKE. The wake-up itself is a discarded record of 8 bytes: it comes after the real record has
 * been committed, so the reader that armed meanwhile cannot miss it.
 */
enum reader {
	READER_AWAKE,		/* nothing wakes it: it comes again by itself */
	READER_ASLEEP,		/* the next record wakes it */
	READER_NAPPING,		/* wakeup_bytes unread wake it, and it comes again by itself */
};

/* One for the host: how the reader wants to be woken. */
struct ring_state {
	enum reader armed;
	u32 wakeup_bytes;
};

/* One per CPU. produced = recorded (by Java) + throttled + lost. */
struct event_counters {
	u64 produced[SUBJECTS + 1];
	u64 throttled[SUBJECTS + 1];
	u64 lost[SUBJECTS + 1];	/* the ring was full */
	u64 internal_lost;	/* the same for records that are no events */
	u64 forks;
	u64 execs;
	u64 exits;		/* processes */
	u64 deletes;
	u64 renames;
	u64 padding[2];		/* 256 bytes: CPUs don't share cache lines */
};

/* What is known of a thread that makes system calls, from one end of a call to the other. */
struct thread_slot {
	u64 owner;		/* pid << 32 | tid; 0: free */
	u64 start;		/* ns; 0: not in a call, or it began before we looked */
	u32 generation;		/* of the process: when its first thread began, in steps of 1,024 ns; names one process exactly together with the pid */
	u32 id;			/* of the call */
	u64 membership;		/* address of the set of cgroups that the thread was last seen in, plus 1 if that is in the agent's container */
};

/* ---- Tables. A row whose key is 0 is free. ---- */

/*
 * Each CPU has a slice of `rows_per_cpu` rows (a power of two), CPU c from row c * rows_per_cpu on; behind the slices,
 * at cpus * rows_per_cpu + c, is the overflow row of CPU c, which takes what found no row. One key
 * can have several rows, also in one slice: the reader adds them up. A row of a process that has ended is
 * freed by the reader: first all other fields to 0, then the key.
 */

/*
 * Key of a syscall row: pid (22 bits) << 42 | id (10 bits) << 32 | generation. The overflow row of a
 * CPU has pid 0.
 */
enum syscall_id {
	SYSCALL_INVALID = 1021,		/* all numbers that are no system call's */
	SYSCALL_OVERFLOW = 1022,
	SYSCALL_COMPAT = 1023,		/* all 32-bit calls: their numbers mean other calls */
	SYSCALL_IDS = 1024,
};

/*
 * Histogram of durations: 4 linear steps in each power of two. Bucket 0..3: steps of 64 ns below 256 ns; then
 * 4 buckets for each power from 2^8 on; the last takes all above.
 */
#define HISTOGRAM_BUCKETS 116

struct syscall_row {
	u64 key;
	u64 count;
	u64 errors;
	u64 total_time;		/* ns */
	u64 max_time;		/* ns; Java sets it back to 0 after reading */
	u32 histogram[HISTOGRAM_BUCKETS];
	u64 padding;
};

/* One for each CPU: how threads waited for it. */
struct run_queue_row {
	u64 switches;		/* all since boot, as the iterator last saw it; 0: not known */
	u64 count;
	u64 total_time;		/* ns */
	u64 max_time;		/* ns */
	u32 histogram[HISTOGRAM_BUCKETS];
	u64 padding[2];
};

/* What is remembered of a thread while it is on no CPU. */
struct switch_slot {
	u64 owner;		/* address of the thread's structure */
	u64 queued;		/* ns, since when it waits for a CPU; 0: it does not, or since before we looked */
	u64 blocked;		/* ns, since when it waits for something else; 0 likewise */
	u64 longest;		/* ns, its longest wait for a CPU since the iterator last met it */
};

/*
 * Files of one process. Where inode numbers come and go with each look (procfs), one row stands for all files
 * of the file system: inode 0, and its name is that of the file system's root.
 */
struct file_row {
	u64 process;		/* pid << 32 | generation; 0: free; ~0: overflow row */
	u64 inode;
	u32 device;
	u32 inode_generation;
	u64 opens;
	u64 reads;
	u64 writes;
	u64 syncs;
	u64 bytes_read;
	u64 bytes_written;
	u64 read_time;
	u64 write_time;
	u64 sync_time;
	u64 errors;		/* of reads, writes and syncs */
	u64 named;		/* RECORD_FILE_NAME is in the ring; the kernel side's own */
	u64 padding[2];
};

/* Tables of one row per process: see PROCESS_TABLE in rows.h for what `process` can be. */

/* Memory that the kernel allocated for a process, and what was freed of it, by whomever. */
struct kernel_memory_row {
	u64 process;
	u64 allocations;
	u64 allocated_bytes;
	u64 frees;
	u64 freed_bytes;
	u64 forgotten;		/* allocations whose frees won't be seen: others took their place among those that are remembered */
	u64 padding[2];
};

/* Major page faults that were seen one by one. */
struct major_fault_row {
	u64 process;
	u64 faults;		/* of which the duration is known */
	u64 time;		/* ns */
	u64 padding;
};

/* What a process does with the network. Messages are calls that moved data, and each message of sendmmsg and recvmmsg. */
struct network_row {
	u64 process;
	u64 sockets;		/* created, not accepted */
	u64 opened;		/* TCP connections */
	u64 accepted;
	u64 tcp_sent;		/* messages */
	u64 tcp_received;
	u64 tcp_bytes_sent;
	u64 tcp_bytes_received;
	u64 udp_sent;
	u64 udp_received;
	u64 udp_bytes_sent;
	u64 udp_bytes_received;
	u64 retransmits;	/* segments */
	u64 padding[3];
};

#define BLOCK_OVERFLOW (~0ULL)

/* Requests of one disk and operation. The key is device << 8 | (operation + 1), BLOCK_OVERFLOW in overflow rows. */
struct block_row {
	u64 key;
	u64 count;		/* completed */
	u64 errors;
	u64 bytes;
	u64 total_time;		/* ns from issue to completion, of the requests whose issue was seen: the histogram tells how many */
	u64 queue_time;		/* ns before, of the same */
	u64 max_time;		/* ns; Java sets it back to 0 after reading */
	u32 histogram[HISTOGRAM_BUCKETS];
	char disk[DISK_NAME_LEN];
	u32 claims;		/* the kernel side's own: how often somebody began to take the row */
	u32 padding;
};

#endif
