// SPDX-License-Identifier: Apache-2.0
package dev.kfr.bpf.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.function.Consumer;

/**
 * Memory that {@code mmap(2)} mapped from a descriptor, shared with the kernel. Any thread may use it; after
 * {@link #close} every access throws {@link IllegalStateException} instead of touching memory that is no longer ours.
 */
public final class Mapping implements AutoCloseable {
    private static final int PROT_READ = 1;
    private static final int PROT_WRITE = 2;
    private static final int MAP_SHARED = 1;

    private final Arena arena = Arena.ofShared();
    private final MemorySegment memory;

    /** Unmaps when the arena closes, after the last access of any thread has ended. */
    private record Unmap(long address, long size) implements Consumer<MemorySegment> {
        @Override
        public void accept(MemorySegment memory) {
            SystemCall.MUNMAP.call(address, size, 0);
        }
    }

    @SuppressWarnings("restricted") // the size is what the kernel mapped
    private Mapping(long address, long size, boolean writable) {
        var mapped = MemorySegment.ofAddress(address).reinterpret(size, arena, new Unmap(address, size));
        memory = writable ? mapped : mapped.asReadOnly();
    }

    /**
     * Maps a part of a descriptor's content.
     *
     * @param operation what is being mapped, for the exception
     * @param descriptor number of the descriptor; it may be closed afterwards
     * @param offset in bytes, a multiple of the page size
     * @param size in bytes; the kernel rounds it up to pages
     * @throws dev.kfr.bpf.BpfException if the kernel refuses
     */
    public static Mapping of(String operation, int descriptor, long offset, long size, boolean writable) {
        int protection = writable ? PROT_READ | PROT_WRITE : PROT_READ;
        long address = SystemCall.MMAP.call(0, size, protection, MAP_SHARED, descriptor, offset);
        if (address < 0) {
            throw Errno.failure(operation, address);
        }
        return new Mapping(address, size, writable);
    }

    /** The mapped memory, read-only if it was mapped so. */
    public MemorySegment memory() {
        return memory;
    }

    /** Unmaps the memory. Further calls do nothing. */
    @Override
    public synchronized void close() {
        if (arena.scope().isAlive()) {
            arena.close();
        }
    }
}
