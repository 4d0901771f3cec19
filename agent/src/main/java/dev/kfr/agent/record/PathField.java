// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.record;

import dev.kfr.bpf.StructLayout;

/**
 * A path in a kind of record: three fields that say what its two strings are, which stand behind the struct.
 *
 * @param paths reads paths
 * @param flags offset of its flags
 * @param length offset of the path's length
 * @param base offset of the length of the directory that the path is relative to
 */
public record PathField(Paths paths, int flags, int length, int base) {
    /** The path whose fields begin with {@code prefix}, such as {@code new_}; empty if there is but one. */
    public static PathField of(Layouts layouts, StructLayout struct, String prefix) {
        return new PathField(
                layouts.paths(),
                struct.field(prefix + "path_flags").offset(),
                struct.field(prefix + "path_length").offset(),
                struct.field(prefix + "base_length").offset());
    }

    /** The path whose strings begin at {@code offset} of the record. */
    public String read(Record record, int offset) {
        return paths.read(
                record,
                offset,
                record.getUnsignedShort(length),
                record.getUnsignedShort(flags),
                record.getUnsignedShort(base));
    }

    /** Bytes that its strings take. */
    public int bytes(Record record) {
        return record.getUnsignedShort(length) + record.getUnsignedShort(base);
    }
}
