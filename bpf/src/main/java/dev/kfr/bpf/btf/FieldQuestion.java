// SPDX-License-Identifier: Apache-2.0
package dev.kfr.bpf.btf;

/** What relocations ask about a field, answered for the program's own types and for the kernel's alike. */
final class FieldQuestion {
    private FieldQuestion() {}

    /**
     * An answer.
     *
     * @param size bytes of the field where it is asked for its offset, else 0
     * @param typeId the field's type where it is asked for its offset, else 0
     * @param checked whether every compiler gives this answer
     */
    record Answer(long value, int size, int typeId, boolean checked) {
        static Answer of(long value) {
            return new Answer(value, 0, 0, true);
        }
    }

    static Answer ask(CoreRelocation.Kind kind, AccessPath path) {
        if (kind == CoreRelocation.Kind.FIELD_EXISTS) {
            return Answer.of(1);
        }
        AccessPath.Step last = path.last();
        return last.member() == null ? element(kind, path) : member(kind, path);
    }

    private static Answer element(CoreRelocation.Kind kind, AccessPath path) {
        int type = path.last().typeId();
        return switch (kind) {
            case FIELD_BYTE_OFFSET ->
                new Answer(path.bits() / Byte.SIZE, path.btf().sizeOf(type), type, true);
            case FIELD_BYTE_SIZE -> Answer.of(path.btf().sizeOf(type));
            default -> throw path.btf().invalid("an array's element has no answer to this question");
        };
    }

    private static Answer member(CoreRelocation.Kind kind, AccessPath path) {
        Btf btf = path.btf();
        AccessPath.Step step = path.last();
        int type = btf.resolve(btf.memberType(step.typeId(), step.index()));
        int fieldBits = btf.memberBits(step.typeId(), step.index());
        boolean bitField = fieldBits > 0;
        Window window = bitField
                ? Window.around(btf, path.bits(), fieldBits, btf.sizeOf(type))
                : new Window(path.bits() / Byte.SIZE, btf.sizeOf(type));
        long bits = bitField ? fieldBits : (long) window.bytes * Byte.SIZE;
        return switch (kind) {
            case FIELD_BYTE_OFFSET ->
                bitField ? new Answer(window.offset, 0, 0, false) : new Answer(window.offset, window.bytes, type, true);
            case FIELD_BYTE_SIZE -> new Answer(window.bytes, 0, 0, !bitField);
            case FIELD_SIGNED -> Answer.of(isSigned(btf, type) ? 1 : 0);
            case FIELD_LSHIFT_U64 ->
                new Answer(Long.SIZE - (path.bits() + bits - window.offset * Byte.SIZE), 0, 0, !bitField);
            case FIELD_RSHIFT_U64 -> Answer.of(Long.SIZE - bits);
            default -> throw new AssertionError(kind);
        };
    }

    private static boolean isSigned(Btf btf, int type) {
        return switch (btf.kind(type)) {
            case INT -> btf.isSigned(type);
            case ENUM, ENUM64 -> btf.flag(type);
            default -> false;
        };
    }

    /** The aligned bytes to load for a field. */
    private record Window(long offset, int bytes) {
        /** The smallest aligned integer, at least as wide as the bit-field's type, that holds all of its bits. */
        static Window around(Btf btf, long firstBit, int bits, int typeBytes) {
            if (typeBytes <= 0) {
                throw btf.invalid("a bit-field has a type without size");
            }
            int bytes = typeBytes;
            long offset = firstBit / Byte.SIZE / bytes * bytes;
            while (firstBit + bits - offset * Byte.SIZE > (long) bytes * Byte.SIZE) {
                if (bytes >= Long.BYTES) {
                    throw btf.invalid("a bit-field can't be read with one load");
                }
                bytes *= 2;
                offset = firstBit / Byte.SIZE / bytes * bytes;
            }
            return new Window(offset, bytes);
        }
    }
}
