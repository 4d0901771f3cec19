// SPDX-License-Identifier: Apache-2.0
package dev.kfr.bpf;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kfr.bpf.btf.KernelBtf;
import dev.kfr.bpf.btf.RandomKernel;
import dev.kfr.bpf.elf.ElfObject;
import dev.kfr.bpf.elf.ElfObject.Section;
import dev.kfr.bpf.linux.BpfAttributes;
import dev.kfr.bpf.linux.BpfCommand;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The kernel gets from this loader what it gets from libbpf. */
@NeedsKernel
class OracleTest {
    private static final String ARCH = System.getProperty("os.arch").equals("amd64") ? "x86_64" : "aarch64";

    /** Objects without programs, that nobody takes, or that libbpf does not take. */
    private static final Pattern NOT_FOR_LIBBPF = Pattern.compile("torture_kernel\\.|refused_|static_in_section");

    /** Kinds of CO-RE relocations. */
    private static final int TYPE_EXISTS = 8;

    private static final int TYPE_MATCHES = 12;

    @ParameterizedTest
    @MethodSource("allObjects")
    void linksEachProgramAsLibbpfDoes(Path file) throws IOException {
        Oracle.Loaded expected = Oracle.load(file);
        BpfObject object = BpfObject.parse(file.getFileName().toString(), Files.readAllBytes(file));

        assertSamePrograms(expected, object, TestObjects.kernel(), true);
    }

    @ParameterizedTest
    @MethodSource("allObjects")
    void describesMapsAsLibbpfDoes(Path file) throws IOException {
        Oracle.Loaded expected = Oracle.load(file);
        BpfObject object = BpfObject.parse(file.getFileName().toString(), Files.readAllBytes(file));

        assertEquals(expected.maps().keySet(), object.maps().keySet());
        object.maps().values().forEach(map -> {
            Oracle.LoadedMap theirs = expected.maps().get(map.name());
            // libbpf lets user space map a section only if it has variables that other objects can see
            int ignored = map.isData() ? MapSpec.MAPPABLE : 0;
            var ours = new Oracle.LoadedMap(
                    map.name(),
                    theirs.descriptor(),
                    map.type().kernelType(),
                    map.keySize(),
                    map.valueSize(),
                    map.maxEntries() == 0 ? theirs.maxEntries() : map.maxEntries(),
                    map.flags() & ~ignored | theirs.flags() & ignored,
                    map.keyTypeId(),
                    map.valueTypeId());
            assertEquals(theirs, ours);
        });
    }

    @ParameterizedTest
    @MethodSource("objectsWithoutKernelSymbols")
    void completesTypesAsLibbpfDoes(Path file) throws IOException {
        Oracle.Loaded expected = Oracle.load(file);
        BpfObject object = BpfObject.parse(file.getFileName().toString(), Files.readAllBytes(file));

        byte[] types = object.btfForKernel();
        assertEquals(-1, Arrays.mismatch(expected.btf(), types), "index of the first byte that differs");
    }

    @ParameterizedTest
    @MethodSource("allObjects")
    void givesTypesThatTheKernelTakes(Path file) throws IOException {
        byte[] types =
                BpfObject.parse(file.toString(), Files.readAllBytes(file)).btfForKernel();
        try (var attributes = new BpfAttributes()) {
            // btf and btf_size in union bpf_attr
            attributes.setPointer(0, types).setInt(16, types.length);
            attributes.open(BpfCommand.BTF_LOAD, "load types of " + file).close();
        }
    }

