// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.record;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;

/**
 * Rows of a table that programs in the kernel fill and Java maps: an array map of structs, a slice for each CPU, open-addressed by a key of
 * which 0 means free. Only the kernel claims rows and only Java frees them. One key may have several rows: readers add them up.
 *
 * <p>Values are read while the kernel counts on: each is true for some moment during the read, and never goes back. Not thread-safe.
 */
public final class MappedRows {
    private static final VarHandle LONG = ValueLayout.JAVA_LONG.varHandle();
    private static final int ALIGNMENT = 8; // of values of an array map: kernel/bpf/arraymap.c

    private static final int ROWS_AT_ONCE = 64;

    private final MemorySegment rows;
    private final int stride;
    private final int size;
    private final long keyOffset;
    private final int count;
    private final long[] copy;

    /**
     * @param rows the mapped array
     * @param size bytes of a row as its struct has them
     * @param keyOffset where in a row the key is
     */
    public MappedRows(MemorySegment rows, int size, int keyOffset) {
        this.rows = rows;
        this.size = size;
        this.stride = (size + ALIGNMENT - 1) & -ALIGNMENT;
        this.keyOffset = keyOffset;
        this.count = Math.toIntExact(rows.byteSize() / stride);
        this.copy = new long[ROWS_AT_ONCE * stride / Long.BYTES];
    }

    public int count() {
        return count;
    }

    /** What is done with a row that is taken. */
    public interface Visitor {
        /**
         * @param key of the row
         * @param values a copy of this row and of others, as 64-bit numbers
         * @param at where in {@code values} this row begins
         */
        void row(int row, long key, long[] values, int at);
    }

    /**
     * Goes through the rows that are taken. They are copied in pieces: reading the mapped memory value by value takes ten times as long
     * while the JVM has not compiled it yet, and tables are often read when it hasn't.
     */
    public void forEachTaken(Visitor visitor) {
        int width = stride / Long.BYTES;
        int keyAt = (int) keyOffset / Long.BYTES;
        for (int first = 0; first < count; first += ROWS_AT_ONCE) {
            int copied = Math.min(ROWS_AT_ONCE, count - first);
            MemorySegment.copy(rows, ValueLayout.JAVA_LONG, (long) first * stride, copy, 0, copied * width);
            for (int i = 0; i < copied; i++) {
                long key = copy[i * width + keyAt];
                if (key != 0) {
                    visitor.row(first + i, key, copy, i * width);
                }
            }
        }
    }

    /** Of the rows, how many are taken: between 0 and 1. */
    public double fill() {
        int[] taken = {0};
        forEachTaken((row, key, values, at) -> taken[0]++);
        return (double) taken[0] / count;
    }

    public long getLong(int row, long offset) {
        return rows.get(ValueLayout.JAVA_LONG, (long) row * stride + offset);
    }

    public int getInt(int row, long offset) {
        return rows.get(ValueLayout.JAVA_INT, (long) row * stride + offset);
    }

    /** Takes a maximum out of the row: what the kernel stores at the same moment is seen now or the next time, never lost. */
    public long takeMaximum(int row, long offset) {
        return (long) LONG.getAndSet(rows, (long) row * stride + offset, 0L);
    }

    /** Gives the row back to the kernel, all zero. Nobody may count in it any more: its process has ended. */
    public void free(int row) {
        long start = (long) row * stride;
        rows.asSlice(start, keyOffset).fill((byte) 0);
        rows.asSlice(start + keyOffset + Long.BYTES, size - keyOffset - Long.BYTES)
                .fill((byte) 0);
        LONG.setRelease(rows, start + keyOffset, 0L);
    }
}
