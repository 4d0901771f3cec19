// SPDX-License-Identifier: Apache-2.0
package dev.kfr.bpf;

import dev.kfr.bpf.BpfException.Reason;
import dev.kfr.bpf.btf.Btf;
import dev.kfr.bpf.btf.Btf.Kind;
import dev.kfr.bpf.elf.ElfObject;
import dev.kfr.bpf.elf.ElfObject.Relocation;
import dev.kfr.bpf.elf.ElfObject.Section;
import dev.kfr.bpf.elf.ElfObject.Symbol;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The maps of the section {@code .maps}. Each is a variable whose struct type says everything: a number N as the type
 * {@code int (*)[N]}, a key's or value's type as a pointer to it. The variable's bytes matter for maps of maps only:
 * pointers to the maps that are in there from the start.
 */
final class MapDefinitions {
    private static final String SECTION = ".maps";

    private final ElfObject elf;
    private final Btf btf;
    private final SequencedMap<Long, MapSpec> byOffset = new LinkedHashMap<>();

    private MapDefinitions(ElfObject elf, Btf btf) {
        this.elf = elf;
        this.btf = btf;
    }

    /** The maps by their offsets in the section, in the order of the compiler. */
    static SequencedMap<Long, MapSpec> read(ElfObject elf, Btf btf) {
        var definitions = new MapDefinitions(elf, btf);
        definitions.read();
        return definitions.byOffset;
    }

    private void read() {
        Section section = elf.section(SECTION);
        if (section == null) {
            return;
        }
        int types = btf.find(Kind.DATA_SECTION, SECTION);
        if (types == 0) {
            throw invalid(SECTION, "its maps have no types");
        }
        Map<String, Symbol> symbols = symbols(section);
        Map<Long, String> names = new HashMap<>();
        for (Symbol symbol : symbols.values()) {
            names.put(symbol.value(), symbol.name());
        }
        SortedMap<Long, String> initial = new TreeMap<>();
        for (Relocation relocation : elf.relocations(section)) {
            // a reference by the section's symbol would have its target in the section's bytes; compilers use none
            String target = relocation.symbol().section() == section.index()
                    ? names.get(relocation.symbol().value())
                    : null;
            if (target == null) {
                throw invalid(
                        SECTION,
                        "an initial value is no map: " + relocation.symbol().name());
            }
            initial.put(relocation.offset(), target);
        }
        for (int i = 0; i < btf.length(types); i++) {
            String name = btf.name(btf.sectionVariable(types, i));
            Symbol symbol = symbols.get(name);
            if (symbol == null) {
                throw invalid(name, "it has no symbol");
            }
            var definition = new Definition(name, btf.target(btf.sectionVariable(types, i)), false);
            long from = symbol.value();
            long end = from + Math.max(0, btf.sectionSize(types, i));
            byOffset.put(from, definition.spec(from < end ? initial.subMap(from, end) : initial.headMap(0L), from));
        }
    }

    private Map<String, Symbol> symbols(Section section) {
        var symbols = new HashMap<String, Symbol>();
        for (Symbol symbol : elf.symbols()) {
            if (symbol.section() == section.index() && symbol.type() == Symbol.OBJECT) {
                symbols.put(symbol.name(), symbol);
            }
        }
        return symbols;
    }

    private static BpfException invalid(String map, String detail) {
        return new BpfException(Reason.INVALID, "read map " + map, detail);
    }

    /** One map's struct. */
    private final class Definition {
        private static final int POINTER_SIZE = 8;

        private final String name;
        private final boolean inner;
        private int type;
        private int keySize;
        private int valueSize;
        private int keyType;
        private int valueType;
        private int maxEntries;
        private int flags;
        private long extra;
        private MapSpec innerSpec;
        private int valuesOffset;

