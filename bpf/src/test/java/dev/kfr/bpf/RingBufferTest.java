// SPDX-License-Identifier: Apache-2.0
package dev.kfr.bpf;

import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kfr.bpf.linux.Threads;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Reading what a program in the kernel writes: one record for each call that a known thread makes, or a burst. */
@NeedsKernel
class RingBufferTest {
    private static final VarHandle INT = ValueLayout.JAVA_INT.varHandle();
    private static final int BURST = 100;
    private static final int NO_WAKEUP = 1;
    private static final int FORCE_WAKEUP = 2;
    private static final int LARGE_RECORD = 80;

    private final OpenDescriptors before = OpenDescriptors.now();
    private BpfCollection collection;
    private BpfProgram program;
    private RingBuffer ring;
    private MemorySegment threads;
    private StructLayout layout;

    private final Order order = new Order();

    /** Checks what comes: each record whole, and each thread's in order. */
    private static final class Order implements RecordHandler {
        final long[] next = new long[4];
        long records;

        @Override
        public void record(MemorySegment memory, long offset, int length) {
            long mark = memory.get(JAVA_LONG, offset);
            long last = memory.get(JAVA_LONG, offset + length - 8);
            int thread = (int) (mark >>> 32);
            int number = (int) mark;
            if (last != ~mark || number < next[thread]) {
                throw new AssertionError("record %d of thread %d after %d".formatted(number, thread, next[thread] - 1));
            }
            next[thread] = number + 1;
            records++;
        }
    }

    @BeforeEach
    void load() {
        collection = BpfCollection.of(TestObjects.parse("handles_ring.bpf.o"))
                .kernel(TestObjects.kernel())
                .constant("trigger", TestObjects.TRIGGER)
                .open();
        program = collection.load("produce");
        program.attach();
        ring = RingBuffer.of(collection.map("ring"));
        Global variable = collection.global("threads");
        threads = variable.memory();
        layout = variable.struct();
    }

    @AfterEach
    void nothingIsLeftOpen() {
        ring.close();
        collection.close();
        before.assertSameNow();
    }

    @Test
    void readsMillionsOfRecordsInOrder() throws InterruptedException {
        int calls = 20_000;
        set("burst", BURST);
        set("flags", NO_WAKEUP);
        Thread producer = produce(0, () -> {
            for (int i = 0; i < calls; i++) {
                while (ring.pending() > 65536 - BURST * LARGE_RECORD) {
                    Thread.onSpinWait();
                }
                TestObjects.trigger();
            }
        });
        drainUntilEndOf(producer);
        assertEquals(0, count(0, "lost"));
        assertEquals(calls * (long) BURST, order.records);
        assertEquals(calls * BURST, order.next[0]);
    }

    @Test
    void countsExactlyWhatFoundNoRoom() throws InterruptedException {
        set("burst", BURST);
        Thread producer = produce(0, () -> {
            for (int i = 0; i < 50; i++) {
                TestObjects.trigger();
            }
        });
        producer.join();
        assertEquals(65536 / LARGE_RECORD, 5000 - count(0, "lost"), "records that found room");
        drainAll();
        assertEquals(5000 - count(0, "lost"), order.records);
    }

