// SPDX-License-Identifier: Apache-2.0
package dev.kfr.bpf.elf;

import dev.kfr.bpf.BpfException;
import dev.kfr.bpf.BpfException.Reason;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Sections, symbols and relocations of a relocatable ELF64 file for the little-endian BPF machine. Whatever the bytes
 * are, the answer is an object or {@link BpfException} with INVALID; sections don't overlap.
 * Immutable.
 *
 * <p>The format is that of elf(5); numbers without another source are from there.
 */
public final class ElfObject {
    private static final int HEADER_SIZE = 64;
    private static final int SECTION_HEADER_SIZE = 64;
    private static final int SYMBOL_SIZE = 24;
    private static final int RELOCATION_SIZE = 16;
    private static final int RELOCATABLE = 1;
    private static final int MACHINE_BPF = 247;

    /** Longer names are an attack: thousands of symbols can share one string that is as long as the file. */
    private static final int MAX_NAME_LENGTH = 1024;

    private final String name;
    private final List<Section> sections;
    private final List<Symbol> symbols;
    private final Map<String, Section> sectionsByName = new HashMap<>();

    private ElfObject(String name, List<Section> sections, List<Symbol> symbols) {
        this.name = name;
        this.sections = List.copyOf(sections);
        this.symbols = List.copyOf(symbols);
        for (Section section : this.sections) {
            sectionsByName.putIfAbsent(section.name, section);
        }
    }

    /**
     * A section.
     *
     * @param index its number
     * @param size bytes; of a section without content (.bss) those that it takes in memory. Unsigned
     * @param link number of another section, depending on the type
     * @param info number of the section that a relocation section belongs to
     * @param content the bytes; empty if the file has none for it
     */
    public record Section(
            int index, String name, int type, long flags, long size, int link, int info, ByteBuffer content) {
        /** {@code SHT_PROGBITS}. */
        public static final int PROGRAM = 1;
        /** {@code SHT_SYMTAB}. */
        public static final int SYMBOLS = 2;
        /** {@code SHT_RELA}: relocations with addends, which clang does not use for BPF. */
        public static final int RELOCATIONS_WITH_ADDEND = 4;
        /** {@code SHT_NOBITS}: takes memory but no place in the file. */
        public static final int NO_BITS = 8;
        /** {@code SHT_REL}. */
        public static final int RELOCATIONS = 9;

        private static final int EXECUTABLE = 4;

        /** Whether the section holds instructions. */
        public boolean isExecutable() {
            return type == PROGRAM && (flags & EXECUTABLE) != 0;
        }

        /** A view of the content in little-endian order, with a position of its own. */
        @Override
        public ByteBuffer content() {
            return content.duplicate().order(ByteOrder.LITTLE_ENDIAN);
        }

        /** A copy of the content. */
        public byte[] bytes() {
            byte[] bytes = new byte[content.remaining()];
            content().get(bytes);
            return bytes;
        }
    }

    /**
     * A symbol.
     *
     * @param value offset in its section; unsigned
     * @param section the section's number, 0 if the symbol is defined elsewhere; numbers of no section are possible
     */
    public record Symbol(String name, long value, long size, int binding, int type, int visibility, int section) {
        /** {@code STB_LOCAL}. */
        public static final int LOCAL = 0;
        /** {@code STB_WEAK}. */
        public static final int WEAK = 2;
        /** {@code STT_OBJECT}: a variable. */
        public static final int OBJECT = 1;
        /** {@code STT_FUNC}. */
        public static final int FUNCTION = 2;
        /** {@code STT_SECTION}: the section itself. */
        public static final int SECTION = 3;

        private static final int INTERNAL_VISIBILITY = 1;
        private static final int HIDDEN_VISIBILITY = 2;

        /** Whether the symbol is {@code static} in C. */
        public boolean isLocal() {
            return binding == LOCAL;
        }

        /** Whether another object may not see it although it is not {@code static}. */
        public boolean isHidden() {
            return visibility == HIDDEN_VISIBILITY || visibility == INTERNAL_VISIBILITY;
        }
    }

    /**
     * A place to change.
     *
     * @param offset bytes from the start of the section that is changed; unsigned
     * @param type {@code R_BPF_*}
     */
    public record Relocation(long offset, int type, Symbol symbol) {}

    /**
     * Reads a file.
     *
     * @param name how to call it in messages
     * @param bytes the file; the array is kept and must not be changed
     * @throws BpfException INVALID
     */
    public static ElfObject parse(String name, byte[] bytes) {
        return new Parser(name, bytes).parse();
    }

    /** The sections in their order; the index in this list is the section's number. */
    public List<Section> sections() {
        return sections;
    }

    /** The symbols in their order, beginning with the empty one. */
    public List<Symbol> symbols() {
        return symbols;
    }

    /** The first section of a name; null if there is none. */
    public Section section(String sectionName) {
        return sectionsByName.get(sectionName);
    }

    /** The relocations that change a section, in the order of the file. */
    public List<Relocation> relocations(Section changed) {
        var relocations = new ArrayList<Relocation>();
        for (Section section : sections) {
            if (section.info == changed.index && section.type == Section.RELOCATIONS_WITH_ADDEND) {
                throw invalid(name, "section " + section.name + " has relocations with addends");
            }
            if (section.info == changed.index && section.type == Section.RELOCATIONS) {
                read(section, relocations);
            }
        }
        return relocations;
    }

