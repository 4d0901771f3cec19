// SPDX-License-Identifier: Apache-2.0
package dev.kfr.bpf;

import dev.kfr.bpf.btf.Btf;
import java.util.List;

/**
 * Where the fields of a C struct or union are, or the variables of a data section, as BTF describes them. Decoders ask
 * once and keep the offsets. Immutable.
 */
public final class StructLayout {
    /**
     * Where a field is.
     *
     * @param offset bytes from the start of the struct that was asked
     * @param size bytes, of all elements
     * @param signed whether a number in it, or in its elements, has a sign
     * @param elements 1, or the length of an array (of all dimensions)
     * @param elementSize bytes of one element; {@code size} if it is no array
     */
    public record Field(int offset, int size, boolean signed, int elements, int elementSize) {}

    private final Btf btf;
    private final int typeId;

    private StructLayout(Btf btf, int typeId) {
        this.btf = btf;
        this.typeId = typeId;
    }

    /**
     * The layout of the struct, union or data section with this BTF id.
     *
     * @throws BpfException INVALID if the type is none of these
     */
    public static StructLayout of(Btf btf, int typeId) {
        return new StructLayout(btf, typeId);
    }

    /** Name of the struct or section; empty if it has none. */
    public String name() {
        throw new UnsupportedOperationException();
    }

    /** Bytes. */
    public int size() {
        throw new UnsupportedOperationException();
    }

    /** Names of the fields in their order; those of anonymous members are in the place of these. */
    public List<String> fieldNames() {
        throw new UnsupportedOperationException();
    }

    /**
     * A field.
     *
     * @param path its name, or names and indices on the way to it: {@code "header.pid"}, {@code "settings[3].rate"};
     *     members of anonymous structs and unions are found as in C
     * @throws BpfException NOT_FOUND if there is no such field, NOT_SUPPORTED if it is a bit-field
     */
    public Field field(String path) {
        throw new UnsupportedOperationException(path);
    }

    /** Whether {@link #field} would find something. */
    public boolean has(String path) {
        throw new UnsupportedOperationException(path);
    }

    /**
     * The layout of a field that is a struct or union, or of the elements of an array of such.
     *
     * @throws BpfException NOT_FOUND if there is no such field or it is no struct
     */
    public StructLayout nested(String path) {
        throw new UnsupportedOperationException(path + btf + typeId);
    }
}
