// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.record;

import dev.kfr.agent.DaemonThread;
import dev.kfr.bpf.RecordHandler;
import dev.kfr.bpf.RingBuffer;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/**
 * The thread that drains the ring buffer, and the way for others to have it drained now.
 *
 * <p>While records are rare the thread sleeps until the kernel side wakes it, and the next record does. After records came it naps
 * without asking to be woken, so that at high rates there are at most {@value #NAPS_PER_SECOND} wake-ups a second and not one a record;
 * the kernel side wakes it from a nap when the ring fills up.
 *
 * <p>Decoders run under one lock, on this thread or on that of {@link #drain}.
 */
public final class RecordReader implements AutoCloseable {
    static final int NAPS_PER_SECOND = 40;
    private static final int NAP_MILLIS = 1000 / NAPS_PER_SECOND;
    private static final int BATCH = 4096;
    /** The first records after a start take tens of ms to decode, since nothing is compiled yet. */
    private static final int CATCH_UP_MILLIS = 100;

    /**
     * A table of a thousand processes that nobody knows any more would have the ring drained a thousand times, where once was enough: what the rows
     * are about had happened before.
     */
    private static final int CATCH_UPS_MILLIS = 200;

    /** How long to leave the CPU to a program that is still writing the record that comes next. */
    private static final long BUSY_RECORD_NANOS = 50_000;

    private static final VarHandle INT = ValueLayout.JAVA_INT.varHandle();

    // enum reader in record.h
    private static final int AWAKE = 0;
    private static final int ASLEEP = 1;
    private static final int NAPPING = 2;

    /** Told of each batch of records, under the lock of decoders. */
    public interface Batches {
        /** A batch is about to be decoded. */
        void begin();

        /** It was decoded, and there is room in the ring again. */
        void end();
    }

    private final RingBuffer ring;
    private final MemorySegment state;
    private final long wakeupBytes;
    private final Batches batches;
    private final Delivery delivery;
    private final Consumer<Throwable> failures;
    private final Decoder[] decoders;
    private final int[] subjects;
    private final Record record = new Record();
    private final RecordHandler handler = this::decode;
    private final ReentrantLock lock = new ReentrantLock();
    private final Thread thread;
    private final Allowance catchUps =
            new Allowance(TimeUnit.MILLISECONDS.toNanos(CATCH_UPS_MILLIS), TimeUnit.SECONDS.toNanos(1));
    private volatile boolean waiting;
    private volatile boolean closing;
    private volatile boolean failureTold;

    /**
     * @param ring the ring buffer; closed by {@link #close()}
     * @param state four bytes by which the kernel side knows whether to wake this reader ({@code ring_state.armed})
     * @param wakeupBytes as many unread bytes as make the kernel side end a nap
     * @param types how many types of record there are
     * @param delivery where records that can't be decoded are counted
     * @param batches told of each batch of records that is decoded
     * @param failures told of the first failure of a decoder or of the reader, and of no other
     */
    public RecordReader(
            RingBuffer ring,
            MemorySegment state,
            long wakeupBytes,
            int types,
            Delivery delivery,
            Batches batches,
            Consumer<Throwable> failures) {
        this.ring = ring;
        this.state = state;
        this.wakeupBytes = wakeupBytes;
        this.delivery = delivery;
        this.batches = batches;
        this.failures = failures;
        this.decoders = new Decoder[types];
        this.subjects = new int[types];
        this.thread = DaemonThread.of("kfr-reader", this::run);
    }

    /**
     * Sets what is done with records of a type from the next record on.
     *
     * @param subject number of the subject that a failure is counted for; negative if the record is no event
     * @param decoder null leaves the records out
     */
    public void decoder(int type, int subject, Decoder decoder) {
        lock.lock();
        try {
            subjects[type] = subject;
            decoders[type] = decoder;
        } finally {
            lock.unlock();
        }
    }

    /** What is done with records of a type now; null if they are left out. */
    public Decoder decoder(int type) {
        return decoders[type];
    }

    public void start() {
        thread.start();
    }

    /**
     * What a drain came to.
     *
     * @param records how many were decoded
     * @param complete whether all that was in the ring when it began is among them, or was read before by another drain
     */
    public record Drained(int records, boolean complete) {}

