// SPDX-License-Identifier: Apache-2.0
package dev.kfr.bpf.btf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kfr.bpf.BpfException;
import dev.kfr.bpf.BpfException.Reason;
import dev.kfr.bpf.StructLayout;
import dev.kfr.bpf.btf.Btf.Kind;
import dev.kfr.bpf.btf.BtfBuilder.Constant;
import dev.kfr.bpf.btf.BtfBuilder.Member;
import java.util.Arrays;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.function.Executable;

class BtfTest {
    private final BtfBuilder builder = new BtfBuilder();

    @Test
    void findsTypesByKindAndName() {
        int number = builder.integer("int", 4, true);
        int struct = builder.struct("thing", 4, Member.at(0, "x", number));
        int typedef = builder.typedef("thing", struct);
        int flavoured = builder.struct("thing___old", 8);
        Btf btf = builder.build();

        assertEquals(struct, btf.find(Kind.STRUCT, "thing"));
        assertEquals(typedef, btf.find(Kind.TYPEDEF, "thing"));
        assertEquals(flavoured, btf.find(Kind.STRUCT, "thing___old"));
        assertEquals(0, btf.find(Kind.UNION, "thing"));
        assertEquals(0, btf.find(Kind.STRUCT, "thin"));
        assertEquals(0, btf.find(Kind.STRUCT, "things"));
        assertEquals(0, btf.find(Kind.STRUCT, ""));
    }

    @Test
    void findsFunctions() {
        int prototype = builder.add("", Kind.FUNCTION_PROTOTYPE, 0, 0);
        int function = builder.add("vfs_read", Kind.FUNCTION, 0, prototype);
        Btf btf = builder.build();

        assertEquals(function, btf.find(Kind.FUNCTION, "vfs_read"));
        assertEquals(0, btf.find(Kind.FUNCTION, "vfs_rea"));
    }

    @Test
    void readsConstantsOfBothWidths() {
        builder.enumeration("narrow", new Constant("MINUS", -1), new Constant("BIG", 0x7fffffff));
        builder.enumeration64("wide", new Constant("HUGE", 0x123456789abcdefL), new Constant("LESS", -2));
        Btf btf = builder.build();

        assertEquals(OptionalLong.of(-1), btf.enumValue("narrow", "MINUS"));
        assertEquals(OptionalLong.of(0x7fffffff), btf.enumValue("narrow", "BIG"));
        assertEquals(OptionalLong.of(0x123456789abcdefL), btf.enumValue("wide", "HUGE"));
        assertEquals(OptionalLong.of(-2), btf.enumValue("wide", "LESS"));
        assertEquals(OptionalLong.empty(), btf.enumValue("wide", "MORE"));
        assertEquals(OptionalLong.empty(), btf.enumValue("wider", "HUGE"));
    }

    @Test
    void measuresTypes() {
        int number = builder.integer("short", 2, true);
        int matrix = builder.array(builder.array(builder.typedef("s16", number), 5), 3);
        int pointer = builder.pointer(matrix);
        Btf btf = builder.build();

        assertEquals(30, btf.sizeOf(matrix));
        assertEquals(8, btf.sizeOf(pointer));
        assertInvalid(() -> btf.sizeOf(0));
    }

    @Test
    void writesTypesAsC() {
        int task = builder.struct("task_struct", 8);
        int constant = builder.add("", Kind.CONST, 0, task);
        int pointer = builder.pointer(constant);
        int constantPointer = builder.add("", Kind.CONST, 0, builder.pointer(pointer));
        int array = builder.array(pointer, 4);
        Btf btf = builder.build();

        assertEquals("const struct task_struct *", btf.declaration(pointer));
        assertEquals("const struct task_struct ** const", btf.declaration(constantPointer));
        assertEquals("const struct task_struct *[4]", btf.declaration(array));
        assertEquals("void", btf.declaration(0));
    }

    @Test
    void refusesTypesThatContainThemselves() {
        int typedef = builder.typedef("loop", 1);
        int array = builder.array(2, 1);
        int pointer = builder.pointer(3);
        Btf btf = builder.build();

        assertInvalid(() -> btf.resolve(typedef));
        assertInvalid(() -> btf.sizeOf(array));
        assertInvalid(() -> btf.declaration(pointer));
    }

