// SPDX-License-Identifier: Apache-2.0
package dev.kfr.bpf.btf;

/**
 * What is to become of an instruction.
 *
 * @param poison the kernel has no answer: the instruction must not be reached
 * @param checked whether the instruction must hold {@code expected} now; where compilers are free to disagree it may not
 * @param expected the answer of the program's own types
 * @param value the kernel's answer
 * @param expectedSize bytes of the field in the program's types; 0 if that does not matter
 * @param size bytes of the field in the kernel, likewise
 * @param widthMayChange whether a load or store may be made as wide as {@code size}
 */
record Decision(
        boolean poison,
        boolean checked,
        long expected,
        long value,
        int expectedSize,
        int size,
        boolean widthMayChange) {
    static final Decision POISON = new Decision(true, false, 0, 0, 0, 0, false);

    static Decision of(long expected, long value) {
        return new Decision(false, true, expected, value, 0, 0, true);
    }

    static Decision unchecked(long value) {
        return new Decision(false, false, 0, value, 0, 0, true);
    }

    boolean sameResult(Decision other) {
        return poison == other.poison && value == other.value;
    }
}
