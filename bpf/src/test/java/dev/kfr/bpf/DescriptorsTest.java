// SPDX-License-Identifier: Apache-2.0
package dev.kfr.bpf;

import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kfr.bpf.BpfException.Reason;
import dev.kfr.bpf.linux.Descriptor;
import dev.kfr.bpf.linux.SystemCall;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

/** What is open after a failure: nothing of ours, wherever it happens. */
@NeedsKernel
class DescriptorsTest {
    private static final int RLIMIT_NOFILE = 7;

    private final BpfObject object = TestObjects.parse("handles_maps.bpf.o");
    private final BpfObject programs = TestObjects.parse("handles_attach.bpf.o");
    private final BpfObject rings = TestObjects.parse("handles_ring.bpf.o");

    @Test
    void runningOutOfDescriptorsAnywhereLeavesNothingOpen() {
        useEverything(); // so that all classes and files are read already, also those of failure
        assertThrows(BpfException.class, () -> Descriptor.duplicate(Integer.MAX_VALUE));
        OpenDescriptors before = OpenDescriptors.now();
        int failures = 0;
        int limit = 3;
        for (int successes = 0; successes < 2; limit++) {
            assertTrue(limit < 1000, "still failing at a limit of " + limit);
            try {
                withLimit(limit, this::useEverything);
                successes++;
            } catch (BpfException e) {
                boolean fromFile = e.getCause() != null && e.getMessage().contains("Too many open files");
                assertTrue(e.errnoName().equals("EMFILE") && e.reason() == Reason.NO_SPACE || fromFile, e.toString());
                failures++;
            }
            before.assertSameNow();
        }
        assertTrue(failures > 15, failures + " places to fail");
    }

    /** A bit of all: maps of each kind, programs, links, perf events, iterators, a ring buffer. */
    private void useEverything() {
        try (var collection =
                BpfCollection.of(object).kernel(TestObjects.kernel()).open()) {
            collection.load("count").attach();
            try (var others =
                    BpfCollection.of(programs).kernel(TestObjects.kernel()).open()) {
                others.load("on_perf_event").attach(PerfEvent.majorPageFaults());
                others.load("each_task").attach().iterate().close();
            }
            try (var ringCollection =
                            BpfCollection.of(rings).kernel(TestObjects.kernel()).open();
                    var ring = RingBuffer.of(ringCollection.map("ring"))) {
                assertEquals(0, ring.pending());
            }
        }
    }

    @Test
    void programsThatTheVerifierRefusesLeaveNothingOpen() {
        OpenDescriptors before = OpenDescriptors.now();
        for (int i = 0; i < 3; i++) {
            try (var collection =
                    BpfCollection.of(programs).kernel(TestObjects.kernel()).open()) {
                assertThrows(BpfException.class, () -> collection.load("careless"));
                var missing = collection.load("on_missing_raw_tracepoint");
                assertThrows(BpfException.class, missing::attach);
            }
            before.assertSameNow();
        }
    }

    @Test
    void programsThatAreLoadedAgainAndAgainDontPileUp() {
        OpenDescriptors before = OpenDescriptors.now();
        try (var collection =
                BpfCollection.of(object).kernel(TestObjects.kernel()).open()) {
            OpenDescriptors opened = OpenDescriptors.now();
            for (int i = 0; i < 20; i++) {
                var program = collection.load("count");
                program.attach().close();
                program.attach();
                program.close();
                opened.assertSameNow();
            }
        }
        before.assertSameNow();
    }

    @Test
    void aClosedDescriptorIsNotUsedAgain() {
        int number;
        try (var original = BpfCollection.of(object).open();
                var descriptor = Descriptor.duplicate(original.map("hash").fd())) {
            number = descriptor.number();
            assertTrue(number > 2, "descriptor " + number);
        }
        var map = BpfCollection.of(object).open();
        BpfMap hash = map.map("hash");
        map.close();
        assertThrows(IllegalStateException.class, hash::fd);
        assertThrows(IllegalStateException.class, () -> map.load("count"));
        assertThrows(BpfException.class, () -> Descriptor.duplicate(number + 1000));
    }

    @Test
    void closingByManyThreadsClosesOnce() throws InterruptedException {
        for (int i = 0; i < 50; i++) {
            var collection = BpfCollection.of(object).open();
            OpenDescriptors before = OpenDescriptors.now();
            Descriptor descriptor = Descriptor.duplicate(collection.map("hash").fd());
            Thread other = Thread.ofPlatform().start(descriptor::close);
            descriptor.close();
            Descriptor next = Descriptor.duplicate(collection.map("hash").fd());
            other.join();
            descriptor.close();
            assertEquals(collection.map("hash").id(), idOf(next));
            next.close();
            before.assertSameNow();
            collection.close();
        }
    }

    private static int idOf(Descriptor map) {
        try (var same = BpfMap.of(map.number())) {
            return same.id();
        }
    }

    private static void withLimit(int descriptors, Runnable action) {
        try (var arena = Arena.ofConfined()) {
            MemorySegment old = arena.allocate(16);
            SystemCall.PRLIMIT64.call(0, RLIMIT_NOFILE, 0, old.address(), 0, 0);
            MemorySegment low = arena.allocate(16).copyFrom(old);
            low.set(JAVA_LONG, 0, descriptors);
            assertEquals(0, SystemCall.PRLIMIT64.call(0, RLIMIT_NOFILE, low.address(), 0, 0, 0));
            try {
                action.run();
            } finally {
                SystemCall.PRLIMIT64.call(0, RLIMIT_NOFILE, old.address(), 0, 0, 0);
            }
        }
    }
}
