// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.record;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kfr.bpf.BpfCollection;
import dev.kfr.bpf.BpfObject;
import dev.kfr.bpf.NeedsKernel;
import dev.kfr.bpf.RingBuffer;
import dev.kfr.bpf.linux.Cpus;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** With records of the real kernel: one for each thread that ends. */
@NeedsKernel
class RecordReaderTest {
    private static final RecordReader.Batches ANY = new RecordReader.Batches() {
        @Override
        public void begin() {}

        @Override
        public void end() {}
    };

    private final Semaphore records = new Semaphore(0);
    private final AtomicReference<Throwable> failure = new AtomicReference<>();
    private BpfCollection object;
    private RecordReader reader;

    @BeforeEach
    void attach() {
        BpfObject compiled = CompiledLayouts.object("cpu");
        object = BpfCollection.of(compiled)
                .maxEntries("event_counters", Cpus.possible())
                .open();
        var tasks = compiled.struct("counting").field("tasks");
        object.global("counting").memory().set(ValueLayout.JAVA_INT, tasks.offset(), 1);
        long armed = compiled.struct("ring_state").field("armed").offset();
        int type = (int) compiled.enumValue("record_type", "RECORD_TASK_ENDED");
        var state = object.map("ring_state").memory();
        reader = new RecordReader(
                RingBuffer.of(object.map("ring")),
                state.asSlice(armed),
                1 << 20,
                type + 1,
                new Delivery(1),
                ANY,
                failure::set);
        reader.decoder(type, 0, record -> records.release());
        object.load("task_free_raw").attach();
    }

    @AfterEach
    void close() {
        reader.close();
        object.close();
    }

    private static void endThread() throws InterruptedException {
        var thread = new Thread(() -> {});
        thread.start();
        thread.join();
    }

    private boolean isReadWithoutHelp() throws InterruptedException {
        records.drainPermits();
        endThread();
        return records.tryAcquire(10, TimeUnit.SECONDS);
    }

    @Test
    void isWokenByARecord() throws InterruptedException {
        reader.start();
        for (int i = 0; i < 5; i++) {
            assertTrue(isReadWithoutHelp());
            Thread.sleep(2 * 1000 / RecordReader.NAPS_PER_SECOND); // from its nap to sleep
        }
    }

    @Test
    void isWokenAlsoAfterOthersTookWhatItWasWokenFor() throws InterruptedException {
        reader.start();
        for (int i = 0; i < 20; i++) {
            records.drainPermits();
            endThread();
            long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
            while (records.availablePermits() == 0 && System.nanoTime() < end) {
                reader.drain(10); // all the time, so as to be faster than the thread that wakes up
            }
            Thread.sleep(2 * 1000 / RecordReader.NAPS_PER_SECOND);
            assertTrue(isReadWithoutHelp(), "the reader sleeps on, although records come, round " + i);
            Thread.sleep(2 * 1000 / RecordReader.NAPS_PER_SECOND);
        }
    }
}
