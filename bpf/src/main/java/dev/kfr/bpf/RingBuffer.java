// SPDX-License-Identifier: Apache-2.0
package dev.kfr.bpf;

import dev.kfr.bpf.BpfException.Reason;
import dev.kfr.bpf.linux.EventPoll;
import dev.kfr.bpf.linux.Mapping;
import dev.kfr.bpf.linux.PageSize;
import dev.kfr.bpf.linux.PartialMapping;

/**
 * The reading end of a BPF ring buffer map ({@code BPF_MAP_TYPE_RINGBUF}, Linux 5.8), whoever created the map: memory
 * shared with the kernel, read in place without system calls or allocation.
 *
 * <p>Programs reserve a record, fill it, and submit or discard it; draining takes them in the order of reservation.
 * <ul>
 *   <li>A <b>busy</b> record is reserved and not yet submitted. Draining stops in front of it, also if records after it
 *       are complete: order is kept.
 *   <li>A <b>discarded</b> record is skipped.
 *   <li>A record may <b>wrap</b> around the end of the ring. The data is mapped twice in a row, so it is contiguous.
 *   <li>A length that can't be true means that the ring is <b>corrupt</b> (a second reader, say). {@link #drain} throws
 *       once, skips all that is unread, and goes on with what programs write from then on.
 * </ul>
 *
 * <p>Threads: one at a time may {@link #drain} and {@link #await}; any thread may call {@link #pending} and
 * {@link #wakeUp}. Close it when the reading thread has ended: a drain that goes on all the same ends with
 * {@link IllegalStateException}, perhaps with the thread's interrupt status set. A map has one consumer position, so no two readers may share a map.
 */
public final class RingBuffer implements AutoCloseable {
    private final Mapping consumer;
    private final PartialMapping producer;
    private final EventPoll poll;
    private final RingReader reader;

    /**
     * Opens a ring buffer for reading.
     *
     * @param descriptor of the map; stays the caller's, and open as long as anybody waits for records
     * @param size in bytes, the map's {@code max_entries}: a power of two and a multiple of the page size
     * @throws BpfException if it can't be mapped, for instance because the map is smaller
     */
    public RingBuffer(int descriptor, int size) {
        int page = PageSize.bytes();
        if (size < page || Integer.bitCount(size) != 1) {
            throw new BpfException(Reason.INVALID, "open ring buffer", size + " bytes: no power of two of whole pages");
        }
        Mapping positions = null;
        PartialMapping records = null;
        try {
            positions = Mapping.of("map the ring buffer's consumer page", descriptor, 0, page, true);
            records = new PartialMapping("map the ring buffer", descriptor, page, page + 2L * size);
            poll = new EventPoll(descriptor);
        } catch (RuntimeException e) {
            close(records, positions);
            throw e;
        }
        consumer = positions;
        producer = records;
        reader = new RingReader(consumer.memory(), producer.memory(), producer::require, page, size);
    }

    /** Opens the reading end of a map of ours. */
    public static RingBuffer of(BpfMap map) {
        return new RingBuffer(map.fd(), map.maxEntries());
    }

    /**
     * Hands the records that are complete now to {@code handler}, and their room back to the programs, at the latest
     * when an eighth of the ring has been read. If the handler throws, its exception comes out of here; that record
     * counts as read, the next call goes on behind it.
     *
     * @param max how many records at most
     * @return how many records the handler got
     * @throws BpfException if the ring is corrupt, see above
     */
    public int drain(RecordHandler handler, int max) {
        return reader.drain(handler, max);
    }

    /** Bytes that are reserved, submitted or discarded and not yet read, headers included. */
    public long pending() {
        return reader.pending();
    }

    /** Bytes that have been read since the ring was created, headers included; it overflows in centuries. */
    public long consumed() {
        return reader.consumed();
    }

    /**
     * Waits until a program wakes the reader, somebody calls {@link #wakeUp}, or the time is over. Programs that submit
     * with {@code BPF_RB_NO_WAKEUP} don't wake it, so look at {@link #pending} before; unread records may or may not
     * end the wait.
     *
     * @param timeoutMillis -1: no limit
     * @return false if the time passed and nothing happened
     */
    public boolean await(int timeoutMillis) {
        return poll.await(timeoutMillis);
    }

    /**
     * Gives back the memory that reading took, except where the next record will be: a full ring that was read once would else stay resident, twice.
     * For the thread that drains, before a long wait.
     */
    public void shrink() {
        producer.keepOnly(reader.position());
    }

    /** Ends the {@link #await} of another thread, or the next one if none waits. After closing it does nothing. */
    public void wakeUp() {
        poll.wakeUp();
    }

    /** Unmaps the ring. The map stays. Further calls do nothing. */
    @Override
    public void close() {
        poll.close();
        close(producer, consumer);
    }

    private static void close(PartialMapping records, Mapping positions) {
        if (records != null) {
            records.close();
        }
        if (positions != null) {
            positions.close();
        }
    }
}
