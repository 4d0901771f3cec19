/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Which system calls mean what: their numbers on each architecture, how their arguments are found,
 * and one table that tells what a call is about.
 */
#ifndef KFR_CALLS_H
#define KFR_CALLS_H

#include "kernel.h"
#include "record.h"
#include "running.h"

#if defined(__TARGET_ARCH_x86)
enum syscall_number {
	NR_read = 0,
	NR_write = 1,
	NR_open = 2,
	NR_poll = 7,
	NR_rt_sigreturn = 15,
	NR_pread64 = 17,
	NR_pwrite64 = 18,
	NR_readv = 19,
	NR_writev = 20,
	NR_select = 23,
	NR_msync = 26,
	NR_pause = 34,
	NR_nanosleep = 35,
	NR_sendfile = 40,
	NR_socket = 41,
	NR_connect = 42,
	NR_accept = 43,
	NR_sendto = 44,
	NR_recvfrom = 45,
	NR_sendmsg = 46,
	NR_recvmsg = 47,
	NR_socketpair = 53,
	NR_wait4 = 61,
	NR_semop = 65,
	NR_msgrcv = 70,
	NR_fsync = 74,
	NR_fdatasync = 75,
	NR_rename = 82,
	NR_rmdir = 84,
	NR_creat = 85,
	NR_unlink = 87,
	NR_rt_sigtimedwait = 128,
	NR_rt_sigsuspend = 130,
	NR_futex = 202,
	NR_io_getevents = 208,
	NR_restart_syscall = 219,
	NR_semtimedop = 220,
	NR_clock_nanosleep = 230,
	NR_epoll_wait = 232,
	NR_mq_timedreceive = 243,
	NR_waitid = 247,
	NR_openat = 257,
	NR_unlinkat = 263,
	NR_renameat = 264,
	NR_pselect6 = 270,
	NR_ppoll = 271,
	NR_splice = 275,
	NR_sync_file_range = 277,
	NR_epoll_pwait = 281,
	NR_accept4 = 288,
	NR_preadv = 295,
	NR_pwritev = 296,
	NR_recvmmsg = 299,
	NR_syncfs = 306,
	NR_sendmmsg = 307,
	NR_renameat2 = 316,
	NR_copy_file_range = 326,
	NR_preadv2 = 327,
	NR_pwritev2 = 328,
	NR_io_pgetevents = 333,
	NR_io_uring_enter = 426,
	NR_openat2 = 437,
	NR_epoll_pwait2 = 441,
	NR_futex_waitv = 449,
	NR_futex_wait = 455,
};
#else
enum syscall_number {
	NR_io_getevents = 4,
	NR_epoll_pwait = 22,
	NR_unlinkat = 35,
	NR_renameat = 38,
	NR_openat = 56,
	NR_read = 63,
	NR_write = 64,
	NR_readv = 65,
	NR_writev = 66,
	NR_pread64 = 67,
	NR_pwrite64 = 68,
	NR_preadv = 69,
	NR_pwritev = 70,
	NR_sendfile = 71,
	NR_pselect6 = 72,
	NR_ppoll = 73,
	NR_splice = 76,
	NR_fsync = 82,
	NR_fdatasync = 83,
	NR_sync_file_range = 84,
	NR_waitid = 95,
	NR_futex = 98,
	NR_nanosleep = 101,
	NR_clock_nanosleep = 115,
	NR_restart_syscall = 128,
	NR_rt_sigsuspend = 133,
	NR_rt_sigtimedwait = 137,
	NR_rt_sigreturn = 139,
	NR_mq_timedreceive = 183,
	NR_msgrcv = 188,
	NR_semtimedop = 192,
	NR_semop = 193,
	NR_socket = 198,
	NR_socketpair = 199,
	NR_accept = 202,
	NR_connect = 203,
	NR_sendto = 206,
	NR_recvfrom = 207,
	NR_sendmsg = 211,
	NR_recvmsg = 212,
	NR_msync = 227,
	NR_accept4 = 242,
	NR_recvmmsg = 243,
	NR_wait4 = 260,
	NR_syncfs = 267,
	NR_sendmmsg = 269,
	NR_renameat2 = 276,
	NR_copy_file_range = 285,
	NR_preadv2 = 286,
	NR_pwritev2 = 287,
	NR_io_pgetevents = 292,
	NR_io_uring_enter = 426,
	NR_openat2 = 437,
	NR_epoll_pwait2 = 441,
	NR_futex_waitv = 449,
	NR_futex_wait = 455,
};
#endif

