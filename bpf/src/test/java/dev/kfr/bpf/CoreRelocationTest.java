// SPDX-License-Identifier: Apache-2.0
package dev.kfr.bpf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kfr.bpf.BpfException.Reason;
import dev.kfr.bpf.btf.Btf.Kind;
import dev.kfr.bpf.btf.BtfBuilder;
import dev.kfr.bpf.btf.BtfBuilder.Constant;
import dev.kfr.bpf.btf.BtfBuilder.Member;
import dev.kfr.bpf.btf.KernelBtf;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * The programs of torture_core.bpf.c against the types of torture_kernel.bpf.c, and against others that are written
 * here. The comparison with libbpf is in {@link OracleTest}; these tests need neither privileges nor libbpf.
 */
class CoreRelocationTest {
    private static final int BAD_RELOCATION = 0xbad2310;

    private final BpfObject object = TestObjects.parse("torture_core.bpf.o");
    private final KernelBtf kernel = TestObjects.imaginaryKernel();
    private final StructLayout outer =
            StructLayout.of(kernel.types(), kernel.types().find(Kind.STRUCT, "outer"));

    @Test
    void answersQuestionsAboutFieldsFromTheKernelsTypes() {
        Map<Integer, Long> notes = notes("fields", kernel);

        assertEquals(outer.field("moved").offset(), notes.get(0), "offset");
        assertEquals(4, notes.get(1), "size of a field that shrank");
        assertEquals(1, notes.get(2), "existence");
        assertEquals(0, notes.get(3), "existence of a field that is gone");
        assertEquals(0, notes.get(4), "existence of a field that became a struct");
        assertEquals(1, notes.get(5), "sign");
        assertEquals(0, notes.get(6), "no sign");
        assertEquals(8 * 16, notes.get(7), "size of an array that grew");
        assertEquals(outer.field("nested.b").offset(), notes.get(9), "offset in a nested struct");
        assertEquals(outer.field("array[3].b").offset(), notes.get(10), "offset in an array in an anonymous struct");
        assertEquals(outer.field("matrix[2][4]").offset(), notes.get(11), "offset in an array of arrays");
        assertEquals(outer.field("deep").offset(), notes.get(14), "offset of a member that left its union");
        assertEquals(48, notes.get(15), "left shift of 16 bits");
        assertEquals(48, notes.get(16), "right shift of 16 bits");
        assertEquals(1, notes.get(17), "existence in an array without end");
        assertEquals(outer.size() + 7 * 16 + 8, notes.get(18), "offset in an array without end");
        assertEquals(8, notes.get(20), "size of a float that became a double");
        assertEquals(2 * outer.size() + outer.field("nested.a").offset(), notes.get(23), "offset in the third struct");
    }

    @Test
    void answersQuestionsAboutTypes() {
        Map<Integer, Long> notes = notes("types", kernel);

        assertEquals(object.btf().find(Kind.STRUCT, "outer"), notes.get(0).intValue(), "local id");
        assertEquals(kernel.types().find(Kind.STRUCT, "outer"), notes.get(1).intValue(), "kernel's id");
        assertEquals(1, notes.get(2), "existence");
        assertEquals(0, notes.get(3), "absence");
        assertEquals(outer.size(), notes.get(4).intValue(), "size");
        assertEquals(0, notes.get(5), "size of what does not exist");
        assertEquals(1, notes.get(6), "existence of a struct that only a typedef names");
        assertEquals(1, notes.get(8), "existence of an integer of another width");
        assertEquals(8, notes.get(9), "its size");
        assertEquals(1, notes.get(14), "existence of a flavour");
        assertEquals(0, notes.get(15), "id of what does not exist");
    }

    @Test
    void answersQuestionsAboutConstants() {
        Map<Integer, Long> notes = notes("constants", kernel);

        assertEquals(11, notes.get(0));
        assertEquals(-40, notes.get(1));
        assertEquals(1, notes.get(2));
        assertEquals(0, notes.get(3));
        assertEquals(0x7ffffffe, notes.get(4));
        assertEquals(0, notes.get(5));
    }

    @Test
    void takesConstantsFromEnumsOfAnotherWidth() {
        var types = new BtfBuilder();
        types.enumeration64("color", new Constant("COLOR_RED", 0x1234567800L), new Constant("COLOR_NEGATIVE", -1));
        types.enumeration64("big", new Constant("BIG_LAST", 1L << 40));

        Map<Integer, Long> notes = notes("constants", KernelBtf.parse(types.bytes()));

        assertEquals(0x1234567800L, notes.get(0));
        assertEquals(-1, notes.get(1));
        assertEquals(1L << 40, notes.get(4));
    }

    @Test
    void poisonsWhatTheKernelDoesNotHaveAndTheProgramDoesNotGuard() {
        var code = new Instructions(object.relocate("unguarded", kernel).instructions());

        int poisoned = 0;
        for (int i = 0; i < code.count(); i++) {
            if (code.opcode(i) == Instructions.CALL && code.immediate(i) == BAD_RELOCATION) {
                poisoned++;
            }
        }
        // the offset, which is used twice, and two loads of constants, which are two instructions each
        assertEquals(5, poisoned);
    }