    private void read(Section section, List<Relocation> relocations) {
        ByteBuffer content = section.content();
        while (content.remaining() >= RELOCATION_SIZE) {
            long offset = content.getLong();
            int type = content.getInt();
            int symbol = content.getInt();
            if (symbol < 0 || symbol >= symbols.size()) {
                throw invalid(name, "a relocation of " + section.name + " names symbol " + symbol);
            }
            relocations.add(new Relocation(offset, type, symbols.get(symbol)));
        }
    }

    private static BpfException invalid(String name, String detail) {
        return new BpfException(Reason.INVALID, "read " + name, detail);
    }

    /** Reads one file. */
    private static final class Parser {
        private final String name;
        private final ByteBuffer file;

        Parser(String name, byte[] bytes) {
            this.name = name;
            this.file = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        }

        ElfObject parse() {
            // magic, 64 bits, little endian, version 1
            if (file.limit() < HEADER_SIZE
                    || file.getInt(0) != 0x464c457f
                    || file.get(4) != 2
                    || file.get(5) != 1
                    || file.get(6) != 1) {
                throw invalid(name, "not an ELF64 file in little-endian order");
            }
            if (file.getShort(16) != RELOCATABLE || (file.getShort(18) & 0xffff) != MACHINE_BPF) {
                throw invalid(name, "not an object for the BPF machine");
            }
            List<Section> sections = sections();
            long content = 0;
            Section symbols = null;
            for (Section section : sections) {
                content += section.content.limit();
                if (section.type == Section.SYMBOLS) {
                    if (symbols != null) {
                        throw invalid(name, "more than one symbol table");
                    }
                    symbols = section;
                }
            }
            // Copies of sections that share bytes could be larger than any memory.
            if (content > file.limit()) {
                throw invalid(name, "its sections overlap");
            }
            return new ElfObject(name, sections, symbols == null ? List.of() : symbols(sections, symbols));
        }

        private List<Section> sections() {
            long table = file.getLong(40);
            int entrySize = file.getShort(58) & 0xffff;
            int count = file.getShort(60) & 0xffff;
            int namesIndex = file.getShort(62) & 0xffff;
            if (entrySize != SECTION_HEADER_SIZE || namesIndex >= count) {
                throw invalid(name, "no section table");
            }
            ByteBuffer headers = slice(table, (long) count * SECTION_HEADER_SIZE, "section table");
            ByteBuffer names = content(headers, namesIndex);
            var sections = new ArrayList<Section>(count);
            for (int index = 0; index < count; index++) {
                int at = index * SECTION_HEADER_SIZE;
                sections.add(new Section(
                        index,
                        string(names, headers.getInt(at)),
                        headers.getInt(at + 4),
                        headers.getLong(at + 8),
                        headers.getLong(at + 32),
                        headers.getInt(at + 40),
                        headers.getInt(at + 44),
                        content(headers, index)));
            }
            return sections;
        }

        private ByteBuffer content(ByteBuffer headers, int index) {
            int at = index * SECTION_HEADER_SIZE;
            int type = headers.getInt(at + 4);
            boolean empty = type == 0 || type == Section.NO_BITS;
            return empty
                    ? ByteBuffer.allocate(0)
                    : slice(headers.getLong(at + 24), headers.getLong(at + 32), "section " + index);
        }

        private List<Symbol> symbols(List<Section> sections, Section table) {
            if (table.link <= 0 || table.link >= sections.size()) {
                throw invalid(name, "the symbol table has no names");
            }
            ByteBuffer names = sections.get(table.link).content();
            ByteBuffer content = table.content();
            var symbols = new ArrayList<Symbol>(content.remaining() / SYMBOL_SIZE);
            for (int at = 0; at + SYMBOL_SIZE <= content.limit(); at += SYMBOL_SIZE) {
                int info = content.get(at + 4) & 0xff;
                symbols.add(new Symbol(
                        string(names, content.getInt(at)),
                        content.getLong(at + 8),
                        content.getLong(at + 16),
                        info >>> 4,
                        info & 0xf,
                        content.get(at + 5) & 3,
                        content.getShort(at + 6) & 0xffff));
            }
            return symbols;
        }

        private ByteBuffer slice(long offset, long size, String what) {
            if (offset < 0 || size < 0 || offset > file.limit() || size > file.limit() - offset) {
                throw invalid(name, what + " lies outside of the file");
            }
            return file.slice((int) offset, (int) size).order(ByteOrder.LITTLE_ENDIAN);
        }

        private String string(ByteBuffer table, int offset) {
            if (offset < 0 || offset >= table.limit()) {
                // an empty table is legal as long as nothing has a name
                if (offset == 0) {
                    return "";
                }
                throw invalid(name, "a name lies outside of its table");
            }
            int end = offset;
            while (end < table.limit() && table.get(end) != 0) {
                end++;
            }
            if (end - offset > MAX_NAME_LENGTH) {
                throw invalid(name, "a name is longer than " + MAX_NAME_LENGTH + " bytes");
            }
            byte[] bytes = new byte[end - offset];
            table.get(offset, bytes);
            return new String(bytes, StandardCharsets.UTF_8);
        }
    }
}
