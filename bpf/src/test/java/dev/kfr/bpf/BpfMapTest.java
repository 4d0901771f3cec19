// SPDX-License-Identifier: Apache-2.0
package dev.kfr.bpf;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kfr.bpf.BpfException.Reason;
import dev.kfr.bpf.linux.Cpus;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@NeedsKernel
class BpfMapTest {
    private final OpenDescriptors before = OpenDescriptors.now();
    private final Arena arena = Arena.ofConfined();
    private final MemorySegment key = arena.allocate(JAVA_INT);
    private final MemorySegment value = arena.allocate(JAVA_LONG, Cpus.possible());

    @AfterEach
    void nothingIsLeftOpen() {
        arena.close();
        before.assertSameNow();
    }

    @ParameterizedTest
    @EnumSource(names = {"HASH", "LRU_HASH", "PER_CPU_HASH", "LRU_PER_CPU_HASH"})
    void hashesKeepWhatIsPutIn(MapType type) {
        try (var map = BpfMap.create(spec(type, 8, 100, 0))) {
            assertFalse(lookup(map, 7));
            assertTrue(map.insert(key(7), value(70)));
            assertFalse(map.insert(key(7), value(71)));
            assertTrue(lookup(map, 7));
            assertEquals(70, value.get(JAVA_LONG, 0));
            map.update(key(7), value(72));
            assertTrue(lookup(map, 7));
            assertEquals(72, value.getAtIndex(JAVA_LONG, map.valueBytes() / 8 - 1));
            assertTrue(map.delete(key(7)));
            assertFalse(map.delete(key(7)));
            assertFalse(lookup(map, 7));
        }
    }

    @Test
    void perCpuValuesAreThoseOfEachPossibleCpu() {
        try (var map = BpfMap.create(spec(MapType.PER_CPU_ARRAY, 4, 3, 0))) {
            assertEquals(8 * Cpus.possible(), map.valueBytes());
            for (int cpu = 0; cpu < Cpus.possible(); cpu++) {
                value.setAtIndex(JAVA_LONG, cpu, 100 + cpu);
            }
            map.update(key(2), value);
            value.fill((byte) 0);
            assertTrue(lookup(map, 2));
            for (int cpu = 0; cpu < Cpus.possible(); cpu++) {
                assertEquals(100 + cpu, value.getAtIndex(JAVA_LONG, cpu));
            }
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"HASH", "LRU_HASH", "PER_CPU_HASH", "ARRAY", "PER_CPU_ARRAY", "LPM_TRIE"})
    void forEachSeesEveryEntryOnce(MapType type) {
        int entries = 5000; // several batches where values are large, and many entries in a bucket somewhere
        boolean trie =
                type == MapType.LPM_TRIE; // its key is a prefix length and data; no kernel had batches for it at first
        int flags = trie ? MapSpec.NO_PREALLOCATION : 0;
        int keySize = trie ? 8 : 4;
        int capacity = type == MapType.LRU_HASH ? 4 * entries : entries; // it forgets before it is full
        try (var map = BpfMap.create(new MapSpec(
                "each", type, keySize, 256, capacity, flags, 0, 0, 0, null, new TreeMap<>(), new byte[0]))) {
            MemorySegment longKey = arena.allocate(8);
            longKey.set(JAVA_INT, 0, 32);
            MemorySegment largeValue = arena.allocate(map.valueBytes(), 8);
            for (int i = 0; i < entries; i++) {
                longKey.set(JAVA_INT, keySize - 4, i);
                largeValue.set(JAVA_LONG, 0, i * 3L);
                map.update(longKey, largeValue);
            }
            Map<Integer, Long> seen = new HashMap<>();
            map.forEach((memory, keyAt, valueAt) -> {
                int number = memory.get(JAVA_INT, keyAt + keySize - 4);
                assertEquals(null, seen.put(number, memory.get(JAVA_LONG, valueAt)), "key " + number + " twice");
            });
            assertEquals(entries, seen.size());
            seen.forEach((number, content) -> assertEquals(number * 3L, content));
        }
    }

    @Test
    void keysCanBeWalked() {
        try (var map = BpfMap.create(spec(MapType.HASH, 8, 10, 0))) {
            assertFalse(map.nextKey(MemorySegment.NULL, key));
            map.update(key(1), value(1));
            map.update(key(2), value(2));
            MemorySegment next = arena.allocate(JAVA_INT);
            int sum = 0;
            for (MemorySegment from = MemorySegment.NULL; map.nextKey(from, next); from = next) {
                sum += next.get(JAVA_INT, 0);
            }
            assertEquals(3, sum);
        }
    }

    @Test
    void allEntriesCanBeDeleted() {
        try (var map = BpfMap.create(spec(MapType.HASH, 8, 1000, 0))) {
            for (int i = 0; i < 1000; i++) {
                map.update(key(i), value(i));
            }
            map.clear();
            assertFalse(map.nextKey(MemorySegment.NULL, key));
            map.clear();
        }
    }

