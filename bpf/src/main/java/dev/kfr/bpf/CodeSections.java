// SPDX-License-Identifier: Apache-2.0
package dev.kfr.bpf;

import dev.kfr.bpf.BpfException.Reason;
import dev.kfr.bpf.elf.ElfObject;
import dev.kfr.bpf.elf.ElfObject.Relocation;
import dev.kfr.bpf.elf.ElfObject.Section;
import dev.kfr.bpf.elf.ElfObject.Symbol;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;

/** The functions of an object, whether programs or subprograms, and the relocations of their instructions. Immutable. */
final class CodeSections {
    /**
     * A function.
     *
     * @param from bytes from the start of its section
     * @param size bytes
     */
    record Function(Symbol symbol, Section section, int from, int size) {
        String name() {
            return symbol.name();
        }

        int end() {
            return from + size;
        }

        byte[] code() {
            byte[] code = new byte[size];
            section.content().get(from, code);
            return code;
        }
    }

    private final SequencedMap<Long, Function> functions = new LinkedHashMap<>();
    private final Map<Long, Symbol> relocations = new HashMap<>();

    CodeSections(ElfObject elf) {
        for (Symbol symbol : elf.symbols()) {
            int index = symbol.section();
            if (symbol.type() == Symbol.FUNCTION
                    && index > 0
                    && index < elf.sections().size()) {
                add(symbol, elf.sections().get(index));
            }
        }
        for (Section section : elf.sections()) {
            if (section.isExecutable()) {
                for (Relocation relocation : elf.relocations(section)) {
                    add(relocation, section);
                }
            }
        }
    }

    private void add(Symbol symbol, Section section) {
        long from = symbol.value();
        long size = symbol.size();
        int bytes = section.content().remaining();
        boolean inside = from >= 0 && size > 0 && from <= bytes && size <= bytes - from;
        if (!section.isExecutable() || !inside || from % Instructions.SIZE != 0 || size % Instructions.SIZE != 0) {
            throw new BpfException(
                    Reason.INVALID, "read function " + symbol.name(), "it lies outside of the code of its section");
        }
        var function = new Function(symbol, section, (int) from, (int) size);
        if (functions.put(place(section.index(), from), function) != null) {
            throw new BpfException(Reason.INVALID, "read function " + symbol.name(), "another begins at its place");
        }
    }

    private void add(Relocation relocation, Section section) {
        long offset = relocation.offset();
        ByteBuffer code = section.content();
        boolean inside = offset >= 0 && offset % Instructions.SIZE == 0 && offset <= code.limit() - Instructions.SIZE;
        int opcode = inside ? code.get((int) offset) & 0xff : 0;
        if (opcode != Instructions.CALL && opcode != Instructions.LOAD_CONSTANT) {
            throw new BpfException(
                    Reason.INVALID,
                    "read section " + section.name(),
                    "what refers to " + relocation.symbol().name() + " is neither a call nor a 64-bit load");
        }
        relocations.put(place(section.index(), offset), relocation.symbol());
    }

    /** A place in a section, as the key of a map. Sections have less than 2 GB, and places outside of them nothing. */
    private static Long place(int section, long offset) {
        return offset < 0 || offset > Integer.MAX_VALUE ? -1 : (long) section << Integer.SIZE | offset;
    }

    /** All functions in the order of the symbol table. */
    Iterable<Function> functions() {
        return functions.sequencedValues();
    }

    /** The function that begins at a place; null if none does. */
    Function function(int section, long offset) {
        return functions.get(place(section, offset));
    }

    /** The symbol that the call or 64-bit load at a place refers to; null if it refers to none. */
    Symbol reference(int section, long offset) {
        return relocations.get(place(section, offset));
    }
}
