// SPDX-License-Identifier: Apache-2.0
package dev.kfr.bpf.btf;

/**
 * A constant that the compiler took from its own view of a type, and that must be taken from the kernel's instead.
 *
 * @param offset of the instruction that holds it: bytes from the start of the section
 * @param typeId the type at the root, in the program's BTF
 * @param access the way from there: indices of members and elements, such as {@code "0:3:1"}, of an enum's constant,
 *     or {@code "0"} for the type itself
 * @param kind which question is asked
 */
public record CoreRelocation(int offset, int typeId, String access, Kind kind) {
    /** The questions, in the order of {@code enum bpf_core_relo_kind} in {@code linux/bpf.h}. */
    public enum Kind {
        FIELD_BYTE_OFFSET,
        FIELD_BYTE_SIZE,
        FIELD_EXISTS,
        FIELD_SIGNED,
        FIELD_LSHIFT_U64,
        FIELD_RSHIFT_U64,
        TYPE_ID_LOCAL,
        TYPE_ID_TARGET,
        TYPE_EXISTS,
        TYPE_SIZE,
        ENUM_VALUE_EXISTS,
        ENUM_VALUE,
        TYPE_MATCHES;

        boolean isField() {
            return compareTo(FIELD_RSHIFT_U64) <= 0;
        }

        boolean isType() {
            return !isField() && !isEnumValue();
        }

        boolean isEnumValue() {
            return this == ENUM_VALUE_EXISTS || this == ENUM_VALUE;
        }
    }
}
