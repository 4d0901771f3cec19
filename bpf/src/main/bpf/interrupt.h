/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Whether a program runs for the current task, or in an interrupt that came upon it and has nothing to do with it.
 *
 * The kernel's own count of interrupts is a variable per CPU on x86-64, which neither 5.10 nor kernels without KALLSYMS_ALL let
 * programs read. But interrupts have a stack of their own there, and what is given to a program on a raw or BTF tracepoint
 * lies on the stack that is in use. (ksoftirqd is a task like others: what it does is its own.)
 */
#ifndef KFR_INTERRUPT_H
#define KFR_INTERRUPT_H

#include "kernel.h"

/*
 * The bits of the kernel's count that are set in a soft interrupt that is being served (not merely disabled), a hardware interrupt and
 * an NMI: include/linux/preempt.h. They lie elsewhere from 7.3 on. Set before load.
 */
const volatile u32 interrupt_bits = 0x00ff0100;

#if defined(__TARGET_ARCH_x86)

#define TASK_STACK_BYTES 16384

/* `context` is what the program was given; not for classic tracepoints, whose records lie elsewhere. */
static __always_inline bool in_interrupt(void *context)
{
	u64 begin, end;

	if (HAS_HELPER(get_current_task_btf))
		begin = (u64)bpf_get_current_task_btf()->stack;
	else
		begin = (u64)BPF_CORE_READ(current_task(), stack);
	end = begin + TASK_STACK_BYTES;
	/* Two comparisons: what the compiler would make of them is arithmetic with a pointer, which is refused. */
	barrier_var(begin);
	barrier_var(end);
	return (u64)context < begin || (u64)context >= end;
}

#elif defined(__TARGET_ARCH_arm64)

static __always_inline bool in_interrupt(void *context)
{
	return BPF_CORE_READ(current_task(), thread_info.preempt.count) & interrupt_bits;
}

#endif

#endif