        Definition(String name, int typeId, boolean inner) {
            this.name = name;
            this.inner = inner;
            int struct = btf.resolve(typeId);
            if (btf.kind(struct) != Kind.STRUCT) {
                throw invalid(name, "its type is no struct");
            }
            for (int i = 0; i < btf.length(struct); i++) {
                member(struct, i);
            }
        }

        private void member(int struct, int index) {
            String attribute = btf.memberName(struct, index);
            int memberType = btf.resolve(btf.memberType(struct, index));
            switch (attribute) {
                case "type" -> type = number(attribute, memberType);
                case "max_entries" -> maxEntries = number(attribute, memberType);
                case "map_flags" -> flags = number(attribute, memberType);
                case "map_extra" -> extra = number(attribute, memberType) & 0xffffffffL;
                case "key_size" -> keySize = agreed(attribute, keySize, number(attribute, memberType));
                case "value_size" -> valueSize = agreed(attribute, valueSize, number(attribute, memberType));
                case "key" -> {
                    keyType = pointee(attribute, memberType);
                    keySize = agreed(attribute, keySize, btf.sizeOf(keyType));
                }
                case "value" -> {
                    valueType = pointee(attribute, memberType);
                    valueSize = agreed(attribute, valueSize, btf.sizeOf(valueType));
                }
                case "values" -> values(struct, index, memberType);
                case "pinning", "numa_node" -> {
                    if (number(attribute, memberType) != 0) {
                        throw invalid(name, attribute + " is not supported");
                    }
                }
                default -> throw invalid(name, "unknown attribute " + attribute);
            }
        }

        private int number(String attribute, int id) {
            int array = btf.resolve(pointee(attribute, id));
            if (btf.kind(array) != Kind.ARRAY) {
                throw invalid(name, attribute + " is no number");
            }
            return btf.elementCount(array);
        }

        private int pointee(String attribute, int id) {
            if (btf.kind(id) != Kind.POINTER) {
                throw invalid(name, attribute + " is no pointer");
            }
            return btf.target(id);
        }

        /** A size that is written twice, as a number and by a type, must be the same both times. */
        private int agreed(String attribute, int known, int size) {
            if (size < 0 || known != 0 && known != size) {
                throw invalid(name, attribute + " contradicts another size");
            }
            return size;
        }

        private void values(int struct, int index, int id) {
            if (inner || btf.kind(id) != Kind.ARRAY || index != btf.length(struct) - 1) {
                throw invalid(name, "values is no open array at the end of a map");
            }
            int definition = pointee("values", btf.resolve(btf.elementType(id)));
            innerSpec = new Definition(name + ".inner", definition, true).spec(Collections.emptySortedMap(), 0);
            valueSize = agreed("values", valueSize, Integer.BYTES);
            valuesOffset = btf.memberOffset(struct, index) / Byte.SIZE;
        }

        MapSpec spec(SortedMap<Long, String> initial, long from) {
            MapType mapType = MapType.of(type);
            if (mapType.mapOfMaps() ? innerSpec == null : innerSpec != null) {
                throw invalid(
                        name, mapType.mapOfMaps() ? "it does not say what its values are" : "it has maps as values");
            }
            var entries = new TreeMap<Integer, String>();
            for (Map.Entry<Long, String> value : initial.entrySet()) {
                long place = value.getKey() - from - valuesOffset;
                long slot = place / POINTER_SIZE;
                if (innerSpec == null || place < 0 || place % POINTER_SIZE != 0 || slot > Integer.MAX_VALUE) {
                    throw invalid(name, "it is initialised where it has no values");
                }
                entries.put((int) slot, value.getValue());
            }
            boolean typed = mapType.takesTypes();
            return new MapSpec(
                    name,
                    mapType,
                    keySize,
                    valueSize,
                    maxEntries,
                    flags,
                    extra,
                    typed ? keyType : 0,
                    typed ? valueType : 0,
                    innerSpec,
                    Collections.unmodifiableSortedMap(entries),
                    new byte[0]);
        }
    }
}
