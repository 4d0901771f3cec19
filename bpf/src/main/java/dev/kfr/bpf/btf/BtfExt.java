// SPDX-License-Identifier: Apache-2.0
package dev.kfr.bpf.btf;

import dev.kfr.bpf.btf.CoreRelocation.Kind;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The section {@code .BTF.ext}: what BTF has to say about instructions. Three tables, each a list of records per
 * section of code: the types of functions, the source lines, the CO-RE relocations. Immutable.
 */
public final class BtfExt {
    private static final int HEADER_SIZE_WITHOUT_CORE = 24;
    private static final int HEADER_SIZE = 32;
    private static final int CORE_RECORD_SIZE = 16;

    private final Table functions;
    private final Table lines;
    private final Table relocations;
    private final Btf btf;

    private BtfExt(Btf btf, Table functions, Table lines, Table relocations) {
        this.btf = btf;
        this.functions = functions;
        this.lines = lines;
        this.relocations = relocations;
    }

    /**
     * Records about instructions. The first four bytes of a record are the offset of its instruction in its section.
     *
     * @param recordSize bytes
     * @param sections the records of each section of code, by its name
     */
    public record Table(int recordSize, Map<String, ByteBuffer> sections) {
        private static final Table EMPTY = new Table(0, Map.of());

        /** The records about the instructions from {@code from} to before {@code end}, each a view of its bytes. */
        public List<ByteBuffer> between(String section, long from, long end) {
            ByteBuffer all = sections.get(section);
            var records = new ArrayList<ByteBuffer>();
            for (int at = 0; all != null && at < all.limit(); at += recordSize) {
                long offset = all.getInt(at) & 0xffffffffL;
                if (offset >= from && offset < end) {
                    records.add(all.slice(at, recordSize).order(ByteOrder.LITTLE_ENDIAN));
                }
            }
            return records;
        }
    }

    /** The {@code .BTF.ext} of an object that has none. */
    public static BtfExt empty(Btf btf) {
        return new BtfExt(btf, Table.EMPTY, Table.EMPTY, Table.EMPTY);
    }

    /**
     * Reads the content of a {@code .BTF.ext} section.
     *
     * @param btf the BTF beside it, which holds the names
     */
    public static BtfExt parse(Btf btf, byte[] raw) {
        ByteBuffer section = ByteBuffer.wrap(raw).order(ByteOrder.LITTLE_ENDIAN);
        if (raw.length < HEADER_SIZE_WITHOUT_CORE || (section.getShort(0) & 0xffff) != Btf.MAGIC || raw[2] != 1) {
            throw btf.invalid(".BTF.ext is not of version 1 in little-endian order");
        }
        int header = section.getInt(4);
        boolean withCore = header >= HEADER_SIZE && raw.length >= HEADER_SIZE;
        return new BtfExt(
                btf,
                table(btf, section, header, 8, 8),
                table(btf, section, header, 16, 16),
                withCore ? table(btf, section, header, 24, CORE_RECORD_SIZE) : Table.EMPTY);
    }

    private static Table table(Btf btf, ByteBuffer section, int header, int position, int leastRecordSize) {
        long at = (header & 0xffffffffL) + (section.getInt(position) & 0xffffffffL);
        long length = section.getInt(position + 4) & 0xffffffffL;
        if (length == 0) {
            return Table.EMPTY;
        }
        if (length < Integer.BYTES || at + length > section.limit()) {
            throw btf.invalid("a table of .BTF.ext lies outside of it");
        }
        ByteBuffer table = section.slice((int) at, (int) length).order(ByteOrder.LITTLE_ENDIAN);
        int recordSize = table.getInt();
        if (recordSize < leastRecordSize || recordSize > length || recordSize % Integer.BYTES != 0) {
            throw btf.invalid("a table of .BTF.ext has records of " + recordSize + " bytes");
        }
        var sections = new HashMap<String, ByteBuffer>();
        while (table.hasRemaining()) {
            if (table.remaining() < 2 * Integer.BYTES) {
                throw btf.invalid("a table of .BTF.ext is cut off");
            }
            String name = btf.string(table.getInt());
            long size = (table.getInt() & 0xffffffffL) * recordSize;
            if (size > table.remaining()) {
                throw btf.invalid("a table of .BTF.ext is cut off");
            }
            ByteBuffer records = table.slice(table.position(), (int) size).order(ByteOrder.LITTLE_ENDIAN);
            if (sections.put(name, records) != null) {
                throw btf.invalid(".BTF.ext has two tables for section " + name);
            }
            table.position(table.position() + (int) size);
        }
        return new Table(recordSize, Map.copyOf(sections));
    }

    /** Records of {@code struct bpf_func_info}: which function begins where. */
    public Table functions() {
        return functions;
    }

    /** Records of {@code struct bpf_line_info}: which line an instruction comes from. */
    public Table lines() {
        return lines;
    }

    /** The CO-RE relocations of the instructions from {@code from} to before {@code end}, in their order. */
    public List<CoreRelocation> relocations(String section, long from, long end) {
        var found = new ArrayList<CoreRelocation>();
        for (ByteBuffer record : relocations.between(section, from, end)) {
            int kind = record.getInt(12);
            if (kind < 0 || kind >= Kind.values().length) {
                throw btf.invalid("a CO-RE relocation is of the unknown kind " + kind);
            }
            found.add(new CoreRelocation(
                    record.getInt(0), record.getInt(4), btf.string(record.getInt(8)), Kind.values()[kind]));
        }
        return found;
    }
}
