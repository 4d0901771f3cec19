// SPDX-License-Identifier: Apache-2.0
package dev.kfr.bpf;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kfr.bpf.BpfException.Reason;
import dev.kfr.bpf.BpfObject.Variable;
import dev.kfr.bpf.RelocatedProgram.MapReference;
import dev.kfr.bpf.RelocatedProgram.SymbolReference;
import dev.kfr.bpf.StructLayout.Field;
import dev.kfr.bpf.btf.BtfBuilder;
import dev.kfr.bpf.btf.KernelBtf;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

class BpfObjectTest {
    private static final KernelBtf EMPTY_KERNEL = KernelBtf.parse(new BtfBuilder().bytes());

    private final BpfObject data = TestObjects.parse("torture_data.bpf.o");
    private final BpfObject maps = TestObjects.parse("torture_maps.bpf.o");
    private final BpfObject calls = TestObjects.parse("torture_calls.bpf.o");
    private final BpfObject programs = TestObjects.parse("torture_programs.bpf.o");

    @Test
    void tellsTheLicense() {
        assertEquals("Dual BSD/GPL", data.license());
    }

    @Test
    void readsObjectsForEachArchitecture() {
        for (String architecture : List.of("x86_64", "aarch64")) {
            BpfObject object = BpfObject.parse("maps", TestObjects.bytes(architecture, "torture_maps.bpf.o"));
            assertEquals(maps.maps().keySet(), object.maps().keySet());
        }
    }

    // ---- Programs ----

    @Test
    void knowsWhatProgramsAttachToFromTheirSections() {
        assertProgram("tracepoint", ProgramType.TRACEPOINT, "sched/sched_switch");
        assertProgram("tracepoint_short", ProgramType.TRACEPOINT, "raw_syscalls/sys_enter");
        assertProgram("raw", ProgramType.RAW_TRACEPOINT, "sched_switch");
        assertProgram("raw_short", ProgramType.RAW_TRACEPOINT, "sys_exit");
        assertProgram("typed", ProgramType.BTF_TRACEPOINT, "sched_process_exit");
        assertProgram("entry", ProgramType.FENTRY, "vfs_read");
        assertProgram("return_of", ProgramType.FEXIT, "vfs_read");
        assertProgram("probe", ProgramType.KPROBE, "vfs_read");
        assertProgram("return_probe", ProgramType.KRETPROBE, "vfs_read");
        assertProgram("perf", ProgramType.PERF_EVENT, "");
        assertProgram("iterator", ProgramType.ITERATOR, "task");
        assertEquals(13, programs.programs().size());
    }

    @Test
    void knowsOptionalAndSleepingPrograms() {
        assertTrue(programs.programs().get("variant").optional());
        assertFalse(programs.programs().get("typed").optional());
        assertTrue(programs.programs().get("entry_sleeping").sleepable());
        assertFalse(programs.programs().get("entry").sleepable());
    }

    private void assertProgram(String name, ProgramType type, String target) {
        ProgramSpec spec = programs.programs().get(name);
        assertEquals(type, spec.type(), name);
        assertEquals(target, spec.target(), name);
    }

    @Test
    void saysThatTheKernelLacksWhatAProgramAttachesTo() {
        for (String program : List.of("typed", "entry", "return_of", "iterator")) {
            assertReason(Reason.NOT_FOUND, () -> programs.relocate(program, EMPTY_KERNEL));
        }
        assertEquals(0, programs.relocate("raw", EMPTY_KERNEL).attachTypeId());
    }

    @Test
    void saysThatThereIsNoSuchProgram() {
        assertReason(Reason.NOT_FOUND, () -> programs.relocate("nobody", EMPTY_KERNEL));
        // subprograms are none
        assertReason(Reason.NOT_FOUND, () -> calls.relocate("leaf", EMPTY_KERNEL));
    }

    // ---- Subprograms ----

    @Test
    void appendsEachSubprogramOnce() {
        RelocatedProgram diamond = calls.relocate("diamond", EMPTY_KERNEL);

        // diamond, left, leaf, right
        assertEquals(4, diamond.functions().count());
        assertCallsLeadToFunctions(diamond);
    }

