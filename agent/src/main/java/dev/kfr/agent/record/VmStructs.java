// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.record;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.SymbolLookup;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * HotSpot's own description of its structures: the table {@code gHotSpotVMStructs} that libjvm exports for the serviceability agent
 * (src/hotspot/share/runtime/vmStructs.cpp). Read through {@link OwnMemory}.
 */
final class VmStructs {
    private static final int LARGEST_TABLE = 20_000;
    private static final int ENTRIES_AT_ONCE = 64;

    private final OwnMemory memory;
    private final SymbolLookup symbols;

    @SuppressWarnings("restricted")
    VmStructs(OwnMemory memory) throws IOException {
        this.memory = memory;
        this.symbols = SymbolLookup.libraryLookup(libjvm(), Arena.global());
    }

    /** Path of the libjvm that runs this code, as the kernel mapped it. */
    private static Path libjvm() throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/self/maps"), StandardCharsets.ISO_8859_1)) {
            int path = line.indexOf('/');
            if (path >= 0 && line.endsWith("/libjvm.so")) {
                return Path.of(line.substring(path));
            }
        }
        throw new IOException("no libjvm.so among the mapped files");
    }

    /** Offsets of instance fields, each named {@code Type::field}; an {@link IOException} if one is missing. */
    Map<String, Integer> offsets(Set<String> names) throws IOException {
        int typeName = (int) variable("gHotSpotVMStructEntryTypeNameOffset");
        int fieldName = (int) variable("gHotSpotVMStructEntryFieldNameOffset");
        int isStatic = (int) variable("gHotSpotVMStructEntryIsStaticOffset");
        int offset = (int) variable("gHotSpotVMStructEntryOffsetOffset");
        int stride = (int) variable("gHotSpotVMStructEntryArrayStride");
        if (stride <= 0 || stride > 4096) {
            throw new IOException("implausible size of a VMStructs entry: " + stride);
        }
        var found = new HashMap<String, Integer>();
        var types = new HashMap<Long, String>();
        var chunk = new byte[ENTRIES_AT_ONCE * stride];
        var entries = ByteBuffer.wrap(chunk).order(ByteOrder.nativeOrder());
        long table = variable("gHotSpotVMStructs");
        for (int first = 0; first < LARGEST_TABLE && found.size() < names.size(); first += ENTRIES_AT_ONCE) {
            int count = memory.readSome(table + (long) first * stride, chunk, chunk.length) / stride;
            for (int i = 0; i < count && found.size() < names.size(); i++) {
                int at = i * stride;
                long type = entries.getLong(at + typeName);
                if (type == 0) {
                    return complete(found, names);
                }
                String name = types.get(type);
                if (name == null) {
                    name = memory.readString(type);
                    types.put(type, name);
                }
                String prefix = name + "::";
                if (entries.getInt(at + isStatic) == 0 && names.stream().anyMatch(n -> n.startsWith(prefix))) {
                    String field = prefix + memory.readString(entries.getLong(at + fieldName));
                    if (names.contains(field)) {
                        found.put(field, Math.toIntExact(entries.getLong(at + offset)));
                    }
                }
            }
        }
        return complete(found, names);
    }

    private static Map<String, Integer> complete(Map<String, Integer> found, Set<String> names) throws IOException {
        for (String name : names) {
            if (!found.containsKey(name)) {
                throw new IOException("this JVM does not describe " + name);
            }
        }
        return Map.copyOf(found);
    }

    private long variable(String symbol) throws IOException {
        var address = symbols.find(symbol).orElseThrow(() -> new IOException("libjvm has no symbol " + symbol));
        return memory.readLong(address.address());
    }
}