enum syscall_class {
	CALL_WAITS = 1,		/* by design: for an event, another thread or a time */
	CALL_OPEN = 2,
	CALL_READ = 4,
	CALL_WRITE = 8,
	CALL_SYNC = 16,
	CALL_DELETE = 32,
	CALL_RENAME = 64,
	CALL_SOCKET = 128,	/* makes sockets or connections, sends or receives */
	CALL_FILES = CALL_OPEN | CALL_READ | CALL_WRITE | CALL_SYNC | CALL_DELETE | CALL_RENAME,
};

static const u8 syscall_class[SYSCALL_IDS] = {
	[NR_accept] = CALL_WAITS | CALL_SOCKET,
	[NR_accept4] = CALL_WAITS | CALL_SOCKET,
	[NR_clock_nanosleep] = CALL_WAITS,
	[NR_epoll_pwait] = CALL_WAITS,
	[NR_epoll_pwait2] = CALL_WAITS,
	[NR_futex] = CALL_WAITS,
	[NR_futex_wait] = CALL_WAITS,
	[NR_futex_waitv] = CALL_WAITS,
	[NR_io_getevents] = CALL_WAITS,
	[NR_io_pgetevents] = CALL_WAITS,
	[NR_io_uring_enter] = CALL_WAITS,
	[NR_mq_timedreceive] = CALL_WAITS,
	[NR_msgrcv] = CALL_WAITS,
	[NR_nanosleep] = CALL_WAITS,
	[NR_ppoll] = CALL_WAITS,
	[NR_pselect6] = CALL_WAITS,
	[NR_recvfrom] = CALL_WAITS | CALL_SOCKET,
	[NR_recvmmsg] = CALL_WAITS | CALL_SOCKET,
	[NR_recvmsg] = CALL_WAITS | CALL_SOCKET,
	[NR_restart_syscall] = CALL_WAITS,
	[NR_rt_sigsuspend] = CALL_WAITS,
	[NR_rt_sigtimedwait] = CALL_WAITS,
	[NR_semop] = CALL_WAITS,
	[NR_semtimedop] = CALL_WAITS,
	[NR_wait4] = CALL_WAITS,
	[NR_waitid] = CALL_WAITS,
	[NR_openat] = CALL_OPEN,
	[NR_openat2] = CALL_OPEN,
	[NR_read] = CALL_READ,
	[NR_readv] = CALL_READ,
	[NR_pread64] = CALL_READ,
	[NR_preadv] = CALL_READ,
	[NR_preadv2] = CALL_READ,
	[NR_write] = CALL_WRITE,
	[NR_writev] = CALL_WRITE,
	[NR_pwrite64] = CALL_WRITE,
	[NR_pwritev] = CALL_WRITE,
	[NR_pwritev2] = CALL_WRITE,
	[NR_copy_file_range] = CALL_READ | CALL_WRITE,
	[NR_sendfile] = CALL_READ | CALL_WRITE,
	[NR_splice] = CALL_READ | CALL_WRITE,
	[NR_fsync] = CALL_SYNC,
	[NR_fdatasync] = CALL_SYNC,
	[NR_sync_file_range] = CALL_SYNC,
	[NR_syncfs] = CALL_SYNC,
	[NR_msync] = CALL_SYNC,
	[NR_unlinkat] = CALL_DELETE,
	[NR_renameat] = CALL_RENAME,
	[NR_renameat2] = CALL_RENAME,
	[NR_connect] = CALL_SOCKET,
	[NR_sendmmsg] = CALL_SOCKET,
	[NR_sendmsg] = CALL_SOCKET,
	[NR_sendto] = CALL_SOCKET,
	[NR_socket] = CALL_SOCKET,
	[NR_socketpair] = CALL_SOCKET,
#if defined(__TARGET_ARCH_x86)
	[NR_epoll_wait] = CALL_WAITS,
	[NR_pause] = CALL_WAITS,
	[NR_poll] = CALL_WAITS,
	[NR_select] = CALL_WAITS,
	[NR_open] = CALL_OPEN,
	[NR_creat] = CALL_OPEN,
	[NR_unlink] = CALL_DELETE,
	[NR_rmdir] = CALL_DELETE,
	[NR_rename] = CALL_RENAME,
#endif
};

