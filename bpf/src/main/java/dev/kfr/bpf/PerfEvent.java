// SPDX-License-Identifier: Apache-2.0
package dev.kfr.bpf;

import dev.kfr.bpf.linux.PerfEvents;

/**
 * What makes a program of type {@link ProgramType#PERF_EVENT} run, for all processes.
 *
 * @param type {@code enum perf_type_id}, or the number of a PMU in {@code /sys/bus/event_source/devices}
 * @param config which of the type's events
 * @param period the program runs at every so many occurrences
 */
public record PerfEvent(int type, long config, long period) {
    // enum perf_sw_ids
    private static final int CPU_CLOCK = 0;
    private static final int PAGE_FAULTS_MAJOR = 6;

    /** A timer on each CPU that fires while the CPU is busy, every so many ns. */
    public static PerfEvent cpuClock(long nanos) {
        return new PerfEvent(PerfEvents.TYPE_SOFTWARE, CPU_CLOCK, nanos);
    }

    /** Every page fault that had to wait for a device. */
    public static PerfEvent majorPageFaults() {
        return new PerfEvent(PerfEvents.TYPE_SOFTWARE, PAGE_FAULTS_MAJOR, 1);
    }
}
