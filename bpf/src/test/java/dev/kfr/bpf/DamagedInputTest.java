// SPDX-License-Identifier: Apache-2.0
package dev.kfr.bpf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import dev.kfr.bpf.BpfException.Reason;
import dev.kfr.bpf.btf.Btf;
import dev.kfr.bpf.btf.Btf.Kind;
import dev.kfr.bpf.btf.KernelBtf;
import dev.kfr.bpf.elf.ElfObject;
import dev.kfr.bpf.elf.ElfObject.Section;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Whatever the bytes are, the answer is an object or a {@link BpfException}, soon and in little memory. */
@Timeout(300)
class DamagedInputTest {
    private static final int INPUTS = 10_000;
    private static final List<String> OBJECTS = List.of(
            "torture_core.bpf.o",
            "torture_calls.bpf.o",
            "torture_data.bpf.o",
            "torture_maps.bpf.o",
            "torture_kernel_symbols.bpf.o",
            "torture_programs.bpf.o");

    /** Reasons that damage may have: anything that makes a name or a number wrong. */
    private static final List<Reason> EXPECTED =
            List.of(Reason.INVALID, Reason.NOT_FOUND, Reason.TOO_LARGE, Reason.NOT_SUPPORTED);

    private final Random random = new Random(20260101);
    private final Map<Reason, Integer> refusals = new EnumMap<>(Reason.class);
    private int accepted;

    @Test
    void damagedObjectsGiveBpfExceptionsOnly() {
        KernelBtf kernel = TestObjects.imaginaryKernel();
        List<byte[]> objects = OBJECTS.stream().map(TestObjects::bytes).toList();
        for (int i = 0; i < INPUTS; i++) {
            byte[] damaged = damage(objects.get(i % objects.size()), i % 3 == 0);
            examine(i, () -> useAll(BpfObject.parse("damaged", damaged), kernel));
        }
        assertBothOutcomes();
    }

    @Test
    void objectsWithDamagedTypesGiveBpfExceptionsOnly() {
        KernelBtf kernel = TestObjects.imaginaryKernel();
        List<byte[]> objects = OBJECTS.stream().map(TestObjects::bytes).toList();
        for (int i = 0; i < INPUTS; i++) {
            byte[] damaged = objects.get(i % objects.size()).clone();
            damageSection(damaged, i % 4 == 0 ? ".BTF.ext" : ".BTF");
            boolean all = i % 16 == 0;
            examine(i, () -> {
                BpfObject object = BpfObject.parse("damaged", damaged);
                useAll(object, kernel);
                if (all) {
                    useAll(object.btf());
                }
            });
        }
        assertBothOutcomes();
    }

    @Test
    void damagedKernelTypesGiveBpfExceptionsOnly() {
        byte[] types = TestObjects.imaginaryKernel().types().toBytes();
        BpfObject object = TestObjects.parse("torture_core.bpf.o");
        List<String> programs = List.copyOf(object.programs().keySet());
        for (int i = 0; i < INPUTS; i++) {
            byte[] damaged = damage(types, false);
            boolean all = i % 16 == 0;
            String program = programs.get(i % programs.size());
            examine(i, () -> {
                KernelBtf kernel = KernelBtf.parse(damaged);
                if (all) {
                    useAll(kernel.types());
                }
                object.relocate(program, kernel);
            });
        }
        assertBothOutcomes();
    }

    // ---- Damage ----

    private byte[] damage(byte[] original, boolean mayCut) {
        byte[] damaged = original.clone();
        for (int n = 1 + random.nextInt(8); n > 0; n--) {
            damage(ByteBuffer.wrap(damaged).order(ByteOrder.LITTLE_ENDIAN));
        }
        return mayCut && random.nextBoolean() ? Arrays.copyOf(damaged, random.nextInt(damaged.length)) : damaged;
    }

    private void damageSection(byte[] object, String name) {
        Section section = ElfObject.parse("object", object).section(name);
        ByteBuffer content = section.content(); // a view of the object
        for (int n = 1 + random.nextInt(4); n > 0; n--) {
            damage(content);
        }
    }

    private void damage(ByteBuffer bytes) {
        int at = random.nextInt(bytes.limit() - Long.BYTES);
        int word = at & ~3;
        switch (random.nextInt(7)) {
            case 0 -> bytes.put(at, (byte) random.nextInt());
            case 1 -> bytes.put(at, (byte) (bytes.get(at) ^ 1 << random.nextInt(8)));
            case 2 -> bytes.putInt(word, random.nextInt());
            case 3 -> bytes.putInt(word, random.nextInt(256));
            case 4 ->
                bytes.putInt(
                        word,
                        List.of(0, -1, Integer.MAX_VALUE, Integer.MIN_VALUE, 0xffff)
                                .get(random.nextInt(5)));
            case 5 -> bytes.putInt(word, bytes.getInt(random.nextInt(bytes.limit() / 4) * 4));
            default -> bytes.putLong(word, random.nextLong());
        }
    }

    // ---- Use ----

    private void examine(int input, Runnable use) {
        try {
            use.run();
            accepted++;
        } catch (BpfException e) {
            assertTrue(EXPECTED.contains(e.reason()), () -> "input " + input + ": " + e);
            refusals.merge(e.reason(), 1, Integer::sum);
        } catch (Throwable e) {
            fail("input " + input + " gives " + e, e);
        }
    }

    /** A part may fail and the rest must be usable all the same. */
    private static void attempt(Runnable use) {
        try {
            use.run();
        } catch (BpfException e) {
            assertTrue(EXPECTED.contains(e.reason()), e::toString);
        }
    }

    private static void useAll(BpfObject object, KernelBtf kernel) {
        assertEquals(
                object.btf().count(), Btf.parse("copy", object.btfForKernel()).count());
        for (MapSpec map : object.maps().values()) {
            assertTrue(map.content().length <= map.valueSize());
            attempt(() -> object.data(map.name()).fieldNames());
        }
        for (String program : object.programs().keySet()) {
            attempt(() -> {
                RelocatedProgram relocated = object.relocate(program, kernel);
                relocated.link(map -> object.maps().get(map).valueSize(), symbol -> 1);
            });
        }
    }

    private static void useAll(Btf types) {
        for (int id = 0; id < types.count(); id++) {
            int type = id;
            attempt(() -> types.declaration(type));
            attempt(() -> types.sizeOf(type));
            attempt(() -> types.find(types.kind(type), types.name(type)));
            if (types.kind(type) == Kind.STRUCT || types.kind(type) == Kind.DATA_SECTION) {
                attempt(() -> {
                    StructLayout layout = StructLayout.of(types, type);
                    layout.fieldNames().forEach(name -> attempt(() -> layout.field(name)));
                });
            }
        }
    }

    /** Damage that everything accepts, or that nothing survives, tests nothing. */
    private void assertBothOutcomes() {
        assertTrue(accepted > INPUTS / 50, "accepted " + accepted + ", refused " + refusals);
        assertTrue(
                refusals.getOrDefault(Reason.INVALID, 0) > INPUTS / 50,
                "accepted " + accepted + ", refused " + refusals);
    }
}