    @Test
    void relocatesAgainstTypesOfAnImaginaryKernelAsLibbpfDoes() throws IOException {
        Path kernelTypes = testObject("torture_kernel.bpf.o");
        Path file = testObject("torture_core.bpf.o");
        Oracle.Loaded expected = Oracle.load(file, kernelTypes);
        BpfObject object = BpfObject.parse("torture_core", Files.readAllBytes(file));

        assertSamePrograms(expected, object, TestObjects.imaginaryKernel(), false);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3})
    void relocatesAgainstRandomTypesAsLibbpfDoes(int round, @TempDir Path directory) throws IOException {
        Path file = testObject("torture_core.bpf.o");
        BpfObject object = BpfObject.parse("torture_core", Files.readAllBytes(file));
        int refused = 0;
        for (int seed = round * 20; seed < (round + 1) * 20; seed++) {
            byte[] types = RandomKernel.types(seed);
            Path kernelTypes = Files.write(directory.resolve("types-" + seed), types);
            KernelBtf kernel = KernelBtf.parse(types);
            try {
                assertSamePrograms(Oracle.load(file, kernelTypes), object, kernel, false);
            } catch (Oracle.LoadFailure e) {
                refused++;
                assertTrue(
                        object.programs().keySet().stream().anyMatch(program -> isRefused(object, program, kernel)),
                        "libbpf refuses kernel " + seed + " and we don't: " + e.getMessage());
            }
        }
        assertTrue(refused < 10, refused + " of 20 kernels were refused");
    }

    private static boolean isRefused(BpfObject object, String program, KernelBtf kernel) {
        try {
            object.relocate(program, kernel);
            return false;
        } catch (BpfException e) {
            return true;
        }
    }

    /** clang 14 can't ask this question yet, so it is put in the place of a similar one. */
    @Test
    void matchesTypesAsLibbpfDoes(@TempDir Path directory) throws IOException {
        Path kernelTypes = testObject("torture_kernel.bpf.o");
        byte[] bytes = Files.readAllBytes(testObject("torture_core.bpf.o"));
        int replaced = replaceCoreKinds(bytes, TYPE_EXISTS, TYPE_MATCHES);
        Path file = Files.write(directory.resolve("matches.bpf.o"), bytes);
        Oracle.Loaded expected = Oracle.load(file, kernelTypes);
        BpfObject object = BpfObject.parse("matches", bytes);

        assertTrue(replaced >= 8, replaced + " relocations replaced");
        assertSamePrograms(expected, object, TestObjects.imaginaryKernel(), false);
        assertSamePrograms(Oracle.load(file), object, TestObjects.kernel(), true);
    }

    /**
     * {@code KFR_KERNEL_TYPES}: a directory with a directory for each architecture, whose files hold the BTF of kernels. The objects of the
     * other architecture are compared here and not where they could run: what is handed to the kernel does not depend on that.
     */
    @ParameterizedTest
    @MethodSource("objectsForOtherKernels")
    @EnabledIfEnvironmentVariable(named = "KFR_KERNEL_TYPES", matches = ".+")
    void relocatesAgainstTypesOfOtherKernelsAsLibbpfDoes(Path kernelTypes, Path file) throws IOException {
        BpfObject object = BpfObject.parse(file.getFileName().toString(), Files.readAllBytes(file));
        Oracle.Loaded expected = Oracle.load(file, kernelTypes);
        assertSamePrograms(expected, object, KernelBtf.parse(Files.readAllBytes(kernelTypes)), false);
    }

    static List<Arguments> objectsForOtherKernels() throws IOException {
        var pairs = new ArrayList<Arguments>();
        for (String architecture : List.of("x86_64", "aarch64")) {
            try (var kernels = Files.list(Path.of(System.getenv("KFR_KERNEL_TYPES"), architecture))) {
                for (Path kernel : kernels.sorted().toList()) {
                    objects(architecture)
                            .filter(file -> !file.endsWith("torture_kernel_symbols.bpf.o")) // variables, too
                            .forEach(file -> pairs.add(Arguments.of(kernel, file)));
                }
            }
        }
        return pairs;
    }

    private static void assertSamePrograms(
            Oracle.Loaded expected, BpfObject object, KernelBtf kernel, boolean attachable) {
        assertEquals(expected.programs().keySet(), object.programs().keySet());
        assertFalse(expected.programs().isEmpty());
        assertAll(expected.programs().values().stream().map(theirs -> () -> {
            ProgramSpec spec = object.programs().get(theirs.name());
            if (isForTracepoint(spec) && !kernel.hasTracepoint(spec.target())) {
                var refused = assertThrows(BpfException.class, () -> object.relocate(theirs.name(), kernel));
                assertEquals(BpfException.Reason.NOT_FOUND, refused.reason(), refused.toString());
                return;
            }
            RelocatedProgram ours = object.relocate(theirs.name(), kernel);
            byte[] linked = ours.link(map -> expected.maps().get(map).descriptor(), OracleTest::addressOf);
            String what = object.name() + " " + theirs.name() + ": ";
            boolean elsewhere = kernel != TestObjects.kernel();
            assertEquals(
                    listing(withoutKernelCalls(theirs.instructions(), elsewhere)),
                    listing(withoutKernelCalls(linked, elsewhere)),
                    what + "instructions");
            assertEquals(listing(theirs.functions()), listing(ours.functions().bytes()), what + "functions");
            assertEquals(listing(theirs.lines()), listing(ours.lines().bytes()), what + "lines");
            assertEquals(theirs.type(), ours.spec().type().kernelType(), what + "type");
            assertEquals(theirs.attachType(), ours.spec().type().attachType(), what + "attach type");
            if (attachable) {
                assertEquals(theirs.attachTypeId(), ours.attachTypeId(), what + "id of the attach type");
            }
        }));
    }

    private static boolean isForTracepoint(ProgramSpec program) {
        return program.type() == ProgramType.BTF_TRACEPOINT;
    }

    /**
     * Calls of functions that the kernel does not have look alike then, and where libbpf was given the types of another kernel all calls of kernel
     * functions: it looks for those in the running kernel in any case.
     */
    private static byte[] withoutKernelCalls(byte[] code, boolean elsewhere) {
        byte[] alike = code.clone();
        var instructions = new Instructions(alike);
        for (int i = 0; i < instructions.count(); i++) {
            if (instructions.opcode(i) == Instructions.CALL
                    && (instructions.immediate(i) == ProgramLinker.NO_HELPER
                            || instructions.source(i) == Instructions.PSEUDO_KERNEL_CALL
                                    && (elsewhere || instructions.immediate(i) == 0))) {
                instructions.setHelperCall(i, ProgramLinker.NO_HELPER);
            }
        }
        return alike;
    }

    /** Eight bytes a line, numbered: the index of an instruction is easy to find in a message. */
    private static String listing(byte[] bytes) {
        var lines = new ArrayList<String>();
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        while (buffer.remaining() >= Long.BYTES) {
            lines.add("%4d %016x".formatted(buffer.position() / Long.BYTES, buffer.getLong()));
        }
        return String.join("\n", lines);
    }

    private static int replaceCoreKinds(byte[] object, int kind, int replacement) {
        Section section = ElfObject.parse("object", object).section(".BTF.ext");
        ByteBuffer content = section.content();
        int at = content.getInt(4) + content.getInt(24);
        int end = at + content.getInt(28);
        int recordSize = content.getInt(at);
        int replaced = 0;
        for (at += 4; at < end; at += 8 + content.getInt(at + 4) * recordSize) {
            for (int i = 0; i < content.getInt(at + 4); i++) {
                int position = at + 8 + i * recordSize + 12;
                if (content.getInt(position) == kind) {
                    content.putInt(position, replacement); // the section is a view of the object
                    replaced++;
                }
            }
        }
        return replaced;
    }

    /** 0 if the kernel has no such symbol, or does not tell. */
    private static long addressOf(String symbol) {
        try (var symbols = Files.lines(Path.of("/proc/kallsyms"))) {
            return symbols.map(line -> line.split("\\s+"))
                    .filter(words -> words[2].equals(symbol))
                    .mapToLong(words -> Long.parseUnsignedLong(words[0], 16))
                    .findFirst()
                    .orElse(0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Stream<Path> objectsWithoutKernelSymbols() {
        return allObjects().filter(OracleTest::hasNoKernelSymbols);
    }

    /** libbpf gives declarations of kernel symbols names of its own. */
    private static boolean hasNoKernelSymbols(Path file) {
        try {
            return ElfObject.parse(file.toString(), Files.readAllBytes(file)).symbols().stream()
                    .noneMatch(symbol -> symbol.section() == 0 && !symbol.name().isEmpty());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Stream<Path> allObjects() {
        return objects(ARCH);
    }

    private static Stream<Path> objects(String architecture) {
        return Stream.of("/bpf/", "/bpf-test/")
                .flatMap(directory -> list(directory + architecture).stream())
                .filter(file ->
                        !NOT_FOR_LIBBPF.matcher(file.getFileName().toString()).lookingAt());
    }

    private static Path testObject(String file) {
        return list("/bpf-test/" + ARCH).stream()
                .filter(path -> path.endsWith(file))
                .findFirst()
                .orElseThrow();
    }

    private static List<Path> list(String resources) {
        try (var files =
                Files.list(Path.of(OracleTest.class.getResource(resources).toURI()))) {
            return files.sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (URISyntaxException e) {
            throw new AssertionError(e);
        }
    }
}
