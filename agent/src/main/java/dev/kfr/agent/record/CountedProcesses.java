// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.record;

/** A table of counters in the kernel whose rows belong to processes. */
public interface CountedProcesses extends IntervalTable {
    /**
     * A process ended, and all records of it were read: nothing is counted in its rows any more.
     *
     * @param process see {@link Processes#key}
     */
    void ended(long process);

    /** Tells a table, unless it is null or is being taken out of the kernel, and its rows with it. */
    static void ended(CountedProcesses table, ProcessEnds.End end) {
        if (table != null) {
            try {
                table.ended(end.process());
            } catch (IllegalStateException closed) {
                // it went meanwhile
            }
        }
    }
}
