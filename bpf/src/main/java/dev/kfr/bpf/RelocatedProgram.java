// SPDX-License-Identifier: Apache-2.0
package dev.kfr.bpf;

import java.util.List;
import java.util.function.ToIntFunction;
import java.util.function.ToLongFunction;

/**
 * A program with everything done that needs no privileges: its subprograms are appended, its accesses to kernel types
 * fit one kernel. What is left open are descriptors of maps and addresses of kernel symbols; {@link #link} fills them
 * in. Immutable.
 */
public final class RelocatedProgram {
    /**
     * A 64-bit load that becomes a map or a place in a map's value.
     *
     * @param instruction index of the load; the next index is its second half
     * @param map the map's name in {@link BpfObject#maps()}
     * @param offset bytes into the value of the map's only entry, or {@link #WHOLE_MAP}
     */
    public record MapReference(int instruction, String map, int offset) {
        /** The reference is to the map itself. */
        public static final int WHOLE_MAP = -1;
    }

    /**
     * A 64-bit load that becomes the address of a kernel symbol that the program declares without a type.
     *
     * @param instruction index of the load; the next index is its second half
     * @param symbol name as in {@code /proc/kallsyms}
     * @param weak whether the address is 0 where the kernel has no such symbol; else its absence is an error
     */
    public record SymbolReference(int instruction, String symbol, boolean weak) {}

    private final ProgramSpec spec;
    private final int attachTypeId;
    private final byte[] instructions;
    private final List<MapReference> maps;
    private final List<SymbolReference> symbols;
    private final DebugRecords functions;
    private final DebugRecords lines;

    RelocatedProgram(
            ProgramSpec spec,
            int attachTypeId,
            byte[] instructions,
            List<MapReference> maps,
            List<SymbolReference> symbols,
            DebugRecords functions,
            DebugRecords lines) {
        this.spec = spec;
        this.attachTypeId = attachTypeId;
        this.instructions = instructions;
        this.maps = List.copyOf(maps);
        this.symbols = List.copyOf(symbols);
        this.functions = functions;
        this.lines = lines;
    }

    /**
     * Records that describe instructions to the kernel, in the form that {@code BPF_PROG_LOAD} takes.
     *
     * @param recordSize bytes of one record
     * @param bytes all records, little endian; empty if the object has none. Not to be changed
     */
    public record DebugRecords(int recordSize, byte[] bytes) {
        /** How many records there are. */
        public int count() {
            return bytes.length == 0 ? 0 : bytes.length / recordSize;
        }
    }

    /** The program as the object describes it. */
    public ProgramSpec spec() {
        return spec;
    }

    /** BTF id, in the kernel's BTF, of what the program attaches to; 0 if its type needs none. */
    public int attachTypeId() {
        return attachTypeId;
    }

    /** The places that refer to maps, in no particular order. */
    public List<MapReference> maps() {
        return maps;
    }

    /** The places that refer to untyped kernel symbols, in no particular order. */
    public List<SymbolReference> symbols() {
        return symbols;
    }

    /** {@code func_info}: which types, of {@link BpfObject#btfForKernel()}, the functions of the program have. */
    public DebugRecords functions() {
        return functions;
    }

    /** {@code line_info}: which source lines the instructions come from. */
    public DebugRecords lines() {
        return lines;
    }

    /** A copy of the instructions ({@code struct bpf_insn[]}, little endian), with 0 for what is left open. */
    public byte[] instructions() {
        return instructions.clone();
    }

    /**
     * The instructions as the kernel takes them.
     *
     * @param mapDescriptors from a map's name to its file descriptor
     * @param symbolAddresses from a symbol's name to its address; asked once per reference
     */
    public byte[] link(ToIntFunction<String> mapDescriptors, ToLongFunction<String> symbolAddresses) {
        byte[] linked = instructions();
        var code = new Instructions(linked);
        for (MapReference reference : maps) {
            boolean whole = reference.offset == MapReference.WHOLE_MAP;
            int at = reference.instruction;
            code.setSource(at, whole ? Instructions.PSEUDO_MAP_FD : Instructions.PSEUDO_MAP_VALUE);
            code.setImmediate(at, mapDescriptors.applyAsInt(reference.map));
            code.setImmediate(at + 1, whole ? 0 : reference.offset);
        }
        for (SymbolReference reference : symbols) {
            code.setConstant(reference.instruction, symbolAddresses.applyAsLong(reference.symbol));
        }
        return linked;
    }
}
