// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.record;

import java.util.Arrays;
import java.util.HashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongPredicate;
import java.util.function.LongUnaryOperator;

/** Processes that ended and may still have rows in a table. Not thread-safe: it belongs to its table. */
public final class EndedProcesses {
    private static final long LOOK_NANOS = TimeUnit.MINUTES.toNanos(1);

    private final int enough;
    private long[] keys = new long[64]; // open-addressed; no process has key 0
    private int count;
    private long overflowed;
    private long looked = System.nanoTime() - LOOK_NANOS;

    /** @param rows of the table: as soon as the ended could fill a good part of it they should go */
    public EndedProcesses(int rows) {
        this.enough = Math.clamp(rows / 128, 16, 4096);
    }

    /** Adds a process by {@link Processes#key}; true if it is time to free their rows. */
    public boolean add(long process) {
        if (process != 0) {
            if (count * 2 >= keys.length) {
                long[] old = keys;
                keys = new long[old.length * 2];
                for (long key : old) {
                    if (key != 0) {
                        keys[slot(key)] = key;
                    }
                }
            }
            int slot = slot(process);
            if (keys[slot] == 0) {
                keys[slot] = process;
                count++;
            }
        }
        return count >= enough;
    }

    /**
     * Adds processes whose end was not noticed, as when its record was lost: if rows were wanted in vain since the last time.
     *
     * @param inVain how much found no row; any number that is another one as soon as more did
     * @param processOf a row's process by the row's key; 0 if it is none that can end
     * @param alive whether a process still runs
     */
    public void addUnnoticed(long inVain, MappedRows rows, LongUnaryOperator processOf, LongPredicate alive) {
        long now = System.nanoTime();
        if (inVain == overflowed || now - looked < LOOK_NANOS) {
            return;
        }
        overflowed = inVain;
        looked = now;
        var known = new HashMap<Long, Boolean>();
        rows.forEachTaken((row, key, values, at) -> {
            long process = processOf.applyAsLong(key);
            if (process != 0) {
                known.computeIfAbsent(process, alive::test);
            }
        });
        known.forEach((process, runs) -> {
            if (!runs) {
                add(process);
            }
        });
    }

    private int slot(long process) {
        int slot = (int) ((process * 0x9E3779B97F4A7C15L) >>> 33) & (keys.length - 1);
        while (keys[slot] != 0 && keys[slot] != process) {
            slot = (slot + 1) & (keys.length - 1);
        }
        return slot;
    }

    public boolean contains(long process) {
        return keys[slot(process)] == process && process != 0;
    }

    public boolean isEmpty() {
        return count == 0;
    }

    public void clear() {
        Arrays.fill(keys, 0);
        count = 0;
    }

    /** Counting begins anew. */
    public void restart() {
        clear();
        overflowed = 0;
    }
}
