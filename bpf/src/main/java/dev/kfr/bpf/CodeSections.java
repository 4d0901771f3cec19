// SPDX-License-Identifier: Apache-2.0
package dev.kfr.bpf;

import dev.kfr.bpf.BpfException.Reason;
import dev.kfr.bpf.elf.ElfObject;
import dev.kfr.bpf.elf.ElfObject.Relocation;
import dev.kfr.bpf.elf.ElfObject.Section;
import dev.kfr.bpf.elf.ElfObject.Symbol;
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

    /** A place in a section. What a hash needs is spelled out: linking the generated methods costs the start of a JVM 40 ms. */
    private record Place(int section, long offset) {
        @Override
        public boolean equals(Object other) {
            return other instanceof Place place && place.section == section && place.offset == offset;
        }

        @Override
        public int hashCode() {
            return 31 * section + Long.hashCode(offset);
        }
    }

    private final SequencedMap<Place, Function> functions = new LinkedHashMap<>();
    private final Map<Place, Symbol> relocations = new HashMap<>();

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
                    relocations.put(new Place(section.index(), relocation.offset()), relocation.symbol());
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
        if (functions.put(new Place(section.index(), from), function) != null) {
            throw new BpfException(Reason.INVALID, "read function " + symbol.name(), "another begins at its place");
        }
    }

    /** All functions in the order of the symbol table. */
    Iterable<Function> functions() {
        return functions.sequencedValues();
    }

    /** The function that begins at a place; null if none does. */
    Function function(int section, long offset) {
        return functions.get(new Place(section, offset));
    }

    /** The symbol that the instruction at a place refers to; null if it refers to none. */
    Symbol reference(int section, long offset) {
        return relocations.get(new Place(section, offset));
    }
}
