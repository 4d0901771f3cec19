// SPDX-License-Identifier: Apache-2.0
package dev.kfr.bpf;

import dev.kfr.bpf.linux.BpfAttributes;
import dev.kfr.bpf.linux.BpfCommand;
import dev.kfr.bpf.linux.Errno;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** One pass over the entries of a map: in batches, or key by key where the kernel has no batches for it. */
final class MapScan implements AutoCloseable {
    // offsets in union bpf_attr
    private static final int IN_BATCH = 0;
    private static final int OUT_BATCH = 8;
    private static final int KEYS = 16;
    private static final int VALUES = 24;
    private static final int COUNT = 32;
    private static final int MAP_FD = 36;

    private static final int BATCH_BYTES = 256 * 1024;
    private static final int LEAST_BATCH = 16;

    private final BpfMap map;
    private final Arena arena = Arena.ofConfined();

    MapScan(BpfMap map) {
        this.map = map;
    }

    void run(EntryHandler handler) {
        if (!inBatches(handler)) {
            keyByKey(handler);
        }
    }

    /** False if the kernel can't, before the handler has seen anything. */
    private boolean inBatches(EntryHandler handler) {
        // where the next batch begins; the kernel writes as much as a key, and at least four bytes
        MemorySegment position = arena.allocate(Math.max(8, map.keySize()), 8);
        int capacity = Math.clamp(BATCH_BYTES / (map.keySize() + map.valueBytes()), LEAST_BATCH, BATCH_BYTES);
        Batch batch = new Batch(capacity);
        boolean started = false;
        while (true) {
            long result = batch.read(started ? position : MemorySegment.NULL, position);
            if (result == -Errno.ENOSPC) { // a hash bucket holds more than a batch
                batch = new Batch(batch.capacity * 2);
                continue;
            }
            if (result < 0 && result != -Errno.ENOENT) {
                if (!started && (result == -Errno.EINVAL || result == -Errno.ENOTSUPP)) {
                    return false;
                }
                throw Errno.failure(map.operation("read"), result);
            }
            batch.handOver(handler);
            if (result == -Errno.ENOENT) { // that was the last batch
                return true;
            }
            started = true;
        }
    }

    /** Memory for some entries: all keys, then all values. */
    private final class Batch {
        final int capacity;
        private final long values;
        private final MemorySegment memory;
        private int count;

        Batch(int capacity) {
            this.capacity = capacity;
            values = (long) capacity * map.keySize() + 7 & -8L;
            memory = arena.allocate(values + (long) capacity * map.valueBytes(), 8);
        }

        long read(MemorySegment from, MemorySegment next) {
            try (var attributes = new BpfAttributes()) {
                long result = attributes
                        .setPointer(IN_BATCH, from)
                        .setPointer(OUT_BATCH, next)
                        .setPointer(KEYS, memory)
                        .setPointer(VALUES, memory.asSlice(values))
                        .setInt(COUNT, capacity)
                        .setInt(MAP_FD, map.fd())
                        .call(BpfCommand.MAP_LOOKUP_BATCH);
                count = attributes.getInt(COUNT);
                return result;
            }
        }

        void handOver(EntryHandler handler) {
            for (int i = 0; i < count; i++) {
                handler.entry(memory, (long) i * map.keySize(), values + (long) i * map.valueBytes());
            }
        }
    }

    /** A key that goes away meanwhile sends the kernel back to the first, so the number of steps is bounded. */
    private void keyByKey(EntryHandler handler) {
        long valueOffset = map.keySize() + 7 & -8;
        MemorySegment entry = arena.allocate(valueOffset + map.valueBytes(), 8);
        MemorySegment value = entry.asSlice(valueOffset);
        MemorySegment key = MemorySegment.NULL;
        for (int steps = 0; steps < map.maxEntries() && map.nextKey(key, entry); steps++) {
            key = entry;
            if (map.lookup(key, value)) {
                handler.entry(entry, 0, valueOffset);
            }
        }
    }

    @Override
    public void close() {
        arena.close();
    }
}
