// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.control;

import dev.kfr.bpf.btf.KernelBtf;
import java.util.OptionalLong;

/**
 * Where the kernel counts what keeps it from being preempted, and which bits of that mean interrupts: what programs must know to tell
 * an interrupt from the thread that it came upon.
 */
public final class PreemptCount {
    private static final long BITS = 0x00ff0100;

    /** With eight bits for disabled interrupts below those of interrupts. The highest bit may mean something else. */
    private static final long BITS_WITH_DISABLED = 0x1f000100;

    private PreemptCount() {}

    /**
     * {@code interrupt_bits} in interrupt.h. The kernel has moved them together with the introduction of a variable (Linux 7.3,
     * include/linux/preempt.h).
     */
    public static long interruptBits(KernelBtf kernel) {
        return kernel.variableId("local_interrupt_disable_state") == 0 ? BITS : BITS_WITH_DISABLED;
    }

    /** {@code preempt_count_offset} in cpu.bpf.c: from a CPU's run queue to its count, in bytes; 0 if the kernel does not tell. */
    public static long offset(KernelBtf kernel) {
        var runQueues = kernel.perCpuOffset("runqueues");
        var count = kernel.perCpuOffset("__preempt_count");
        var holder = count.isPresent() ? count : kernel.perCpuOffset("pcpu_hot");
        return runQueues.isPresent() && holder.isPresent() ? difference(holder, runQueues) : 0;
    }

    private static long difference(OptionalLong to, OptionalLong from) {
        return to.getAsLong() - from.getAsLong();
    }
}
