// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.record;

/** How often something may be done in a while. Thread-safe. */
final class Allowance {
    private final int most;
    private final long nanos;
    private long since;
    private int taken;

    /** @param nanos how long the while is that begins with the first time */
    Allowance(int most, long nanos) {
        this.most = most;
        this.nanos = nanos;
    }

    /**
     * Whether it may be done once more.
     *
     * @param now ns of {@link System#nanoTime}
     */
    synchronized boolean take(long now) {
        if (taken == 0 || now - since >= nanos) {
            since = now;
            taken = 0;
        }
        if (taken == most) {
            return false;
        }
        taken++;
        return true;
    }
}
