// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.control;

import dev.kfr.agent.record.IntervalTable;
import dev.kfr.events.Scope;
import java.util.function.Supplier;

/** Rows that are made from a table in the kernel, as long as it is there. */
public abstract class TableRows<T extends IntervalTable> implements SubjectProbe.Rows {
    private final Supplier<T> table;

    /** @param table null while it is not in the kernel */
    protected TableRows(Supplier<T> table) {
        this.table = table;
    }

    @Override
    public final void start() {
        table.get().startIntervals();
    }

    @Override
    public final void stop() {
        var counted = table.get();
        if (counted != null) {
            counted.stopIntervals();
        }
    }

    @Override
    public final int write(Scope scope) {
        var counted = table.get();
        return counted == null ? 0 : write(counted, scope);
    }

    /** Writes the rows that are due, as {@link #write(Scope)}. */
    protected abstract int write(T table, Scope scope);

    /** A count as events have it: Mission Control adds up no {@code long} without a unit. */
    protected static int count(long value) {
        return (int) Math.min(value, Integer.MAX_VALUE);
    }
}
