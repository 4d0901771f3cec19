// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.record;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
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
     * The processes with rows, some of which may have ended without notice, as when the record of an end was lost: if rows were wanted in vain since
     * the last time, else none. Whether they run is asked in {@code /proc}, of thousands: not to be done while the reader waits for the table.
     *
     * @param inVain how much found no row; any number that is another one as soon as more did
     * @param processOf a row's process by the row's key; 0 if it is none that can end
     */
    public Set<Long> suspects(long inVain, MappedRows rows, LongUnaryOperator processOf) {
        var suspects = new HashSet<Long>();
        long now = System.nanoTime();
        if (inVain == overflowed || now - looked < LOOK_NANOS) {
            return suspects;
        }
        overflowed = inVain;
        looked = now;
        rows.forEachTaken((row, key, values, at) -> {
            long process = processOf.applyAsLong(key);
            if (process != 0) {
                suspects.add(process);
            }
        });
        return suspects;
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
