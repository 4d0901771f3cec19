// SPDX-License-Identifier: Apache-2.0
package dev.kfr.bpf.linux;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Kernels before 5.11 count the memory of maps and programs as locked memory of the process that made them. */
public final class MemoryLock {
    private static final int RLIMIT_MEMLOCK = 8;
    private static final long UNLIMITED = -1;

    private MemoryLock() {}

    /** Whether this kernel limits BPF memory by {@code RLIMIT_MEMLOCK}. */
    public static boolean limitsBpf() {
        return !KernelVersion.running().atLeast(5, 11);
    }

    /**
     * Lifts the limit of this process where it applies to BPF; once, later calls do nothing. Without
     * {@code CAP_SYS_RESOURCE} the limit goes up to its hard value only, and creating a map may fail for it.
     */
    public static void lift() {
        // the work is done by the class's initialisation: once, and complete before anybody returns
        Lifted.once();
    }

    private static final class Lifted {
        static {
            if (limitsBpf()) {
                raise();
            }
        }

        static void once() {}

        private static void raise() {
            try (var arena = Arena.ofConfined()) {
                MemorySegment limit = arena.allocate(16); // soft, hard
                limit.set(JAVA_LONG, 0, UNLIMITED);
                limit.set(JAVA_LONG, 8, UNLIMITED);
                if (set(limit) < 0 && get(limit) >= 0) {
                    limit.set(JAVA_LONG, 0, limit.get(JAVA_LONG, 8));
                    set(limit);
                }
            }
        }

        private static long set(MemorySegment limit) {
            return SystemCall.PRLIMIT64.call(0, RLIMIT_MEMLOCK, limit.address(), 0, 0, 0);
        }

        private static long get(MemorySegment limit) {
            return SystemCall.PRLIMIT64.call(0, RLIMIT_MEMLOCK, 0, limit.address(), 0, 0);
        }
    }
}
