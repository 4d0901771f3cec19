// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.record;

/**
 * What the kernel counted for threads: in all, or in an interval.
 *
 * @param cpuTime ns on a CPU; of a thread that runs, as of the last scheduler tick
 * @param runQueueTime ns that threads were runnable and had no CPU; a wait counts when it is over
 * @param voluntarySwitches how often threads gave up the CPU to wait for something
 * @param involuntarySwitches how often the CPU was taken from them
 * @param migrations how often threads moved from one CPU to another
 * @param minorFaults page faults that needed no I/O
 * @param majorFaults page faults that did
 * @param runQueueMax ns, the longest wait for a CPU in an interval; only while switches are watched, else 0
 */
public record TaskCounts(
        long cpuTime,
        long runQueueTime,
        long voluntarySwitches,
        long involuntarySwitches,
        long migrations,
        long minorFaults,
        long majorFaults,
        long runQueueMax) {
    static final int FIELDS = 8;

    /** The fields before it are sums, this one is a maximum. */
    static final int MAX = 7;

    /** From an array in the order of the components. */
    static TaskCounts of(long[] values) {
        return new TaskCounts(values[0], values[1], values[2], values[3], values[4], values[5], values[6], values[MAX]);
    }

    static void add(long[] to, long[] values) {
        for (int i = 0; i < MAX; i++) {
            to[i] += values[i];
        }
        to[MAX] = Math.max(to[MAX], values[MAX]);
    }

    /** Of both kinds. */
    public long switches() {
        return voluntarySwitches + involuntarySwitches;
    }
}
