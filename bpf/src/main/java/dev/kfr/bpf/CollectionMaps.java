// SPDX-License-Identifier: Apache-2.0
package dev.kfr.bpf;

import dev.kfr.bpf.BpfException.Reason;
import dev.kfr.bpf.linux.BpfAttributes;
import dev.kfr.bpf.linux.BpfCommand;
import dev.kfr.bpf.linux.Descriptor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The maps of one object in the kernel, and its types, which describe them. */
final class CollectionMaps implements AutoCloseable {
    // offsets in union bpf_attr
    private static final int BTF = 0;
    private static final int BTF_SIZE = 16;

    private final String object;
    private final Map<String, BpfMap> maps;
    private final List<BpfMap> own = new ArrayList<>();
    private Descriptor types;

    private CollectionMaps(String object, Map<String, BpfMap> shared) {
        this.object = object;
        maps = new HashMap<>(shared);
    }

    /** Creates and fills all maps that are not shared; if one fails, none is left behind. */
    static CollectionMaps create(BpfObject object, Collection<MapSpec> specs, Map<String, BpfMap> shared) {
        var created = new CollectionMaps(object.name(), shared);
        try {
            created.types = loadTypes(object);
            for (MapSpec spec : specs) {
                if (!shared.containsKey(spec.name())) {
                    created.add(BpfMap.create(spec, created.types));
                }
            }
            created.own.forEach(created::fill);
            return created;
        } catch (RuntimeException | Error e) {
            created.close();
            throw e;
        }
    }

    /** Null if the kernel does not understand them: maps and programs do without. */
    private static Descriptor loadTypes(BpfObject object) {
        byte[] btf = object.btfForKernel();
        try (var attributes = new BpfAttributes()) {
            attributes.setPointer(BTF, btf).setInt(BTF_SIZE, btf.length);
            long result = attributes.call(BpfCommand.BTF_LOAD);
            return result < 0 ? null : Descriptor.of("load types", result);
        }
    }

    private void add(BpfMap map) {
        own.add(map);
        maps.put(map.name(), map);
    }

    /** Writes what the object says is in the map at the start. */
    private void fill(BpfMap map) {
        MapSpec spec = map.spec();
        if (spec.isConstant()) {
            try (var arena = Arena.ofConfined()) {
                map.update(arena.allocateFrom(ValueLayout.JAVA_INT, 0), copy(arena, spec));
            }
            map.freeze();
        } else if (spec.content().length > 0) {
            map.memory().copyFrom(MemorySegment.ofArray(spec.content()));
        }
        spec.initial().forEach((index, inner) -> {
            try (var arena = Arena.ofConfined()) {
                var key = arena.allocateFrom(ValueLayout.JAVA_INT, index);
                map.update(
                        key, arena.allocateFrom(ValueLayout.JAVA_INT, get(inner).fd()));
            }
        });
    }

    private static MemorySegment copy(Arena arena, MapSpec spec) {
        return arena.allocate(spec.valueSize(), 8).copyFrom(MemorySegment.ofArray(spec.content()));
    }

    BpfMap get(String name) {
        BpfMap map = maps.get(name);
        if (map == null) {
            throw new BpfException(Reason.NOT_FOUND, "find map " + name, object + " has no such map");
        }
        return map;
    }

    /** The object's types in the kernel, or null if it did not take them. */
    Descriptor types() {
        return types;
    }

    @Override
    public void close() {
        own.reversed().forEach(BpfMap::close);
        if (types != null) {
            types.close();
        }
    }
}
