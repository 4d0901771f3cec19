// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.record;

import dev.kfr.bpf.StructLayout;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** A table in memory whose rows a test writes as the kernel side would. */
public final class TableRows {
    private final StructLayout layout;
    private final int stride;
    private final MemorySegment memory;
    private int claimed;

    public TableRows(String struct, int rows) {
        this("syscalls", struct, rows);
    }

    /** @param object whose table it is */
    public TableRows(String object, String struct, int rows) {
        this.layout = CompiledLayouts.of(object, struct);
        this.stride = (layout.size() + 7) & -8;
        this.memory = Arena.ofAuto().allocate((long) rows * stride, 64);
    }

    public MemorySegment memory() {
        return memory;
    }

    public StructLayout layout() {
        return layout;
    }

    /** Index of the next row that nobody took. */
    public int claim() {
        return claimed++;
    }

    /** Java has given all rows back: the first is the next again. */
    public void allFree() {
        claimed = 0;
    }

    public long get(int row, String field) {
        return memory.get(ValueLayout.JAVA_LONG, offset(row, field));
    }

    public TableRows set(int row, String field, long value) {
        if (layout.field(field).size() == Integer.BYTES) {
            memory.set(ValueLayout.JAVA_INT, offset(row, field), (int) value);
        } else {
            memory.set(ValueLayout.JAVA_LONG, offset(row, field), value);
        }
        return this;
    }

    /** Fills the beginning of a field with bytes. */
    public TableRows text(int row, String field, byte[] bytes) {
        MemorySegment.copy(bytes, 0, memory, ValueLayout.JAVA_BYTE, offset(row, field), bytes.length);
        return this;
    }

    public TableRows add(int row, String field, long value) {
        return set(row, field, get(row, field) + value);
    }

    public void addToBucket(int row, int bucket, int count) {
        long at = offset(row, "histogram") + (long) bucket * Integer.BYTES;
        memory.set(ValueLayout.JAVA_INT, at, memory.get(ValueLayout.JAVA_INT, at) + count);
    }

    private long offset(int row, String field) {
        return (long) row * stride + layout.field(field).offset();
    }
}
