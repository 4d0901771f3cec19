// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.record;

/** How much time something may take in a while. Thread-safe. */
final class Allowance {
    private final long most;
    private final long nanos;
    private long since;
    private long spent;

    /**
     * @param most ns that it may take; what was begun before may take longer
     * @param nanos how long the while is that begins with the first question after the last
     */
    Allowance(long most, long nanos) {
        this.most = most;
        this.nanos = nanos;
    }

    /**
     * Whether anything is left.
     *
     * @param now ns of {@link System#nanoTime}
     */
    synchronized boolean isLeft(long now) {
        if (spent == 0 || now - since >= nanos) {
            since = now;
            spent = 0;
        }
        return spent < most;
    }

    /** So many ns were taken. */
    synchronized void spend(long taken) {
        spent += taken;
    }
}