/* Both architectures' default; only kernels that have no bpf_task_pt_regs are asked. */
#define KERNEL_STACK_BYTES 16384

#if defined(__TARGET_ARCH_x86)
#define X32_CALL 0x40000000	/* bit in the number: a call with 32-bit pointers */
#define TS_COMPAT 2		/* arch/x86/include/asm/thread_info.h */
#else
#define X32_CALL 0
#define PSR_MODE32_BIT 0x10	/* arch/arm64/include/uapi/asm/ptrace.h */
#endif

/* A call that has just ended. */
struct call {
	struct pt_regs *regs;
	u64 start;		/* ns; 0: the beginning was not seen */
	u64 duration;		/* ns; 0 then */
	s64 result;
	u32 id;			/* enum syscall_number or enum syscall_id */
	u32 class;		/* enum syscall_class */
	u32 pid;
	u32 generation;
	struct file *file;	/* what its only descriptor stands for, if that has been looked up; else NULL */
};

/* When the call began; for one that was under way when we came, when it ended. */
static __always_inline u64 start_of(struct call *call)
{
	return call->start ? call->start : bpf_ktime_get_ns();
}

/*
 * The fields of pt_regs that hold a call; at its end the arguments are still there. `direct`, a constant, tells
 * that the verifier knows the pointer's type, so that one instruction reads it.
 */
static __always_inline s64 number_in(struct pt_regs *regs, bool direct)
{
#if defined(__TARGET_ARCH_x86)
	return direct ? regs->orig_ax : FIELD(regs, orig_ax);
#else
	return direct ? regs->syscallno : FIELD(regs, syscallno);
#endif
}

static __always_inline u64 argument_in(struct pt_regs *regs, int n)
{
#if defined(__TARGET_ARCH_x86)
	switch (n) {
	case 0:
		return FIELD(regs, di);
	case 1:
		return FIELD(regs, si);
	case 2:
		return FIELD(regs, dx);
	case 3:
		return FIELD(regs, r10);
	case 4:
		return FIELD(regs, r8);
	default:
		return FIELD(regs, r9);
	}
#else
	switch (n) {
	case 0:
		return FIELD(regs, orig_x0);	/* regs[0] has the result */
	case 1:
		return FIELD(regs, regs[1]);
	case 2:
		return FIELD(regs, regs[2]);
	case 3:
		return FIELD(regs, regs[3]);
	case 4:
		return FIELD(regs, regs[4]);
	default:
		return FIELD(regs, regs[5]);
	}
#endif
}

/* The current thread, pid << 32 | tid. */
static __always_inline u64 find_owner(void)
{
	struct task_struct *task;

	if (!HAS_HELPER(get_current_task_btf))
		return bpf_get_current_pid_tgid();
	task = running_task();
	return (u64)task->tgid << 32 | (u32)task->pid;
}

/* The registers of the current call, where a program is not given them: at the end of the kernel stack. */
static __always_inline struct pt_regs *find_registers(void)
{
	if (HAS_HELPER(get_current_task_btf) && HAS_HELPER(task_pt_regs))
		return (void *)bpf_task_pt_regs(bpf_get_current_task_btf());
	return FIELD(current_task(), stack) + KERNEL_STACK_BYTES - bpf_core_type_size(struct pt_regs);
}

/* The same with what its end needs to know of the call: whether it is a 32-bit one, as 64-bit programs can make too (int 0x80). */
struct caller {
	u64 owner;
	bool is_compat;
};

static __always_inline struct caller find_caller(struct pt_regs *regs, bool direct)
{
	struct caller caller;

#if defined(__TARGET_ARCH_x86)
	if (HAS_HELPER(get_current_task_btf)) {
		struct task_struct *task = running_task();

		caller.owner = (u64)task->tgid << 32 | (u32)task->pid;
		caller.is_compat = task->thread_info.status & TS_COMPAT;
	} else {
		caller.owner = bpf_get_current_pid_tgid();
		caller.is_compat = FIELD(current_task(), thread_info.status) & TS_COMPAT;
	}
#else
	if (!regs)
		regs = find_registers();
	caller.owner = find_owner();
	caller.is_compat = (direct ? regs->pstate : FIELD(regs, pstate)) & PSR_MODE32_BIT;
#endif
	return caller;
}

#endif
