// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.record;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * One record where it lies in the mapped ring buffer: a window that the reader moves, valid only while a decoder runs.
 *
 * <p>Every access is checked against the record's own length, since that and all that is in it comes from the kernel side and is not
 * trusted: a bad length is an {@link IndexOutOfBoundsException}, which the reader counts. Not thread-safe.
 */
public final class Record {
    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED;
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;

    private MemorySegment memory = MemorySegment.NULL;
    private long start;
    private int length;

    /** Moves the window to the {@code length} bytes at {@code start} of {@code memory}. */
    public void move(MemorySegment memory, long start, int length) {
        this.memory = memory;
        this.start = start;
        this.length = length;
    }

    /** Length of the record in bytes. */
    public int length() {
        return length;
    }

    public int getInt(int offset) {
        check(offset, Integer.BYTES);
        return memory.get(INT, start + offset);
    }

    /** An unsigned 32-bit field, such as a pid. */
    public long getUnsignedInt(int offset) {
        return Integer.toUnsignedLong(getInt(offset));
    }

    public int getUnsignedShort(int offset) {
        check(offset, Short.BYTES);
        return Short.toUnsignedInt(memory.get(SHORT, start + offset));
    }

    public long getLong(int offset) {
        check(offset, Long.BYTES);
        return memory.get(LONG, start + offset);
    }

    /** The segment that holds the record; {@link #position} says where. */
    public MemorySegment memory() {
        return memory;
    }

    /** Where {@code length} bytes at {@code offset} of the record lie in {@link #memory()}. */
    public long position(int offset, int length) {
        check(offset, length);
        return start + offset;
    }

    private void check(int offset, int size) {
        if (offset < 0 || size < 0 || offset > length - size) {
            throw new IndexOutOfBoundsException(
                    "record of " + length + " bytes has no " + size + " bytes at " + offset);
        }
    }
}
