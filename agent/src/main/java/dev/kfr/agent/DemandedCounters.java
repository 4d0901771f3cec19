// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent;

import dev.kfr.agent.control.Demand;
import dev.kfr.agent.jmx.Counters;
import java.time.Instant;
import java.util.function.Supplier;

/** Counters that run as long as somebody reads them: the control plane's demand, and where to read. */
record DemandedCounters<T>(Demand readers, Supplier<T> source) implements Counters<T> {
    @Override
    public T demand() {
        readers.read();
        return source.get();
    }

    @Override
    public Instant since() {
        return readers.since();
    }
}