    /**
     * Decodes on the caller's thread what is in the ring now. What programs write meanwhile does not prolong it.
     *
     * @param timeoutMillis the bound, also for a drain that is under way elsewhere
     */
    public Drained drain(long timeoutMillis) {
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(timeoutMillis);
        try {
            if (!lock.tryLock(timeoutMillis, TimeUnit.MILLISECONDS)) {
                return new Drained(0, false);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new Drained(0, false);
        }
        try {
            if (closing) {
                return new Drained(0, false); // the ring may be gone
            }
            int drained = 0;
            long due = ring.consumed() + ring.pending();
            while (ring.consumed() - due < 0 && System.nanoTime() - end < 0) {
                int batch = drainLocked();
                if (batch == 0) {
                    LockSupport.parkNanos(BUSY_RECORD_NANOS);
                }
                drained += batch;
            }
            return new Drained(drained, ring.consumed() - due >= 0);
        } finally {
            lock.unlock();
            passOnWakeUp();
        }
    }

    /**
     * A reader that finds nothing when the kernel side wakes it sleeps on, and is taken for awake from then on. So whoever took what it
     * was woken for wakes it for good.
     */
    private void passOnWakeUp() {
        if (waiting && (int) INT.getVolatile(state, 0L) == AWAKE) {
            ring.wakeUp();
        }
    }

    /**
     * Decodes what is in the ring now, for a look-up that came before the record that answers it. Does nothing on the thread that decodes, and
     * little more than that if the ring is empty, or if that took {@value #CATCH_UPS_MILLIS} ms of this second already.
     */
    public void catchUp() {
        long now = System.nanoTime();
        if (!closing && !lock.isHeldByCurrentThread() && catchUps.isLeft(now)) {
            drain(CATCH_UP_MILLIS);
            catchUps.spend(System.nanoTime() - now);
        }
    }

    private void run() {
        while (!closing) {
            try {
                if (drainBatch() > 0) {
                    nap();
                } else {
                    sleep();
                }
            } catch (Throwable t) {
                // One bad batch must not end the recording; a reader that fails again and again must not take a CPU
                // either.
                tell(t);
                pause();
            }
        }
    }

    private int drainBatch() {
        lock.lock();
        try {
            return drainLocked();
        } finally {
            lock.unlock();
        }
    }

    private int drainLocked() {
        if (ring.pending() == 0) {
            return 0;
        }
        batches.begin();
        int drained = ring.drain(handler, BATCH);
        batches.end();
        return drained;
    }

    private void sleep() {
        shrink();
        waitAs(ASLEEP, 1, -1);
    }

    private void shrink() {
        lock.lock();
        try {
            ring.shrink();
        } finally {
            lock.unlock();
        }
    }

    private void nap() {
        waitAs(NAPPING, wakeupBytes, NAP_MILLIS);
    }

    /** A record that was written before the kernel side could see the state woke nobody, so the ring is looked at in between. */
    private void waitAs(int how, long bytes, int millis) {
        waiting = true; // before the kernel side can wake it, see passOnWakeUp
        INT.setVolatile(state, 0L, how);
        VarHandle.fullFence();
        if (ring.pending() < bytes && !closing) {
            ring.await(millis);
        }
        INT.setVolatile(state, 0L, AWAKE);
        waiting = false;
    }

    private void decode(MemorySegment memory, long offset, int length) {
        int type = -1;
        try {
            record.move(memory, offset, length);
            type = record.getInt(0);
            var decoder = type >= 0 && type < decoders.length ? decoders[type] : null;
            if (decoder != null) {
                decoder.decode(record);
            }
        } catch (Throwable t) {
            if (type >= 0 && type < subjects.length && subjects[type] >= 0) {
                delivery.failed(subjects[type], 1);
            }
            tell(t);
        }
    }

    private void tell(Throwable failure) {
        if (!failureTold) {
            failureTold = true;
            failures.accept(failure);
        }
    }

    private static void pause() {
        try {
            Thread.sleep(1000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Ends the thread and closes the ring. Safe to call again. */
    @Override
    public void close() {
        if (closing) {
            return;
        }
        closing = true;
        ring.wakeUp();
        try {
            thread.join(2000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (thread.isAlive()) {
            return; // unmapping under a running reader would crash the JVM: rather leave the ring
        }
        lock.lock();
        try {
            ring.close();
        } finally {
            lock.unlock();
        }
    }
}
