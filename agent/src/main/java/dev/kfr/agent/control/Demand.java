// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.control;

import java.time.Duration;
import java.time.Instant;
import java.util.function.LongSupplier;

/**
 * Whether a subject's counters are asked for by readers of its MBean: from the first read until some time without one. Thread-safe.
 */
public final class Demand {
    /** How long counters go on after the last read. */
    public static final Duration LASTING = Duration.ofMinutes(5);

    /** When the counters behind MBeans run: the option {@code mbeans}. */
    public enum Mode {
        OFF,
        ON_DEMAND,
        ALWAYS
    }

    private final Mode mode;
    private final Runnable changed;
    private final long lasting;
    private final LongSupplier clock;
    private boolean asked;
    private long lastRead;
    private Instant since;

    /**
     * @param lasting how long the counters go on after the last read
     * @param changed called when the counters are to be started; only wakes somebody
     */
    public Demand(Mode mode, Duration lasting, Runnable changed) {
        this(mode, lasting, changed, System::nanoTime);
    }

    Demand(Mode mode, Duration lasting, Runnable changed, LongSupplier clock) {
        this.mode = mode;
        this.lasting = lasting.toNanos();
        this.changed = changed;
        this.clock = clock;
    }

    /** Somebody reads. */
    public void read() {
        boolean first;
        synchronized (this) {
            first = !asked;
            asked = true;
            lastRead = clock.getAsLong();
        }
        if (first && mode == Mode.ON_DEMAND) {
            changed.run();
        }
    }

    /** Whether the counters are to run now. */
    public synchronized boolean wanted() {
        if (asked && clock.getAsLong() - lastRead >= lasting) {
            asked = false;
        }
        return mode == Mode.ALWAYS || (mode == Mode.ON_DEMAND && asked);
    }

    /** ns until {@link #wanted()} has to be asked again, because the demand may have ended; negative: never. */
    public synchronized long remaining() {
        return mode == Mode.ON_DEMAND && asked ? Math.max(1, lasting - (clock.getAsLong() - lastRead)) : -1;
    }

    /** The control plane tells that the counters run, or that they don't. */
    public synchronized void running(boolean running) {
        since = running ? since == null ? Instant.now() : since : null;
    }

    /** Counting begins anew now. */
    public synchronized void restarted() {
        since = since == null ? null : Instant.now();
    }

    /** Since when the counters run without a gap; null if they don't. */
    public synchronized Instant since() {
        return since;
    }
}
