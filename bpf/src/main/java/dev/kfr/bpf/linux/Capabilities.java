// SPDX-License-Identifier: Apache-2.0
package dev.kfr.bpf.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * The effective capabilities of the calling thread, {@code capabilities(7)}.
 *
 * @param effective bit n is set if capability number n is held
 */
public record Capabilities(long effective) {
    /** Numbers as in {@code linux/capability.h}. */
    public static final int SYS_ADMIN = 21;

    /** Lifts limits, such as that of locked memory. */
    public static final int SYS_RESOURCE = 24;

    /** From Linux 5.8 on; before that SYS_ADMIN. */
    public static final int PERFMON = 38;
    /** From Linux 5.8 on; before that SYS_ADMIN. */
    public static final int BPF = 39;

    private static final int VERSION_3 = 0x20080522;

    /** Asks the kernel. */
    public static Capabilities ofCurrentThread() {
        try (var arena = Arena.ofConfined()) {
            MemorySegment header = arena.allocate(8);
            header.set(JAVA_INT, 0, VERSION_3); // pid 0: the calling thread
            MemorySegment data = arena.allocate(24); // twice effective, permitted, inheritable: low, then high halves
            long result = SystemCall.CAPGET.call(header.address(), data.address(), 0);
            if (result < 0) {
                throw Errno.failure("capget", result);
            }
            long low = Integer.toUnsignedLong(data.get(JAVA_INT, 0));
            long high = Integer.toUnsignedLong(data.get(JAVA_INT, 12));
            return new Capabilities(high << 32 | low);
        }
    }

    /** Whether the capability with this number is held. */
    public boolean has(int capability) {
        return (effective >>> capability & 1) != 0;
    }

    /** Whether programs for tracing may be loaded and attached: {@code CAP_BPF} and {@code CAP_PERFMON}, or all. */
    public boolean mayTrace() {
        return has(SYS_ADMIN) || has(BPF) && has(PERFMON);
    }
}
