// SPDX-License-Identifier: Apache-2.0
package dev.kfr.bpf;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * A global variable of a C program, in memory that programs and Java share. Any thread may access it; what order others
 * see accesses in is for them to arrange, with {@link #memory} and a {@code VarHandle}.
 */
public final class Global {
    private final String name;
    private final MemorySegment memory;
    private final StructLayout section;
    private final StructLayout.Field field;

    Global(String name, DataSection section, StructLayout.Field field) {
        this.name = name;
        this.memory = section.memory().asSlice(field.offset(), field.size());
        this.section = section.layout();
        this.field = field;
    }

    /** The variable's name. */
    public String name() {
        return name;
    }

    /** The variable's bytes. */
    public MemorySegment memory() {
        return memory;
    }

    /** Where it is in its section, and what kind of value it is. */
    public StructLayout.Field field() {
        return field;
    }

    /**
     * The layout of a variable that is a struct, or of the elements of an array of structs.
     *
     * @throws BpfException NOT_FOUND if it is neither
     */
    public StructLayout struct() {
        return section.nested(name);
    }

    /** The value of a variable that is a number. */
    public long get() {
        return switch (field.size()) {
            case 1 ->
                field.signed() ? memory.get(ValueLayout.JAVA_BYTE, 0) : memory.get(ValueLayout.JAVA_BYTE, 0) & 0xff;
            case 2 ->
                field.signed() ? memory.get(ValueLayout.JAVA_SHORT, 0) : memory.get(ValueLayout.JAVA_SHORT, 0) & 0xffff;
            case 4 -> {
                int value = memory.get(ValueLayout.JAVA_INT, 0);
                yield field.signed() ? value : Integer.toUnsignedLong(value);
            }
            case 8 -> memory.get(ValueLayout.JAVA_LONG, 0);
            default -> throw noNumber();
        };
    }

    /** Sets a variable that is a number, cut to its size. */
    public void set(long value) {
        switch (field.size()) {
            case 1 -> memory.set(ValueLayout.JAVA_BYTE, 0, (byte) value);
            case 2 -> memory.set(ValueLayout.JAVA_SHORT, 0, (short) value);
            case 4 -> memory.set(ValueLayout.JAVA_INT, 0, (int) value);
            case 8 -> memory.set(ValueLayout.JAVA_LONG, 0, value);
            default -> throw noNumber();
        }
    }

    private BpfException noNumber() {
        return new BpfException(BpfException.Reason.INVALID, "access variable " + name, "it is no number");
    }
}
