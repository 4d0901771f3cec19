// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.jmx;

import java.time.Instant;

/** Counters that always run, for tests; counts how often somebody asked. */
public final class Fixed<T> implements Counters<T> {
    private static final Instant START = Instant.parse("2026-01-02T03:04:05Z");

    private final T table;
    private int demands;

    public Fixed(T table) {
        this.table = table;
    }

    @Override
    public T demand() {
        demands++;
        return table;
    }

    @Override
    public Instant since() {
        return table == null ? null : START;
    }

    public int demands() {
        return demands;
    }
}
