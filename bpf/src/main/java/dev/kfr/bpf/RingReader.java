// SPDX-License-Identifier: Apache-2.0
package dev.kfr.bpf;

import dev.kfr.bpf.BpfException.Reason;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;

/**
 * Reads the memory of a ring buffer; {@link RingBuffer} has the contract. Layout ({@code kernel/bpf/ringbuf.c}): the
 * consumer's page begins with its position, the producer's page with its; the data follows on the producer's page, twice.
 */
final class RingReader {
    private static final int BUSY = 1 << 31;
    private static final int DISCARDED = 1 << 30;
    private static final int LENGTH_MASK = DISCARDED - 1;
    private static final int HEADER_SIZE = 8;

    private static final VarHandle LENGTH = ValueLayout.JAVA_INT.varHandle();
    private static final VarHandle POSITION = ValueLayout.JAVA_LONG.varHandle();

    private final MemorySegment consumer;
    private final MemorySegment producer;
    private final Window window;
    private final long data;
    private final long size;

    /** After so many bytes drain gives their room back to the programs, also if it has not come to its end. */
    private final long publishEvery;

    /** Makes sure that a part of the producer's memory can be read. */
    @FunctionalInterface
    interface Window {
        void require(long from, long length);
    }

    /**
     * @param consumer the consumer's page, writable
     * @param producer the producer's page and the data twice
     * @param window asked before the data is read
     * @param data where the data begins in {@code producer}: the page size
     * @param size of the data in bytes, a power of two
     */
    RingReader(MemorySegment consumer, MemorySegment producer, Window window, long data, long size) {
        this.consumer = consumer;
        this.producer = producer;
        this.window = window;
        this.data = data;
        this.size = size;
        publishEvery = size / 8;
    }

    long pending() {
        // the consumer's position first: it never overtakes the producer's, so the difference is not negative
        long consumed = (long) POSITION.getAcquire(consumer, 0L);
        return (long) POSITION.getAcquire(producer, 0L) - consumed;
    }

    long consumed() {
        return (long) POSITION.getAcquire(consumer, 0L);
    }

    /** Where the next record will be, in the producer's memory. */
    long position() {
        return data + (consumed() & size - 1);
    }

    int drain(RecordHandler handler, int max) {
        // acquire pairs with the kernel's release store in __bpf_ringbuf_reserve: headers up to here are written
        long produced = (long) POSITION.getAcquire(producer, 0L);
        long consumed = (long) POSITION.get(consumer, 0L); // only this thread writes it
        long published = consumed;
        int records = 0;
        try {
            if (produced - consumed < 0 || produced - consumed > size) {
                consumed = produced;
                throw corrupt("its positions are further apart than its size", published, produced);
            }
            while (consumed < produced && records < max) {
                long offset = data + (consumed & size - 1);
                window.require(offset, HEADER_SIZE);
                // acquire pairs with the exchange in bpf_ringbuf_commit: once not busy, the content is there
                int header = (int) LENGTH.getAcquire(producer, offset);
                if ((header & BUSY) != 0) {
                    break;
                }
                int length = header & LENGTH_MASK;
                long next = consumed + (HEADER_SIZE + (long) length + 7 & -8L);
                if (next > produced) {
                    long start = consumed;
                    consumed = produced;
                    throw corrupt("a record of " + length + " bytes reaches beyond what was written", start, produced);
                }
                window.require(offset, HEADER_SIZE + (long) length);
                consumed = next; // before the handler: if it throws, this record is gone and no other
                if ((header & DISCARDED) == 0) {
                    records++;
                    handler.record(producer, offset + HEADER_SIZE, length);
                }
                if (consumed - published >= publishEvery) {
                    POSITION.setRelease(consumer, 0L, consumed);
                    published = consumed;
                }
            }
        } finally {
            if (consumed != published) {
                POSITION.setRelease(consumer, 0L, consumed);
            }
        }
        return records;
    }

    private static BpfException corrupt(String how, long from, long to) {
        String skipped = "positions " + from + " to " + to + " are skipped";
        return new BpfException(Reason.INVALID, "drain ring buffer", "corrupt: " + how + "; " + skipped);
    }
}
