// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.memory;

import dev.kfr.agent.record.ProcessCounts;
import dev.kfr.agent.record.ProcessTable;
import dev.kfr.agent.record.Processes;
import java.util.List;

/**
 * What the kernel allocated for its own use, and freed of it.
 *
 * @param allocations how many
 * @param allocatedBytes as the kernel rounds them up
 * @param frees of allocations since counting began
 * @param freedBytes of these
 * @param forgotten allocations whose frees will not be seen: too many were remembered
 */
record KernelMemoryCounts(long allocations, long allocatedBytes, long frees, long freedBytes, long forgotten) {
    /** Fields of {@code struct kernel_memory_row}, in the order of the components. */
    static final List<String> FIELDS = List.of("allocations", "allocated_bytes", "frees", "freed_bytes", "forgotten");

    /** In place of a process, as {@code rows.h} has it: what of ended processes was freed after their end. */
    private static final long ENDED_PROCESSES = 2;

    static KernelMemoryCounts of(ProcessCounts counts) {
        return new KernelMemoryCounts(counts.get(0), counts.get(1), counts.get(2), counts.get(3), counts.get(4));
    }

    /** Bytes that are in use, as far as is known: what tables are sorted by. */
    static long inUse(ProcessCounts counts) {
        return of(counts).bytesInUse();
    }

    long bytesInUse() {
        return allocatedBytes - freedBytes;
    }

    /** What stands in place of a process's name where there is no process; null if there is one. */
    static String nameOf(long process) {
        if (process == ProcessTable.OVERFLOW) {
            return "(overflow)";
        }
        if (process == ENDED_PROCESSES) {
            return "(ended)";
        }
        return Processes.pid(process) == 0 ? "(interrupt)" : null;
    }
}
