// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.jmx;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Date;
import java.util.Objects;

/** Notices when counters began to run, or began anew after they had been stopped. Thread-safe. */
public final class Since {
    private final Counters<?> counters;
    private Instant last;

    public Since(Counters<?> counters) {
        this.counters = counters;
    }

    /** Whether counting began anew since the last call, or for the first time. */
    public synchronized boolean changed() {
        Instant now = counters.since();
        boolean changed = !Objects.equals(now, last);
        last = now;
        return changed;
    }

    /** For MBeans; null if they don't run. */
    public static Date date(Counters<?> counters) {
        Instant since = counters.since();
        return since == null ? null : Date.from(since);
    }

    /** For people. */
    public static String text(Counters<?> counters) {
        Instant since = counters.since();
        return since == null
                ? "(not counting)"
                : since.truncatedTo(ChronoUnit.SECONDS).toString();
    }
}
