// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.control;

import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * Tells when records are lost: at once, and then at most every {@value #SECONDS} seconds. It has no clock of its own to wake it: where
 * records were lost there are others that are read, and after each batch of them {@link #look} is called. For one thread at a time.
 */
final class LossWatch {
    static final int SECONDS = 10;
    private static final long PAUSE_NANOS = TimeUnit.SECONDS.toNanos(SECONDS);

    private final LongSupplier lost;
    private final Consumer<String> told;
    private final LongSupplier clock;
    private long before;
    private long quietUntil;

    /**
     * @param lost records that were lost since the agent started
     * @param told gets a sentence for the operator
     * @param clock ns
     */
    LossWatch(LongSupplier lost, Consumer<String> told, LongSupplier clock) {
        this.lost = lost;
        this.told = told;
        this.clock = clock;
        this.quietUntil = clock.getAsLong();
    }

    void look() {
        long now = lost.getAsLong();
        if (now == before || clock.getAsLong() - quietUntil < 0) {
            return;
        }
        told.accept(now - before
                + " records were lost, since the ring buffer was full: a larger one (option ring), higher thresholds or a"
                + " throttle help");
        before = now;
        quietUntil = clock.getAsLong() + PAUSE_NANOS;
    }
}
