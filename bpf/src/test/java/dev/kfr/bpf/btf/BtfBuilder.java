// SPDX-License-Identifier: Apache-2.0
package dev.kfr.bpf.btf;

import dev.kfr.bpf.btf.Btf.Kind;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Writes BTF for tests: what compilers at hand don't, or nobody should. Each method adds a type and returns its id. */
public final class BtfBuilder {
    private final ByteArrayOutputStream types = new ByteArrayOutputStream();
    private final ByteArrayOutputStream strings = new ByteArrayOutputStream();
    private int count = 1;

    public BtfBuilder() {
        strings.write(0);
    }

    /** A member of a struct; {@code bits} is 0 if it is no bit-field. */
    public record Member(String name, int type, int offset, int bits) {
        public static Member at(int byteOffset, String name, int type) {
            return new Member(name, type, byteOffset * Byte.SIZE, 0);
        }
    }

    /** A constant of an enum. */
    public record Constant(String name, long value) {}

    public int integer(String name, int bytes, boolean signed) {
        return add(name, Kind.INT, 0, bytes, (signed ? 1 << 24 : 0) | bytes * Byte.SIZE);
    }

    public int pointer(int to) {
        return add("", Kind.POINTER, 0, to);
    }

    public int typedef(String name, int of) {
        return add(name, Kind.TYPEDEF, 0, of);
    }

    public int array(int element, int length) {
        return add("", Kind.ARRAY, 0, 0, element, 0, length);
    }

    public int struct(String name, int bytes, Member... members) {
        int[] tail = new int[members.length * 3];
        int flag = 0;
        for (int i = 0; i < members.length; i++) {
            tail[3 * i] = string(members[i].name);
            tail[3 * i + 1] = members[i].type;
            tail[3 * i + 2] = members[i].offset | members[i].bits << 24;
            flag = members[i].bits != 0 ? 1 << 31 : flag;
        }
        return add(name, Kind.STRUCT, members.length | flag, bytes, tail);
    }

    public int enumeration(String name, Constant... constants) {
        int[] tail = new int[constants.length * 2];
        for (int i = 0; i < constants.length; i++) {
            tail[2 * i] = string(constants[i].name);
            tail[2 * i + 1] = (int) constants[i].value;
        }
        return add(name, Kind.ENUM, constants.length, Integer.BYTES, tail);
    }

    public int enumeration64(String name, Constant... constants) {
        int[] tail = new int[constants.length * 3];
        for (int i = 0; i < constants.length; i++) {
            tail[3 * i] = string(constants[i].name);
            tail[3 * i + 1] = (int) constants[i].value;
            tail[3 * i + 2] = (int) (constants[i].value >> 32);
        }
        return add(name, Kind.ENUM64, constants.length, Long.BYTES, tail);
    }

    /** Any type: {@code length} goes to the lower half of its info word, with the flag as bit 31. */
    public int add(String name, Kind kind, int length, int sizeOrType, int... tail) {
        ByteBuffer type = ByteBuffer.allocate(Btf.TYPE_SIZE + tail.length * Integer.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(string(name))
                .putInt(kind.ordinal() << 24 | length)
                .putInt(sizeOrType);
        for (int word : tail) {
            type.putInt(word);
        }
        types.writeBytes(type.array());
        return count++;
    }

    private int string(String text) {
        if (text.isEmpty()) {
            return 0;
        }
        int offset = strings.size();
        strings.writeBytes((text + '\0').getBytes(StandardCharsets.UTF_8));
        return offset;
    }

    public byte[] bytes() {
        return ByteBuffer.allocate(Btf.HEADER_SIZE + types.size() + strings.size())
                .order(ByteOrder.LITTLE_ENDIAN)
                .putShort((short) Btf.MAGIC)
                .putShort((short) 1)
                .putInt(Btf.HEADER_SIZE)
                .putInt(0)
                .putInt(types.size())
                .putInt(types.size())
                .putInt(strings.size())
                .put(types.toByteArray())
                .put(strings.toByteArray())
                .array();
    }

    public Btf build() {
        return Btf.parse("a test", bytes());
    }
}