    @Test
    void takesStaticFunctionsFromTheProgramsOwnSection() {
        BpfObject object = TestObjects.parse("static_in_section.bpf.o");

        RelocatedProgram first = object.relocate("first", EMPTY_KERNEL);
        RelocatedProgram second = object.relocate("second", EMPTY_KERNEL);
        assertEquals(List.of("first", "second"), List.copyOf(object.programs().keySet()));
        assertEquals(2, first.functions().count());
        assertEquals(3, second.functions().count());
        assertCallsLeadToFunctions(first);
        assertCallsLeadToFunctions(second);
    }

    /** Each call of a subprogram goes to where the function records say that a function begins. */
    private static void assertCallsLeadToFunctions(RelocatedProgram program) {
        ByteBuffer records = ByteBuffer.wrap(program.functions().bytes()).order(ByteOrder.LITTLE_ENDIAN);
        var starts = new ArrayList<Integer>();
        for (int i = 0; i < program.functions().count(); i++) {
            starts.add(records.getInt(i * program.functions().recordSize()));
        }
        var code = new Instructions(program.instructions());
        int found = 0;
        for (int i = 0; i < code.count(); i++) {
            if (code.opcode(i) == Instructions.CALL && code.source(i) == Instructions.PSEUDO_CALL) {
                int target = i + 1 + code.immediate(i);
                assertTrue(starts.contains(target), "call to " + target + ", functions at " + starts);
                found++;
            }
        }
        assertTrue(found > 0, "no calls");
    }

    // ---- Maps and variables ----

    @Test
    void readsMapsOfMapsWithTheirFirstEntries() {
        MapSpec array = maps.maps().get("array_of_maps");
        MapSpec hash = maps.maps().get("hash_of_maps");

        assertEquals(Map.of(1, "second", 3, "first"), array.initial());
        assertEquals(MapType.ARRAY, array.inner().type());
        assertEquals(3, array.inner().maxEntries());
        assertEquals(MapType.HASH, hash.inner().type());
        assertEquals(8, hash.inner().keySize());
        assertEquals(MapSpec.NO_PREALLOCATION, hash.inner().flags());
        assertTrue(hash.initial().isEmpty());
    }

    @Test
    void keepsWhatElseAMapSays() {
        assertEquals(3, maps.maps().get("bloom").extra());
        assertEquals(5, maps.maps().get("untyped").keySize());
        assertEquals(77, maps.maps().get("array").withMaxEntries(77).maxEntries());
        assertEquals(4, maps.maps().get("array").maxEntries());
    }

    @Test
    void makesMapsOfDataSections() {
        MapSpec constants = data.maps().get(".rodata");
        MapSpec zeros = data.maps().get(".bss");

        assertTrue(constants.isConstant());
        assertFalse(zeros.isConstant());
        assertEquals(0, zeros.content().length);
        assertTrue(zeros.valueSize() > 1024, "size " + zeros.valueSize());
        assertTrue(data.maps().keySet().containsAll(List.of(".data", ".data.apart", ".rodata.apart", ".bss.apart")));
    }

    @Test
    void findsVariablesAndTheirValues() {
        assertEquals(4096, read("rows"));
        assertEquals(99, read("private_value"));
        assertEquals(41, read("apart"));
        assertEquals(42, read("apart_private"));
        assertEquals(43, read("constant_apart"));
        assertEquals(".bss", data.variables().get("private_total").section());
        assertEquals(
                new Field(data.variables().get("syscall_class").field().offset(), 1024, false, 1024, 1),
                data.variables().get("syscall_class").field());
        assertTrue(data.variables().containsKey("strings.format"), "a function's static variable");
    }

    private int read(String name) {
        Variable variable = data.variables().get(name);
        return ByteBuffer.wrap(data.maps().get(variable.section()).content())
                .order(ByteOrder.LITTLE_ENDIAN)
                .getInt(variable.field().offset());
    }

    @Test
    void refersToVariablesByTheirPlaces() {
        RelocatedProgram program = data.relocate("variables", EMPTY_KERNEL);
        var references = program.maps();

        assertTrue(
                references.stream()
                        .anyMatch(reference -> reference.map().equals(".data.apart")
                                && reference.offset()
                                        == data.variables().get("apart").field().offset()),
                references::toString);
        RelocatedProgram user = calls.relocate("diamond", EMPTY_KERNEL);
        assertTrue(
                user.maps().stream()
                        .anyMatch(reference ->
                                reference.map().equals("called") && reference.offset() == MapReference.WHOLE_MAP),
                user.maps()::toString);
    }