    @Test
    void changesTheWidthOfLoadsOfUnsignedNumbers() {
        var code = new Instructions(object.relocate("memory", kernel).instructions());
        int shrunk = outer.field("shrunk").offset();

        boolean found = false;
        for (int i = 0; i < code.count(); i++) {
            int opcode = code.opcode(i);
            assertFalse(opcode == 0x79 && code.offset(i) == shrunk, "64-bit load of a 32-bit field");
            found |= opcode == 0x61 && code.offset(i) == shrunk;
        }
        assertTrue(found, "no 32-bit load at offset " + shrunk);
    }

    @Test
    void doesNotChangeTheWidthOfLoadsOfSignedNumbers() {
        var code = new Instructions(object.relocate("shrunk_signed", kernel).instructions());

        boolean poisoned = false;
        for (int i = 0; i < code.count(); i++) {
            poisoned |= code.opcode(i) == Instructions.CALL && code.immediate(i) == BAD_RELOCATION;
        }
        assertTrue(poisoned);
    }

    @Test
    void acceptsSeveralTypesOfOneNameThatAgree() {
        KernelBtf types = twoTypes(Member.at(8, "same", 1), Member.at(8, "same", 1));

        assertEquals(8, notes("narrowed", types).get(0));
    }

    @Test
    void refusesTypesOfOneNameThatDisagree() {
        KernelBtf types = twoTypes(Member.at(8, "same", 1), Member.at(12, "same", 1));

        var failure = assertThrows(BpfException.class, () -> object.relocate("narrowed", types));
        assertEquals(Reason.INVALID, failure.reason());
        assertTrue(failure.getMessage().contains("several types"), failure.getMessage());
    }

    /** Some kernels have the same struct more than once in their types. */
    @Test
    void takesTheFirstOfSeveralTypesWhereTheProgramAsksForTheId() {
        var types = new BtfBuilder();
        int number = types.integer("unsigned int", 4, false);
        int first = types.struct("only_here", 4, new Member("x", number, 0, 0));
        types.struct("only_here", 4, new Member("x", number, 0, 0));

        assertEquals(first, notes("types", KernelBtf.parse(types.bytes())).get(15));
    }

    @Test
    void choosesAmongTypesOfOneNameByTheirFields() {
        KernelBtf types = twoTypes(Member.at(8, "other", 1), Member.at(12, "same", 1));

        Map<Integer, Long> notes = notes("narrowed", types);
        assertEquals(12, notes.get(0));
        assertEquals(1, notes.get(1));
    }

    @Test
    void readsBitFieldsWithTheSmallestAlignedLoad() {
        var types = new BtfBuilder();
        int number = types.integer("unsigned int", 4, false);
        int small = types.integer("unsigned char", 1, false);
        types.struct("bits", 16, new Member("wide", number, 28, 20), new Member("small", small, 7, 2));
        var code = new Instructions(
                object.relocate("bit_fields", KernelBtf.parse(types.bytes())).instructions());

        // `wide` crosses a word: eight bytes from 0, and the shifts left and right that cut it out
        assertTrue(hasShift(code, 0x67, 64 - 48), "left shift of wide");
        assertTrue(hasShift(code, 0x77, 64 - 20), "right shift of wide");
        // `small` crosses a byte: two bytes from 0
        assertTrue(hasShift(code, 0x67, 64 - 9), "left shift of small");
        assertTrue(hasShift(code, 0x77, 64 - 2), "right shift of small");
    }

    private static boolean hasShift(Instructions code, int opcode, int bits) {
        for (int i = 0; i < code.count(); i++) {
            if (code.opcode(i) == opcode && code.immediate(i) == bits) {
                return true;
            }
        }
        return false;
    }

    private static KernelBtf twoTypes(Member one, Member other) {
        var types = new BtfBuilder();
        types.integer("unsigned int", 4, false);
        types.struct("twice", 16, one);
        types.struct("twice", 24, other);
        return KernelBtf.parse(types.bytes());
    }

    /** The constants that a program stores: by index in the array {@code results}. */
    private Map<Integer, Long> notes(String program, KernelBtf types) {
        var code = new Instructions(object.relocate(program, types).instructions());
        long[] registers = new long[11];
        var notes = new HashMap<Integer, Long>();
        for (int i = 0; i < code.count(); i++) {
            int destination = code.destination(i);
            switch (code.opcode(i)) {
                case Instructions.LOAD_CONSTANT -> registers[destination] = code.constant(i++);
                case 0xb7 -> registers[destination] = code.immediate(i);
                case 0xb4 -> registers[destination] = code.immediate(i) & 0xffffffffL;
                case 0x7b -> notes.put(code.offset(i) / Long.BYTES, registers[code.source(i)]);
                default -> {}
            }
        }
        return notes;
    }
}
