// SPDX-License-Identifier: Apache-2.0
package dev.kfr.bpf;

import dev.kfr.bpf.BpfException.Reason;
import dev.kfr.bpf.CodeSections.Function;
import dev.kfr.bpf.btf.Btf;
import dev.kfr.bpf.btf.Btf.Kind;
import dev.kfr.bpf.btf.KernelBtf;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.SequencedMap;

/**
 * A compiled eBPF object: programs, maps and types as the file describes them. Reading one needs no privileges; what
 * comes from it is loaded with {@code BpfCollection}. Immutable and safe for use by several threads.
 */
public final class BpfObject {
    private static final String TEXT_SECTION = ".text";

    /**
     * A global variable of the C program.
     *
     * @param section name of the data section, which is a map in {@link #maps()}
     * @param field where the variable is in the section
     */
    public record Variable(String name, String section, StructLayout.Field field) {}

    private final String name;
    private final ObjectParts parts;
    private final SequencedMap<String, ProgramSpec> programs = new LinkedHashMap<>();
    private final SequencedMap<String, Function> functions = new LinkedHashMap<>();
    private final SequencedMap<String, MapSpec> maps = new LinkedHashMap<>();
    private final SequencedMap<String, Variable> variables = new LinkedHashMap<>();

    private BpfObject(String name, ObjectParts parts) {
        this.name = name;
        this.parts = parts;
        for (Function function : parts.code().functions()) {
            addProgram(function);
        }
        for (MapSpec map : parts.maps().values()) {
            addMap(map);
        }
        for (MapSpec section : parts.dataMaps().values()) {
            addMap(section);
            addVariables(section);
        }
    }

    private void addProgram(Function function) {
        String section = function.section().name();
        // static functions are subprograms wherever they are
        if (section.equals(TEXT_SECTION) || function.symbol().isLocal()) {
            return;
        }
        ProgramSpec spec = ProgramSpec.of(function.name(), section);
        if (spec == null) {
            throw invalid("function " + function.name() + " is in section " + section
                    + ", which stands for no type of program");
        }
        if (programs.put(spec.name(), spec) != null) {
            throw invalid("it has two programs " + spec.name());
        }
        functions.put(spec.name(), function);
    }

    private void addMap(MapSpec map) {
        if (maps.put(map.name(), map) != null) {
            throw invalid("it has two maps " + map.name());
        }
    }

    private void addVariables(MapSpec section) {
        int id = section.valueTypeId();
        for (int i = 0; id != 0 && i < btf().length(id); i++) {
            String variable = btf().name(btf().sectionVariable(id, i));
            var field = StructLayout.of(btf(), id).field(i);
            // two functions can have static variables of one name; nobody outside can mean one of them
            variables.putIfAbsent(variable, new Variable(variable, section.name(), field));
        }
    }

    /**
     * Reads an object that clang compiled for the little-endian BPF target.
     *
     * @param name how to call it in messages
     * @param elf the file's bytes; the array is kept and must not be changed
     * @throws BpfException INVALID if anything in the file makes no sense or is not supported
     */
    public static BpfObject parse(String name, byte[] elf) {
        return new BpfObject(name, ObjectParts.read(name, elf));
    }

    /** The name given to {@link #parse}. */
    public String name() {
        return name;
    }

    /** The licence that the object declares, such as {@code "Dual BSD/GPL"}; the kernel reads it too. */
    public String license() {
        return parts.license();
    }

    /** The object's types, with variables at their final offsets: the same as {@link #btfForKernel()}. */
    public Btf btf() {
        return parts.btf();
    }

    /**
     * The object's BTF as the kernel takes it with {@code BPF_BTF_LOAD}: sizes and offsets of data sections, which
     * the compiler leaves open, are filled in. A copy.
     */
    public byte[] btfForKernel() {
        return parts.btf().toBytes();
    }

    /** The programs by the names of their C functions, in the order of the file. */
    public Map<String, ProgramSpec> programs() {
        return Collections.unmodifiableSequencedMap(programs);
    }

    /** The maps by their names, in the order of the file; data sections come last. */
    public Map<String, MapSpec> maps() {
        return Collections.unmodifiableSequencedMap(maps);
    }

    /**
     * The global variables by their names; {@code static} ones too, those of a function as {@code "function.name"}.
     */
    public Map<String, Variable> variables() {
        return Collections.unmodifiableSequencedMap(variables);
    }

    /**
     * The layout of a data section: its variables are the fields.
     *
     * @throws BpfException NOT_FOUND if there is no such section, or it has no variables
     */
    public StructLayout data(String section) {
        MapSpec map = maps.get(section);
        if (map == null || !map.isData() || map.valueTypeId() == 0) {
            throw notFound("data section " + section);
        }
        return StructLayout.of(btf(), map.valueTypeId());
    }

    /**
     * The layout of a struct or union of the object.
     *
     * @throws BpfException NOT_FOUND if the object's BTF has none of that name
     */
    public StructLayout struct(String struct) {
        for (Kind kind : new Kind[] {Kind.STRUCT, Kind.UNION}) {
            int id = btf().find(kind, struct);
            if (id != 0) {
                return StructLayout.of(btf(), id);
            }
        }
        throw notFound("struct " + struct);
    }

    /**
     * The value of a constant of an enum of the object.
     *
     * @throws BpfException NOT_FOUND if the object's BTF has no such enum or constant
     */
    public long enumValue(String enumName, String constant) {
        OptionalLong value = btf().enumValue(enumName, constant);
        if (value.isEmpty()) {
            throw notFound("constant " + constant + " of enum " + enumName);
        }
        return value.getAsLong();
    }

    /**
     * Makes a program fit a kernel: appends its subprograms, applies its CO-RE relocations and resolves the typed
     * kernel symbols that it uses.
     *
     * <p>An instruction that accesses something that the kernel does not have is replaced by a call of helper
     * 0xbad2310, which does not exist: it is harmless if the program guards for it (the verifier removes dead code),
     * else the verifier names it.
     *
     * @throws BpfException NOT_FOUND if there is no such program, or the kernel has nothing of the name that it
     *     attaches to, or lacks a symbol that it can't do without; TOO_LARGE if it is larger than the kernel allows;
     *     INVALID if the object makes no sense or a relocation is ambiguous
     */
    public RelocatedProgram relocate(String program, KernelBtf kernel) {
        ProgramSpec spec = programs.get(program);
        if (spec == null) {
            throw notFound("program " + program);
        }
        return new ProgramLinker(parts, kernel).link(spec, functions.get(program));
    }

    private BpfException invalid(String detail) {
        return new BpfException(Reason.INVALID, "read " + name, detail);
    }

    private BpfException notFound(String what) {
        return new BpfException(Reason.NOT_FOUND, "look up " + what, name + " has none");
    }
}
