// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.jmx;

import java.util.Arrays;

/**
 * Rates of counters from what readers see anyway, so that nobody is woken for them: over the time between the last two readings that lay at least a
 * second apart. Who reads each second gets the last second. 0 until there are two readings, and when counting began anew in between. Thread-safe.
 */
public final class Rates {
    private static final double NANOS_PER_SECOND = 1e9;

    private final double[] rates;
    private long[] before;
    private long time;

    /** @param counters how many there are */
    public Rates(int counters) {
        rates = new double[counters];
    }

    /** Takes a reading of all counters. */
    public synchronized double[] read(long nanoTime, long... values) {
        if (before == null) {
            before = values.clone();
            time = nanoTime;
        } else if (nanoTime - time >= NANOS_PER_SECOND) {
            for (int i = 0; i < rates.length; i++) {
                rates[i] = Math.max(0, values[i] - before[i]) * NANOS_PER_SECOND / (nanoTime - time);
            }
            before = values.clone();
            time = nanoTime;
        }
        return rates.clone();
    }

    /** Counting began anew. */
    public synchronized void reset() {
        before = null;
        Arrays.fill(rates, 0);
    }
}
