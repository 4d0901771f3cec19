// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.record;

import java.util.HashSet;
import java.util.Set;

/** Processes that ended and may still have rows in a table. Not thread-safe: it belongs to its table. */
public final class EndedProcesses {
    private final Set<Long> keys = new HashSet<>();
    private final int enough;

    /** @param rows of the table: as soon as the ended could fill a good part of it they should go */
    public EndedProcesses(int rows) {
        this.enough = Math.clamp(rows / 128, 16, 4096);
    }

    /** Adds a process by {@link Processes#key}; true if it is time to free their rows. */
    public boolean add(long process) {
        keys.add(process);
        return keys.size() >= enough;
    }

    public boolean contains(long process) {
        return !keys.isEmpty() && keys.contains(process);
    }

    public boolean isEmpty() {
        return keys.isEmpty();
    }

    public void clear() {
        keys.clear();
    }
}