    @Test
    void mappedArraysAreTheKernelsMemory() {
        var map = BpfMap.create(spec(MapType.ARRAY, 12, 1000, MapSpec.MAPPABLE));
        MemorySegment memory = map.memory();
        assertEquals(16, map.valueStride());
        assertEquals(16_000, memory.byteSize());
        memory.set(JAVA_INT, 999 * 16 + 8, 4711);
        MemorySegment twelve = arena.allocate(12);
        assertTrue(map.lookup(key(999), twelve));
        assertEquals(4711, twelve.get(JAVA_INT, 8));
        map.close();
        assertThrows(IllegalStateException.class, () -> memory.get(JAVA_INT, 0));
        map.close();
    }

    @Test
    void frozenMapsRefuseChanges() {
        try (var map = BpfMap.create(spec(MapType.ARRAY, 8, 1, MapSpec.READ_ONLY_FOR_PROGRAMS))) {
            map.freeze();
            var e = assertThrows(BpfException.class, () -> map.update(key(0), value(1)));
            assertEquals(Reason.NOT_PERMITTED, e.reason());
        }
    }

    @Test
    void mapsOfMapsHoldMaps() {
        var inner = spec(MapType.ARRAY, 8, 1, 0);
        var outer =
                new MapSpec("outer", MapType.HASH_OF_MAPS, 4, 4, 10, 0, 0, 0, 0, inner, new TreeMap<>(), new byte[0]);
        try (var map = BpfMap.create(outer);
                var content = BpfMap.create(inner)) {
            map.update(key(5), arena.allocateFrom(JAVA_INT, content.fd()));
            MemorySegment id = arena.allocate(JAVA_INT);
            assertTrue(map.lookup(key(5), id));
            assertEquals(content.id(), id.get(JAVA_INT, 0));
        }
    }

    @Test
    void ringBuffersGetASizeThatTheKernelTakes() {
        try (var map = BpfMap.create(new MapSpec(
                "ring", MapType.RING_BUFFER, 0, 0, 70_000, 0, 0, 0, 0, null, new TreeMap<>(), new byte[0]))) {
            assertEquals(131_072, map.maxEntries());
            try (var ring = RingBuffer.of(map)) {
                assertEquals(0, ring.pending());
            }
        }
    }

    @Test
    void aForeignDescriptorIsEnough() {
        try (var map = BpfMap.create(spec(MapType.HASH, 8, 10, 0))) {
            map.update(key(1), value(11));
            try (var same = BpfMap.of(map.fd())) {
                assertEquals(map.id(), same.id());
                assertEquals(map.spec().name(), same.name());
                assertEquals(MapType.HASH, same.spec().type());
                assertEquals(10, same.maxEntries());
                assertTrue(lookup(same, 1));
                assertEquals(11, value.get(JAVA_LONG, 0));
            }
            assertTrue(lookup(map, 1));
        }
    }

    @Test
    void shortMemoryIsRefusedBeforeTheKernelWritesBeyondIt() {
        try (var map = BpfMap.create(spec(MapType.HASH, 8, 10, 0))) {
            assertThrows(IllegalArgumentException.class, () -> map.lookup(key(1), arena.allocate(4)));
            assertThrows(IllegalArgumentException.class, () -> map.lookup(arena.allocate(2), value));
            assertThrows(IllegalArgumentException.class, () -> map.nextKey(MemorySegment.NULL, arena.allocate(2)));
            assertThrows(IllegalArgumentException.class, () -> map.lookup(MemorySegment.ofArray(new int[1]), value));
        }
    }

    @Test
    void tooManyEntriesAreTold() {
        var e = assertThrows(BpfException.class, () -> BpfMap.create(spec(MapType.ARRAY, 1 << 20, 1 << 30, 0)));
        assertTrue(e.reason() == Reason.TOO_LARGE || e.reason() == Reason.NO_SPACE, e.toString());
        assertTrue(e.getMessage().startsWith("create map test: E"), e.getMessage());
    }

    @Test
    void aFullHashRefusesMore() {
        try (var map = BpfMap.create(spec(MapType.HASH, 8, 1, 0))) {
            map.update(key(1), value(1));
            var e = assertThrows(BpfException.class, () -> map.update(key(2), value(2)));
            assertEquals(Reason.TOO_LARGE, e.reason());
            assertEquals("E2BIG", e.errnoName());
        }
    }

    private static MapSpec spec(MapType type, int valueSize, int entries, int flags) {
        return new MapSpec("test", type, 4, valueSize, entries, flags, 0, 0, 0, null, new TreeMap<>(), new byte[0]);
    }

    private boolean lookup(BpfMap map, int number) {
        return map.lookup(key(number), value);
    }

    private MemorySegment key(int number) {
        key.set(JAVA_INT, 0, number);
        return key;
    }

    /** The same for every CPU. */
    private MemorySegment value(long number) {
        for (int i = 0; i < Cpus.possible(); i++) {
            value.setAtIndex(JAVA_LONG, i, number);
        }
        return value;
    }
}
