// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.record;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class JavaThreadsTest {
    /** A Java thread that tells its own id and start as the kernel has them, and runs until it is let go. */
    private static final class Witness extends Thread {
        private final CountDownLatch told = new CountDownLatch(1);
        private final CountDownLatch let = new CountDownLatch(1);
        private volatile int tid;
        private volatile int generation;

        static Witness started() throws InterruptedException {
            var witness = new Witness();
            witness.setDaemon(true);
            witness.start();
            assertTrue(witness.told.await(10, TimeUnit.SECONDS));
            return witness;
        }

        @Override
        public void run() {
            try {
                Path self = Files.readSymbolicLink(Path.of("/proc/thread-self"));
                tid = Integer.parseInt(self.getFileName().toString());
                generation = generationOf(tid);
                told.countDown();
                let.await();
            } catch (Exception e) {
                throw new AssertionError(e);
            }
        }

        void end() throws InterruptedException {
            let.countDown();
            join();
        }
    }

    /** As the kernel side computes it, from the start time that proc(5) gives in units of 10 ms. */
    private static int generationOf(int tid) {
        long ticks = Generation.startTicks("/proc/self/task/" + tid + "/stat");
        assertTrue(ticks > 0, "no stat file of thread " + tid);
        return (int) ((ticks * 10_000_000 + 4_000_000) >> 10);
    }

    private JavaThreads threads;

    @BeforeEach
    void open() {
        threads = JavaThreads.open();
        assertTrue(threads.supported(), threads.reason());
    }

    @AfterEach
    void close() {
        threads.close();
    }

    @Test
    void findsThreadsThatStartedBeforeIt() throws Exception {
        threads.close();
        var witness = Witness.started();
        threads = JavaThreads.open();
        assertSame(witness, threads.find(witness.tid, witness.generation));
        witness.end();
    }

    @Test
    void tells64ThreadsApartThatRunAtOnce() throws Exception {
        List<Witness> witnesses = new ArrayList<>();
        for (int i = 0; i < 64; i++) {
            witnesses.add(Witness.started());
        }
        for (Witness witness : witnesses) {
            assertSame(witness, threads.find(witness.tid, witness.generation), "thread " + witness.tid);
        }
        assertEquals(1, threads.refreshes(), "one look at the list of threads finds all");
        for (Witness witness : witnesses) {
            witness.end();
        }
    }

    @Test
    void findsThreadsThatAreCreatedLater() throws Exception {
        for (int i = 0; i < 20; i++) {
            var witness = Witness.started();
            assertSame(witness, threads.find(witness.tid, witness.generation), "thread " + i);
            witness.end();
        }
    }

    @Test
    void aLateRecordOfAThreadThatEndedStillFindsIt() throws Exception {
        var witness = Witness.started();
        threads.refresh();
        witness.end();
        assertSame(witness, threads.find(witness.tid, witness.generation));
        assertSame(witness, threads.find(witness.tid, witness.generation));
    }

    @Test
    void aReusedIdIsAnotherThread() throws Exception {
        var witness = Witness.started();
        assertSame(witness, threads.find(witness.tid, witness.generation));
        witness.end();
        int aSecondLater = witness.generation + 1_000_000;
        assertNull(threads.find(witness.tid, aSecondLater));
        assertSame(witness, threads.find(witness.tid, witness.generation), "the earlier one is still known");
    }

    @Test
    void aRecordOfTheEarlierHolderOfAnIdIsNotGivenToTheLater() throws Exception {
        var witness = Witness.started();
        int aSecondEarlier = witness.generation - 1_000_000;
        assertNull(threads.find(witness.tid, aSecondEarlier));
        assertSame(witness, threads.find(witness.tid, witness.generation));
        witness.end();
    }

    @Test
    void withoutAGenerationTheThreadThatRunsIsMeant() throws Exception {
        var witness = Witness.started();
        assertSame(witness, threads.find(witness.tid, 0));
        witness.end();
    }

    @Test
    void threadsOfTheVmAreNoJavaThreadsAndAreNotLookedForEachTime() throws Exception {
        int foreign = 0;
        try (var tasks = Files.list(Path.of("/proc/self/task"))) {
            for (Path task : tasks.toList()) {
                if (Files.readString(task.resolve("comm")).startsWith("VM Thread")) {
                    foreign = Integer.parseInt(task.getFileName().toString());
                }
            }
        }
        assertTrue(foreign > 0, "no VM thread");
        int generation = generationOf(foreign);
        for (int i = 0; i < 1000; i++) {
            assertNull(threads.find(foreign, generation));
        }
        assertTrue(threads.refreshes() <= 5, threads.refreshes() + " refreshes");
    }

    @Test
    void whatWasNoJavaThreadIsExaminedAgainLater() throws Exception {
        int foreign = 4_000_000;
        assertNull(threads.find(foreign, 7));
        long before = threads.refreshes();
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (threads.refreshes() == before && System.nanoTime() < end) {
            assertNull(threads.find(foreign, 7));
            Thread.onSpinWait();
        }
        assertTrue(threads.refreshes() > before, "never examined again");
    }

    @Test
    void findsTheCarrierOfAVirtualThread() throws Exception {
        var ids = new SynchronousQueue<Integer>();
        var generations = new SynchronousQueue<Integer>();
        Thread.ofVirtual().start(() -> {
            try {
                Path self = Files.readSymbolicLink(Path.of("/proc/thread-self"));
                int tid = Integer.parseInt(self.getFileName().toString());
                int generation = generationOf(tid);
                ids.put(tid);
                generations.put(generation);
            } catch (Exception e) {
                throw new AssertionError(e);
            }
        });
        Integer tid = ids.poll(10, TimeUnit.SECONDS);
        Integer generation = generations.poll(10, TimeUnit.SECONDS);
        Thread carrier = threads.find(tid, generation);
        assertTrue(carrier != null && carrier.getName().startsWith("ForkJoinPool"), "found " + carrier);
    }

    @Test
    void thousandsOfShortLivedThreadsDoNotMakeTheTableGrowWithoutBound() throws Exception {
        var keep = Witness.started();
        for (int i = 0; i < 2000; i++) {
            var witness = Witness.started();
            threads.refresh();
            witness.end();
        }
        assertSame(keep, threads.find(keep.tid, keep.generation));
        assertTrue(threads.tableSize() <= 1 << 16, "table of " + threads.tableSize());
        keep.end();
    }
}
