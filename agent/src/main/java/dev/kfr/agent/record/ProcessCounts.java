// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.record;

import java.util.Arrays;
import java.util.List;

/**
 * What was counted of one process: a number for each field of a {@link ProcessTable}, in the order in which the table was told their names.
 * A value.
 */
public final class ProcessCounts {
    private final long process;
    private final long[] values;

    ProcessCounts(long process, long[] values) {
        this.process = process;
        this.values = values;
    }

    /** For tests and for those who have no table: the values as given. */
    public static ProcessCounts of(long process, long... values) {
        return new ProcessCounts(process, values.clone());
    }

    /** See {@link Processes#key}; 0: of all processes; {@link ProcessTable#OVERFLOW}, {@link ProcessTable#NO_PROCESS}. */
    public long process() {
        return process;
    }

    /** The number of a field. */
    public long get(int field) {
        return values[field];
    }

    /** All numbers. */
    public List<Long> values() {
        return Arrays.stream(values).boxed().toList();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ProcessCounts counts
                && counts.process == process
                && Arrays.equals(counts.values, values);
    }

    @Override
    public int hashCode() {
        return Long.hashCode(process) * 31 + Arrays.hashCode(values);
    }

    @Override
    public String toString() {
        return Processes.pid(process) + "/" + Integer.toUnsignedString(Processes.generation(process)) + " "
                + Arrays.toString(values);
    }
}
