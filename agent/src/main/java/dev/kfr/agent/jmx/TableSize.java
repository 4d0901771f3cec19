// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.jmx;

/** How many rows the tables of an MBean have; a client may change it. Thread-safe. */
public final class TableSize {
    private static final int DEFAULT = 20;
    private static final int LARGEST = 10_000;

    private volatile int rows = DEFAULT;

    public int get() {
        return rows;
    }

    /** @throws IllegalArgumentException if it is not between 1 and 10,000 */
    public void set(int wanted) {
        if (wanted < 1 || wanted > LARGEST) {
            throw new IllegalArgumentException("TableSize must be between 1 and " + LARGEST + ", not " + wanted);
        }
        rows = wanted;
    }
}