    @Test
    void linksDescriptorsIntoCopies() {
        RelocatedProgram program = calls.relocate("diamond", EMPTY_KERNEL);
        byte[] before = program.instructions();
        var linked = new Instructions(program.link(map -> 1234, symbol -> 0));

        for (MapReference reference : program.maps()) {
            assertEquals(1234, linked.immediate(reference.instruction()));
        }
        assertArrayEquals(before, program.instructions());
    }

    // ---- Layouts ----

    @Test
    void findsFieldsByTheirPaths() {
        StructLayout settings = data.struct("settings");

        assertEquals(new Field(0, 4, false, 1, 4), settings.field("enabled"));
        assertEquals(new Field(8, 8, false, 1, 8), settings.field("threshold"));
        assertEquals(new Field(20, 4, true, 1, 4), settings.field("level"));
        assertEquals(12, settings.field("name").elements());
        assertEquals(40, settings.size());
        assertEquals(28, data.struct("other").field("settings.level").offset());
        assertEquals(20, data.struct("other").nested("settings").field("level").offset());
        assertEquals(List.of("enabled", "threshold", "rate", "level", "flags", "more", "name"), settings.fieldNames());
    }

    @Test
    void findsFieldsOfVariables() {
        StructLayout section = data.data(".data");
        int settings = section.field("settings").offset();

        assertEquals(new Field(settings, 160, false, 4, 40), section.field("settings"));
        assertEquals(settings + 3 * 40 + 16, section.field("settings[3].rate").offset());
        assertEquals("settings", section.nested("settings").name());
        assertFalse(section.has("settings[4].rate"));
    }

    @Test
    void refusesFieldsThatHaveNoPlace() {
        StructLayout settings = data.struct("settings");

        assertReason(Reason.NOT_SUPPORTED, () -> settings.field("flags"));
        assertTrue(settings.has("flags"));
        for (String path :
                List.of("absent", "", "enabled.x", "enabled[0]", "name[12]", ".enabled", "name[", "rate..x")) {
            assertReason(Reason.NOT_FOUND, () -> settings.field(path));
        }
        assertReason(Reason.NOT_FOUND, () -> data.struct("absent"));
        assertReason(Reason.NOT_FOUND, () -> data.data(".data.absent"));
    }

    @Test
    void findsConstantsOfEnums() {
        BpfObject object = TestObjects.parse("torture_core.bpf.o");

        assertEquals(-4, object.enumValue("color", "COLOR_NEGATIVE"));
        assertReason(Reason.NOT_FOUND, () -> object.enumValue("color", "COLOR_BLACK"));
    }

    // ---- Kernel symbols ----

    @Test
    void weakSymbolsMayBeAbsentAndOthersNot() {
        BpfObject object = TestObjects.parse("torture_kernel_symbols.bpf.o");

        RelocatedProgram absent = object.relocate("absent", EMPTY_KERNEL);
        assertTrue(absent.symbols().isEmpty());
        RelocatedProgram addresses = object.relocate("addresses", EMPTY_KERNEL);
        Map<String, Boolean> weak =
                addresses.symbols().stream().collect(Collectors.toMap(SymbolReference::symbol, SymbolReference::weak));
        assertEquals(Map.of("vfs_read", false, "nothing_of_this_name", true), weak);
        assertReason(Reason.NOT_FOUND, () -> object.relocate("per_cpu", EMPTY_KERNEL));
    }

    // ---- What is not supported ----

    @Test
    void refusesWhatItDoesNotSupportInWords() {
        assertRefusal("refused_kconfig.bpf.o", "kernel's configuration");
        assertRefusal("refused_section.bpf.o", "section xdp");
        assertRefusal("refused_pinning.bpf.o", "pinning");
    }

    private static void assertRefusal(String file, String words) {
        var failure = assertThrows(BpfException.class, () -> TestObjects.parse(file));
        assertEquals(Reason.INVALID, failure.reason());
        assertTrue(failure.getMessage().contains(words), failure.getMessage());
    }

    private static void assertReason(Reason reason, Executable use) {
        var failure = assertThrows(BpfException.class, use);
        assertEquals(reason, failure.reason(), failure.getMessage());
    }
}
