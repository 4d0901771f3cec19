// SPDX-License-Identifier: Apache-2.0
package dev.kfr.bpf;

import java.lang.foreign.MemorySegment;

/** Takes the records of a {@link RingBuffer}, one after the other. */
@FunctionalInterface
public interface RecordHandler {
    /**
     * Takes one record. It lies in memory that the kernel uses again after this call returns: copy what is to be kept.
     * A record that lies across the end of the ring is contiguous here all the same.
     *
     * <p>An exception ends the {@link RingBuffer#drain} and loses this one record.
     *
     * @param ring the ring's memory, read-only
     * @param offset where the record begins, a multiple of 8
     * @param length of the record in bytes, as the program reserved it
     */
    void record(MemorySegment ring, long offset, int length);
}
