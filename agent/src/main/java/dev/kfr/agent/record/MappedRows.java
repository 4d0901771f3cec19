// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.record;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;

/**
 * Rows of a table that programs in the kernel fill and Java maps: an array map of structs, a slice for each CPU, open-addressed by a key of
 * which 0 means free. Only the kernel claims rows and only Java frees them. One key may have several rows: readers add them up.
 *
 * <p>Values are read while the kernel counts on: each is true for some moment during the read, and never goes back.
 */
public final class MappedRows {
    private static final VarHandle LONG = ValueLayout.JAVA_LONG.varHandle();
    private static final int ALIGNMENT = 8; // of values of an array map: kernel/bpf/arraymap.c

    private final MemorySegment rows;
    private final int stride;
    private final int size;
    private final long keyOffset;
    private final int count;

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
    }

    public int count() {
        return count;
    }

    /** The row's key, 0 if it is free. What is read of the row after this is not older than the key. */
    public long key(int row) {
        return (long) LONG.getAcquire(rows, (long) row * stride + keyOffset);
    }

    public long getLong(int row, long offset) {
        return rows.get(ValueLayout.JAVA_LONG, (long) row * stride + offset);
    }

    public int getInt(int row, long offset) {
        return rows.get(ValueLayout.JAVA_INT, (long) row * stride + offset);
    }

    /** Copies an array of 32-bit numbers out of the row. */
    public void getInts(int row, long offset, int[] into) {
        MemorySegment.copy(rows, ValueLayout.JAVA_INT, (long) row * stride + offset, into, 0, into.length);
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
