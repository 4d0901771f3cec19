/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Whether a program runs for the current task, or in an interrupt that came upon it and has nothing to do with it. */
#ifndef KFR_INTERRUPT_H
#define KFR_INTERRUPT_H

#include "kernel.h"

/* include/linux/preempt.h: a softirq that is being served (not merely disabled), a hardware interrupt, an NMI. */
#define SERVING_SOFTIRQ 0x100
#define HARDIRQ 0xf0000
#define NMI 0xf00000

#if defined(__TARGET_ARCH_x86)

/* Linux 6.2 to 6.14. */
struct pcpu_hot {
	int preempt_count;
} __attribute__((preserve_access_index));

extern const int __preempt_count __ksym __weak;
extern const struct pcpu_hot pcpu_hot __ksym __weak;

/* 0, as in a task, on kernels that don't tell of their variables: 5.10. */
static __always_inline u32 preempt_count(void)
{
	if (&__preempt_count)
		return *(const volatile int *)bpf_this_cpu_ptr(&__preempt_count);
	if (&pcpu_hot)
		return ((const struct pcpu_hot *)bpf_this_cpu_ptr(&pcpu_hot))->preempt_count;
	return 0;
}

#elif defined(__TARGET_ARCH_arm64)

static __always_inline u32 preempt_count(void)
{
	return BPF_CORE_READ(current_task(), thread_info.preempt.count);
}

#endif

/* Not on 5.10 for x86-64, where it is always false. */
static __always_inline bool in_interrupt(void)
{
	return preempt_count() & (SERVING_SOFTIRQ | HARDIRQ | NMI);
}

#endif
