// SPDX-License-Identifier: Apache-2.0
package dev.kfr.bpf;

import dev.kfr.bpf.BpfException.Reason;
import dev.kfr.bpf.btf.Btf;
import dev.kfr.bpf.btf.Btf.Kind;
import dev.kfr.bpf.btf.BtfEditor;
import dev.kfr.bpf.elf.ElfObject;
import dev.kfr.bpf.elf.ElfObject.Section;
import dev.kfr.bpf.elf.ElfObject.Symbol;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Global variables: each of the sections {@code .rodata}, {@code .data}, {@code .bss} and theirs with a suffix
 * becomes an array with one entry.
 */
final class DataSections {
    /** The kernel's own limit for the value of an array is below 2 GB; no program needs a part of that. */
    private static final long MAX_SIZE = 1L << 30;

    private static final int STATIC = 0;

    private final ElfObject elf;

    DataSections(ElfObject elf) {
        this.elf = elf;
    }

    /** Whether a section becomes a map. */
    static boolean isData(Section section) {
        boolean kind = section.type() == Section.NO_BITS
                ? named(section, ".bss")
                : section.type() == Section.PROGRAM && (named(section, ".data") || named(section, ".rodata"));
        return kind && section.size() != 0;
    }

    private static boolean named(Section section, String name) {
        return section.name().equals(name) || section.name().startsWith(name + ".");
    }

    /** The sections that become maps, by their numbers. */
    Map<Integer, MapSpec> maps(Btf btf) {
        var maps = new LinkedHashMap<Integer, MapSpec>();
        for (Section section : elf.sections()) {
            if (isData(section)) {
                maps.put(section.index(), map(section, btf));
            }
        }
        return maps;
    }

    private MapSpec map(Section section, Btf btf) {
        if (section.size() < 0 || section.size() > MAX_SIZE) {
            throw new BpfException(
                    Reason.INVALID, "read section " + section.name(), "it has " + section.size() + " bytes");
        }
        int constant = named(section, ".rodata") ? MapSpec.READ_ONLY_FOR_PROGRAMS : 0;
        return new MapSpec(
                section.name(),
                MapType.ARRAY,
                Integer.BYTES,
                (int) section.size(),
                1,
                MapSpec.MAPPABLE | constant,
                0,
                0,
                btf.find(Kind.DATA_SECTION, section.name()),
                null,
                Collections.emptySortedMap(),
                section.bytes());
    }

    /**
     * Fills in what the compiler leaves to the linker: sizes of sections and offsets of variables. Compilers write
     * offsets of {@code static} variables themselves.
     */
    void complete(Btf btf, BtfEditor editor) {
        Map<String, Map<Integer, Long>> offsets = offsets();
        for (int id = 1; id < btf.count(); id++) {
            if (btf.kind(id) != Kind.DATA_SECTION || btf.sizeOf(id) != 0) {
                continue;
            }
            Section section = elf.section(btf.name(id));
            if (section != null) {
                complete(btf, id, section, offsets, editor);
            }
        }
    }

    private void complete(Btf btf, int id, Section section, Map<String, Map<Integer, Long>> offsets, BtfEditor editor) {
        if (section.size() < 0 || section.size() > MAX_SIZE) {
            throw new BpfException(Reason.INVALID, "read section " + section.name(), "it is too large");
        }
        editor.setSectionSize(id, (int) section.size());
        for (int i = 0; i < btf.length(id); i++) {
            int variable = btf.sectionVariable(id, i);
            long offset = btf.sectionOffset(id, i);
            if (btf.linkage(variable) != STATIC) {
                String name = btf.name(variable);
                Long defined = offsets.getOrDefault(name, Map.of()).get(section.index());
                if (defined == null) {
                    throw new BpfException(
                            Reason.INVALID, "read section " + section.name(), "variable " + name + " has no symbol");
                }
                offset = defined;
            }
            int size = btf.sectionSize(id, i);
            if (offset < 0 || size < 0 || offset + size > section.size()) {
                throw new BpfException(
                        Reason.INVALID,
                        "read section " + section.name(),
                        "variable " + btf.name(variable) + " lies outside of it");
            }
            editor.setSectionVariable(id, i, variable, (int) offset, size);
        }
        editor.sortSection(id);
    }

    /** Offsets of variables by name and number of section. */
    private Map<String, Map<Integer, Long>> offsets() {
        var offsets = new HashMap<String, Map<Integer, Long>>();
        for (Symbol symbol : elf.symbols()) {
            if (symbol.type() == Symbol.OBJECT && !symbol.isLocal()) {
                Map<Integer, Long> bySection = offsets.get(symbol.name());
                if (bySection == null) {
                    bySection = new HashMap<>();
                    offsets.put(symbol.name(), bySection);
                }
                bySection.put(symbol.section(), symbol.value());
            }
        }
        return offsets;
    }
}
