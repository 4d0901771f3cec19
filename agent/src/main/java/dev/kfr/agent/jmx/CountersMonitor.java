// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.jmx;

import java.util.Date;

/** What MBeans with top tables have in common: how many rows these have, and since when there is something in them. Thread-safe. */
public abstract class CountersMonitor implements Monitor {
    /** How many rows the tables have. */
    protected final TableSize tableSize = new TableSize();

    private final Counters<?> counters;

    /** @param counters behind the MBean */
    protected CountersMonitor(Counters<?> counters) {
        this.counters = counters;
    }

    public int getTableSize() {
        return tableSize.get();
    }

    public void setTableSize(int rows) {
        tableSize.set(rows);
    }

    public Date getCountingSince() {
        return Since.date(counters);
    }
}
