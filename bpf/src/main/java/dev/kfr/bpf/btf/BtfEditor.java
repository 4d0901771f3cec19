// SPDX-License-Identifier: Apache-2.0
package dev.kfr.bpf.btf;

import dev.kfr.bpf.btf.Btf.Kind;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A copy of types in which some numbers change: what a compiler leaves open, and what the kernel does not take as
 * compilers write it. Ids of types stay. A type of another kind than a method expects gives a
 * {@link dev.kfr.bpf.BpfException} with INVALID. For use by one thread.
 */
public final class BtfEditor {
    private static final int INFO = 4;
    private static final int SIZE_OR_TYPE = 8;
    private static final int LINKAGE = Btf.TYPE_SIZE;

    private final Btf original;
    private final ByteBuffer raw;
    private final ByteArrayOutputStream addedTypes = new ByteArrayOutputStream();
    private final ByteArrayOutputStream addedStrings = new ByteArrayOutputStream();
    private int count;

    /** Begins with a copy. */
    public BtfEditor(Btf original) {
        this.original = original;
        this.raw = ByteBuffer.wrap(original.toBytes()).order(ByteOrder.LITTLE_ENDIAN);
        this.count = original.count();
    }

    /** Sets the bytes of a data section. */
    public void setSectionSize(int section, int size) {
        raw.putInt(position(section, Kind.DATA_SECTION) + SIZE_OR_TYPE, size);
    }

    /** Sets what stands at a place of a data section. */
    public void setSectionVariable(int section, int index, int variable, int offset, int size) {
        int at = original.sectionEntry(section, index);
        raw.putInt(at, variable);
        raw.putInt(at + 4, offset);
        raw.putInt(at + 8, size);
    }

    /** Brings the variables of a data section into the order of their offsets, which the kernel insists on. */
    public void sortSection(int section) {
        int count = original.length(section);
        int[][] entries = new int[count][];
        long[] order = new long[count]; // an entry's offset, and where it is now
        for (int i = 0; i < count; i++) {
            int at = original.sectionEntry(section, i);
            entries[i] = new int[] {raw.getInt(at), raw.getInt(at + 4), raw.getInt(at + 8)};
            order[i] = (long) entries[i][1] << Integer.SIZE | i;
        }
        Arrays.sort(order);
        for (int i = 0; i < count; i++) {
            int[] entry = entries[(int) order[i]];
            setSectionVariable(section, i, entry[0], entry[1], entry[2]);
        }
    }

    /** Gives a variable another type and linkage ({@link Btf#linkage}). */
    public void setVariable(int variable, int type, int linkage) {
        int at = position(variable, Kind.VARIABLE);
        raw.putInt(at + SIZE_OR_TYPE, type);
        raw.putInt(at + LINKAGE, linkage);
    }

    /** Sets the linkage of a function ({@link Btf#linkage}). */
    public void setFunctionLinkage(int function, int linkage) {
        int at = position(function, Kind.FUNCTION) + INFO;
        raw.putInt(at, raw.getInt(at) & ~0xffff | linkage);
    }

    /** Gives the parameters of a function prototype that have no name this one; see {@link #addString}. */
    public void nameParameters(int prototype, int nameOffset) {
        int first = position(prototype, Kind.FUNCTION_PROTOTYPE) + Btf.TYPE_SIZE;
        for (int at = first; at < first + original.length(prototype) * Btf.PARAMETER_SIZE; at += Btf.PARAMETER_SIZE) {
            if (raw.getInt(at) == 0 && raw.getInt(at + 4) != 0) {
                raw.putInt(at, nameOffset);
            }
        }
    }

    /** Adds a string; the result is its offset. */
    public int addString(String text) {
        int offset = stringsLength() + addedStrings.size();
        addedStrings.writeBytes((text + '\0').getBytes(StandardCharsets.UTF_8));
        return offset;
    }

    /** Adds a signed integer of four bytes; the result is its id. */
    public int addInt(String name) {
        return add(addString(name), Kind.INT, 0, Integer.BYTES, 1 << 24 | Integer.SIZE);
    }

    /** Adds a global variable; the result is its id. */
    public int addVariable(int nameOffset, int type) {
        return add(nameOffset, Kind.VARIABLE, 0, type, 1);
    }

    private int add(int nameOffset, Kind kind, int length, int sizeOrType, int tail) {
        ByteBuffer type = ByteBuffer.allocate(Btf.TYPE_SIZE + Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        type.putInt(nameOffset)
                .putInt(kind.ordinal() << 24 | length)
                .putInt(sizeOrType)
                .putInt(tail);
        addedTypes.writeBytes(type.array());
        return count++;
    }

    /** The changed types. */
    public Btf finish(String origin) {
        int header = raw.getInt(4);
        int types = raw.getInt(12);
        int strings = stringsLength();
        int newTypes = types + addedTypes.size();
        int newStrings = strings + addedStrings.size();
        ByteBuffer edited =
                ByteBuffer.allocate(Btf.HEADER_SIZE + newTypes + newStrings).order(ByteOrder.LITTLE_ENDIAN);
        edited.put(raw.array(), 0, 4).putInt(Btf.HEADER_SIZE);
        edited.putInt(0).putInt(newTypes).putInt(newTypes).putInt(newStrings);
        edited.put(raw.array(), header + raw.getInt(8), types).put(addedTypes.toByteArray());
        edited.put(raw.array(), header + raw.getInt(16), strings).put(addedStrings.toByteArray());
        return Btf.parse(origin, edited.array());
    }

    private int position(int id, Kind kind) {
        if (original.kind(id) != kind) {
            throw original.invalid("type " + id + " is no " + kind);
        }
        return original.position(id);
    }

    private int stringsLength() {
        return raw.getInt(20);
    }
}