    @Test
    @Timeout(20)
    void refusesTypesThatNestExponentially() {
        int prototype = 0;
        int struct = builder.struct("bottom", 0);
        for (int i = 0; i < 60; i++) {
            prototype = builder.add("", Kind.FUNCTION_PROTOTYPE, 2, prototype, 0, prototype, 0, prototype);
            struct = builder.struct("", 0, Member.at(0, "", struct), Member.at(0, "", struct));
        }
        int function = prototype;
        int top = builder.struct("top", 0, Member.at(0, "", struct), Member.at(0, "", struct));
        Btf btf = builder.build();
        StructLayout layout = StructLayout.of(btf, top);

        assertInvalid(() -> btf.declaration(function));
        assertInvalid(layout::fieldNames);
        assertInvalid(() -> layout.field("absent"));
        assertInvalid(() -> new TypeComparison(btf, btf).typesMatch(function, function));
        assertInvalid(() -> new TypeComparison(btf, btf).typesCompatible(function, function));
    }

    @Test
    @Timeout(20)
    void doesNotFollowAPathIntoTypesThatNestExponentially() {
        int number = builder.integer("int", 4, true);
        int thing = builder.struct("thing", 4, Member.at(0, "x", number));
        int struct = builder.struct("", 0);
        for (int i = 0; i < 60; i++) {
            struct = builder.struct("", 0, Member.at(0, "", struct), Member.at(0, "", struct));
        }
        int target = builder.struct("thing", 0, Member.at(0, "", struct));
        Btf btf = builder.build();

        assertInvalid(() -> AccessPath.parse(btf, thing, "0:0").in(btf, target));
    }

    @Test
    void refusesTypesThatAreTooLarge() {
        int number = builder.integer("int", 4, true);
        int array = builder.array(builder.array(number, 1 << 20), 1 << 20);
        Btf btf = builder.build();

        assertInvalid(() -> btf.sizeOf(array));
    }

    @Test
    void refusesIdsAndPartsThatDoNotExist() {
        int struct = builder.struct("thing", 4, Member.at(0, "x", 77));
        Btf btf = builder.build();

        assertInvalid(() -> btf.kind(77));
        assertInvalid(() -> btf.kind(-1));
        assertInvalid(() -> btf.name(btf.memberType(struct, 0)));
        assertInvalid(() -> btf.memberName(struct, 1));
        assertInvalid(() -> btf.constantName(struct, 0));
    }

    @Test
    void refusesKindsThatItDoesNotKnow() {
        builder.integer("int", 4, true);
        byte[] bytes = builder.bytes();
        bytes[Btf.HEADER_SIZE + 7] = 31;

        var failure = assertThrows(BpfException.class, () -> Btf.parse("x", bytes));
        assertTrue(failure.getMessage().contains("unknown kind 31"), failure.getMessage());
    }

    @Test
    void refusesWhatIsCutOff() {
        builder.struct("thing", 4, Member.at(0, "x", 1));
        byte[] bytes = builder.bytes();
        for (int length = 0; length < bytes.length; length++) {
            byte[] cut = Arrays.copyOf(bytes, length);
            assertInvalid(() -> Btf.parse("x", cut));
        }
    }

    @Test
    void ignoresFlavoursOnlyBetweenOtherCharacters() {
        assertEquals("task_struct", FlavouredName.essential("task_struct___old"));
        assertEquals("a___b", FlavouredName.essential("a___b___c"));
        assertEquals("___alloc", FlavouredName.essential("___alloc"));
        assertEquals("a____b", FlavouredName.essential("a____b"));
        assertEquals("a___", FlavouredName.essential("a___"));
        assertEquals("a", FlavouredName.essential("a___b"));
    }

    @Test
    void findsAllFlavoursInOneChain() {
        String[] names = {"a___b___c", "___alloc", "a____b", "a___", "a___b", "plain", "x___y_z", "_a___b"};
        for (String name : names) {
            builder.struct(name, 0);
        }
        Btf btf = builder.build();
        NameIndex index = btf.names();

        for (int i = 0; i < names.length; i++) {
            int entry = index.first(FlavouredName.essential(names[i]));
            while (entry != 0 && index.id(entry) != i + 1) {
                entry = index.next(entry);
            }
            assertEquals(i + 1, index.id(entry), names[i]);
        }
    }

    private static void assertInvalid(Executable question) {
        assertEquals(Reason.INVALID, assertThrows(BpfException.class, question).reason());
    }
}