    @Test
    void losesNothingUncountedUnderOverload() throws InterruptedException {
        set("burst", BURST);
        set("small", 1);
        List<Thread> producers = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            producers.add(produce(i, () -> {
                for (int call = 0; call < 5_000; call++) {
                    TestObjects.trigger();
                }
            }));
        }
        for (Thread producer : producers) {
            drainUntilEndOf(producer);
        }
        long produced = 0;
        long lost = 0;
        for (int i = 0; i < 4; i++) {
            produced += count(i, "produced");
            lost += count(i, "lost");
        }
        long skipped = program.info().recursionMisses(); // runs that the kernel left out, see ProgramInfo
        long calls = produced / BURST;
        assertTrue(calls <= 20_000 && calls + skipped >= 20_000, calls + " calls seen, " + skipped + " runs skipped");
        assertEquals(produced, order.records + lost, "records of " + produced + ", " + lost + " of them lost");
    }

    @Test
    void discardedRecordsAreSkipped() throws InterruptedException {
        set("burst", BURST);
        set("discard_every", 3);
        produce(0, TestObjects::trigger).join();
        drainAll();
        assertEquals(34, count(0, "discarded"));
        assertEquals(66, order.records);
        assertEquals(0, ring.pending());
    }

    @Test
    void programsWakeTheReaderUnlessToldNotTo() throws InterruptedException {
        assertFalse(ring.await(0));
        Thread producer = produce(0, TestObjects::trigger);
        assertTrue(ring.await(10_000));
        producer.join();
        drainAll();
        assertFalse(ring.await(0));

        set("flags", FORCE_WAKEUP);
        producer = produce(0, TestObjects::trigger);
        assertTrue(ring.await(10_000));
        producer.join();
        drainAll();
        assertEquals(2, order.records);

        assertFalse(ring.await(0));
        set("flags", NO_WAKEUP);
        produce(0, TestObjects::trigger).join();
        assertFalse(ring.await(50), "nothing told the reader");
        assertEquals(LARGE_RECORD, ring.pending());
    }

    @Test
    void otherThreadsWakeTheReader() throws InterruptedException {
        Thread waker = Thread.ofPlatform().start(ring::wakeUp);
        assertTrue(ring.await(10_000));
        waker.join();
        assertFalse(ring.await(0), "one wake-up wakes once");
        ring.wakeUp();
        ring.wakeUp();
        assertTrue(ring.await(10_000), "a wake-up before the wait counts");
        assertFalse(ring.await(0));
    }

    @Test
    void aHandlerThatThrowsLosesOnlyThatRecord() throws InterruptedException {
        set("burst", BURST);
        produce(0, TestObjects::trigger).join();
        assertThrows(
                IllegalStateException.class,
                () -> ring.drain(
                        (memory, offset, length) -> {
                            throw new IllegalStateException("from the handler");
                        },
                        1000));
        drainAll();
        assertEquals(BURST - 1, order.records);
    }

    @Test
    void closingUnderAReaderEndsItsDrainWithoutACrash() throws InterruptedException {
        set("burst", BURST);
        set("flags", NO_WAKEUP);
        Thread producer = produce(0, () -> {
            for (int i = 0; i < 2_000; i++) {
                TestObjects.trigger();
            }
        });
        while (ring.drain(order, 1000) == 0) {
            Thread.onSpinWait();
        }
        var closer = Thread.ofPlatform().start(ring::close);
        assertThrows(IllegalStateException.class, () -> {
            while (true) {
                ring.drain(order, 1000);
            }
        });
        Thread.interrupted(); // HotSpot may interrupt a thread that it stops in the middle of an access
        closer.join();
        producer.join();
        ring.wakeUp();
    }

    @Test
    void aSizeThatIsNotTheMapsIsRefused() {
        int map = collection.map("ring").fd();
        assertThrows(BpfException.class, () -> new RingBuffer(map, 131_072));
        assertThrows(BpfException.class, () -> new RingBuffer(map, 65_535));
        assertThrows(BpfException.class, () -> new RingBuffer(map, 0));
    }

    /** Starts a thread whose calls write records, as the number {@code index} of those that may. */
    private Thread produce(int index, Runnable calls) {
        return Thread.ofPlatform().start(() -> {
            INT.setVolatile(
                    threads, index * (long) layout.size() + layout.field("tid").offset(), Threads.currentId());
            calls.run();
        });
    }

    private long count(int index, String field) {
        return (int) INT.getVolatile(
                threads, index * (long) layout.size() + layout.field(field).offset());
    }

    private void set(String variable, long value) {
        collection.global(variable).set(value);
    }

    private void drainAll() {
        while (ring.drain(order, 1000) > 0) {
            // until it is empty
        }
    }

    private void drainUntilEndOf(Thread producer) throws InterruptedException {
        do {
            drainAll();
        } while (!producer.join(Duration.ofNanos(1)));
        drainAll();
    }
}
