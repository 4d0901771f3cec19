// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.record;

/** A table of counters in the kernel that tells what happened in intervals. Thread-safe; not to be used once it is out of the kernel. */
public interface IntervalTable {
    /** From now on there are intervals; what was counted before belongs to none. */
    void startIntervals();

    /** Nobody asks for intervals any more. */
    void stopIntervals();
}
