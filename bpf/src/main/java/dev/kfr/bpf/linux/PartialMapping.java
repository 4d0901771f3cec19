// SPDX-License-Identifier: Apache-2.0
package dev.kfr.bpf.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.BitSet;
import java.util.function.Consumer;

/**
 * Read-only memory shared with the kernel of which only those parts are mapped that are in use. A mapped page of a BPF map counts as resident
 * memory of the process from the moment of mapping, read or not, so whoever seldom reads a large map should not map all of it.
 *
 * <p>Address space is reserved for all; {@link #require} maps what is about to be read. The first window stays mapped. One thread at a time may
 * call {@link #require} and {@link #keepOnly}; touching what nobody required ends the JVM, so this is for code that knows what it reads.
 */
public final class PartialMapping implements AutoCloseable {
    /** Bytes that are mapped at a time. */
    static final long WINDOW = 256 << 10;

    private static final int PROT_NONE = 0;
    private static final int PROT_READ = 1;
    private static final int MAP_SHARED = 1;
    private static final int MAP_PRIVATE = 2;
    private static final int MAP_FIXED = 0x10;
    private static final int MAP_ANONYMOUS = 0x20;
    private static final int MAP_NORESERVE = 0x4000;
    private static final int RESERVED = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;

    private final String operation;
    private final Descriptor descriptor;
    private final long offset;
    private final long size;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment memory;
    private final BitSet mapped = new BitSet();

    /** What {@link #require} last made sure of, and is there without a further look. */
    private long readyFrom;

    private long readyTo;

    /** Unmaps when the arena closes, after the last access of any thread has ended. */
    private record Unmap(long address, long size) implements Consumer<MemorySegment> {
        @Override
        public void accept(MemorySegment memory) {
            SystemCall.MUNMAP.call(address, size, 0);
        }
    }

    /**
     * @param operation what is being mapped, for exceptions
     * @param number of the descriptor; it may be closed afterwards
     * @param offset in the descriptor's content, a multiple of the page size
     * @param size in bytes, whole pages
     * @throws dev.kfr.bpf.BpfException if the kernel refuses to map the first or the last window
     */
    @SuppressWarnings("restricted") // the size is what the kernel reserved
    public PartialMapping(String operation, int number, long offset, long size) {
        this.operation = operation;
        this.offset = offset;
        this.size = size;
        this.descriptor =
                Descriptor.duplicate(number); // its number may mean another file by the time that more is mapped
        long address = SystemCall.MMAP.call(0, size, PROT_NONE, RESERVED, -1, 0);
        if (address < 0) {
            descriptor.close();
            throw Errno.failure(operation, address);
        }
        memory = MemorySegment.ofAddress(address)
                .reinterpret(size, arena, new Unmap(address, size))
                .asReadOnly();
        try {
            require(0, 1);
            require(size - 1, 1); // fails now if the map is smaller than it is said to be
            keepOnly(0);
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    /** All of it, also what is not mapped. */
    public MemorySegment memory() {
        return memory;
    }

    /**
     * Maps what is about to be read, if it is not.
     *
     * @throws IndexOutOfBoundsException beyond the end
     * @throws dev.kfr.bpf.BpfException if the kernel has no memory for the mapping
     */
    public void require(long from, long length) {
        if (from < readyFrom || from + length > readyTo) {
            map(from, length);
        }
    }

    private void map(long from, long length) {
        if (from < 0 || length <= 0 || from > size - length) {
            throw new IndexOutOfBoundsException(length + " bytes at " + from + " of " + size);
        }
        int first = window(from);
        int last = window(from + length - 1);
        for (int window = mapped.nextClearBit(first); window <= last; window = mapped.nextClearBit(window + 1)) {
            replace(window, PROT_READ, MAP_SHARED, descriptor.number(), offset + window * WINDOW);
            mapped.set(window);
        }
        readyFrom = first * WINDOW;
        readyTo = Math.min(size, (last + 1) * WINDOW);
    }

    /** Gives back all that is mapped, except the first window and the one that {@code position} is in. */
    public void keepOnly(long position) {
        int kept = window(position);
        readyFrom = 0;
        readyTo = 0;
        for (int window = mapped.nextSetBit(1); window >= 0; window = mapped.nextSetBit(window + 1)) {
            if (window != kept) {
                mapped.clear(window); // first: an mmap that fails may have unmapped what was there
                replace(window, PROT_NONE, RESERVED, -1, 0);
            }
        }
    }

    /** How many bytes are mapped now. */
    long mappedBytes() {
        return mapped.stream().mapToLong(this::length).sum();
    }

    private void replace(int window, int protection, int flags, int from, long at) {
        long result = SystemCall.MMAP.call(
                memory.address() + window * WINDOW, length(window), protection, flags | MAP_FIXED, from, at);
        if (result < 0) {
            throw Errno.failure(operation, result);
        }
    }

    private static int window(long position) {
        return Math.toIntExact(position / WINDOW);
    }

    private long length(int window) {
        return Math.min(WINDOW, size - window * WINDOW);
    }

    /** Unmaps all. Further calls do nothing. */
    @Override
    public synchronized void close() {
        if (arena.scope().isAlive()) {
            arena.close();
            descriptor.close();
        }
    }
}
