// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.record;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kfr.events.EventTimes;
import dev.kfr.events.agent.ChunkEnd;
import dev.kfr.events.files.FileOpen;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import jdk.jfr.Event;
import jdk.jfr.FlightRecorder;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The kernel's times become JFR's, whatever the clocks do. */
class KernelClockTest {
    private static final long MILLISECOND = 1_000_000;
    private static final long SECOND = 1_000_000_000;
    private static final long TOLERANCE =
            10_000; // ns, for the first pairs of clocks, read by code that is not compiled yet

    @TempDir
    Path directory;

    /** True time runs on by each reading; the kernel's clock is slewed against it, the TSC is not. */
    private static final class Simulated implements KernelClock.Clocks {
        final Random random = new Random(42);
        final double frequency; // ticks per true ns
        double now = 5e15; // true ns
        double kernel = 3e15;
        double slew; // ppm
        boolean started = true;
        boolean preempted;

        Simulated(double frequency) {
            this.frequency = frequency;
        }

        @Override
        public void pass(long nanos) {
            pass((double) nanos);
        }

        void pass(double nanos) {
            now += nanos;
            kernel += nanos * (1 + slew / 1e6);
        }

        double trueTicks() {
            return now * frequency;
        }

        @Override
        public long ticks() {
            pass(20 + random.nextInt(30));
            if (preempted && random.nextInt(10) == 0) {
                pass(random.nextInt(4_000_000));
            }
            return started ? (long) trueTicks() : 0;
        }

        @Override
        public long nanos() {
            pass(20 + random.nextInt(30));
            return (long) kernel;
        }
    }

    @Test
    void isUnknownUntilJfrRuns() {
        var clocks = new Simulated(2.1);
        clocks.started = false;
        var clock = new KernelClock(clocks);
        clock.refresh();
        assertFalse(clock.known());
        assertEquals(0, clock.ticks(12345));
        clocks.started = true;
        clock.refresh();
        assertTrue(clock.known());
    }

    @ParameterizedTest
    @ValueSource(doubles = {0.0192, 0.999999, 1.0, 2.1, 2.195, 5.8})
    void followsADriftingClock(double frequency) {
        var clocks = new Simulated(frequency);
        clocks.preempted = true;
        var clock = new KernelClock(clocks);
        clock.refresh();
        double worst = 0;
        for (int batch = 0; batch < 20_000; batch++) {
            if (batch % 1000 == 0) {
                clocks.slew = clocks.random.nextInt(1001) - 500; // the most that adjtimex(2) does
            }
            // up to a second of idleness, now and then a minute; then a record that is up to 5 ms old
            clocks.pass(batch % 500 == 0 ? 60.0 * SECOND : Math.pow(10, clocks.random.nextDouble() * 9));
            double ticks = clocks.trueTicks();
            long nanos = (long) clocks.kernel;
            clocks.pass(clocks.random.nextInt(5_000_000));
            clock.refresh();
            worst = Math.max(worst, Math.abs(clock.ticks(nanos) - ticks) / frequency);
        }
        assertTrue(worst < 10_000, "worst error " + worst + " ns");
    }

    @Test
    void placesARecordThatWaitedForSecondsBetweenThePairsOfItsTime() {
        var clocks = new Simulated(2.1);
        var clock = new KernelClock(clocks);
        clock.refresh();
        clocks.pass(SECOND);
        clocks.slew = 400;
        long[] nanos = new long[200];
        double[] ticks = new double[200];
        for (int i = 0; i < nanos.length; i++) {
            clocks.pass(10 * MILLISECOND);
            clock.refresh();
            clocks.pass(MILLISECOND);
            nanos[i] = (long) clocks.kernel;
            ticks[i] = clocks.trueTicks();
            clocks.slew = i % 2 == 0 ? -400 : 400;
        }
        for (int i = 0; i < nanos.length; i++) {
            double error = Math.abs(clock.ticks(nanos[i]) - ticks[i]) / clocks.frequency;
            assertTrue(error < 6_000, "record " + i + ": " + error + " ns");
        }
    }

    @Test
    void survivesASuspendThatOnlyOneClockCounts() {
        var clocks = new Simulated(2.1);
        var clock = new KernelClock(clocks);
        clock.refresh();
        clocks.pass(SECOND);
        clock.refresh();
        clocks.now += 3600.0 * SECOND;
        clocks.pass(20 * MILLISECOND);
        clock.refresh();
        double ticks = clocks.trueTicks();
        long nanos = (long) clocks.kernel;
        assertEquals(ticks, clock.ticks(nanos), 1000 * clocks.frequency);
        clocks.pass(SECOND);
        clock.refresh();
        assertEquals(clocks.trueTicks(), clock.ticks((long) clocks.kernel), 1000 * clocks.frequency);
    }

    @Test
    void keepsDurationsExactWhereTicksAreNanoseconds() {
        var clocks = new Simulated(1);
        var clock = new KernelClock(clocks);
        clock.refresh();
        assertTrue(clock.ticksAreNanoseconds());
        assertEquals(123_456_789, clock.durationTicks((long) clocks.kernel, 123_456_789));
        assertEquals(777, clock.nanos(777));
    }

    @Test
    void convertsDurationsWhereTicksAreNot() {
        var clocks = new Simulated(2.5);
        var clock = new KernelClock(clocks);
        clock.refresh();
        clocks.pass(2.0 * SECOND);
        clock.refresh();
        assertFalse(clock.ticksAreNanoseconds());
        assertEquals(50_000_000, clock.durationTicks((long) clocks.kernel - SECOND, 20 * MILLISECOND), 500);
        assertEquals(20 * MILLISECOND, clock.nanos(50_000_000), 200);
        assertEquals(Long.MAX_VALUE, clock.nanos(Long.MAX_VALUE));
    }

    @Test
    void agreesWithTheClocksOfThisMachine() throws Exception {
        FlightRecorder.register(ChunkEnd.class);
        try (var recording = new Recording()) {
            recording.start();
            var clock = new KernelClock();
            clock.refresh();
            assertTrue(clock.known());
            long worst = 0;
            for (int i = 0; i < 200; i++) {
                Thread.sleep(1);
                clock.refresh();
                long before = System.nanoTime();
                long ticks = EventTimes.currentTicks();
                long after = System.nanoTime();
                // the ticks lie between those of the two readings around them
                long low = clock.ticks(before);
                long high = clock.ticks(after);
                worst = Math.max(worst, Math.max(clock.nanos(low - ticks), clock.nanos(ticks - high)));
            }
            assertTrue(worst < 10_000, "off by " + worst + " ns, error bound " + clock.error());
        } finally {
            FlightRecorder.unregister(ChunkEnd.class);
        }
    }

    @Test
    void anEventLiesWithinTheJavaEventAroundIt() throws Exception {
        List.of(ChunkEnd.class, FileOpen.class).forEach(FlightRecorder::register);
        try (var recording = new Recording()) {
            recording.enable(FileOpen.class).with("throttle", "off");
            recording.start();
            var clock = new KernelClock();
            for (int i = 0; i < 100; i++) {
                clock.refresh();
                var outer = new Surrounding();
                outer.begin();
                long start = System.nanoTime();
                Thread.sleep(0, 50_000);
                long end = System.nanoTime();
                outer.end();
                outer.commit();
                var inner = new FileOpen();
                inner.times(clock.ticks(start), clock.durationTicks(start, end - start));
                inner.commit();
            }
            recording.stop();
            Path file = directory.resolve("test.jfr");
            recording.dump(file);
            // A file need not hold events in the order in which they were committed.
            var outer = recorded(file, Surrounding.class.getName());
            var inner = recorded(file, "kernel.FileOpen");
            assertEquals(100, outer.size());
            assertEquals(100, inner.size());
            for (int i = 0; i < inner.size(); i++) {
                var starts = outer.get(i).getStartTime().minusNanos(TOLERANCE);
                var ends = outer.get(i).getEndTime().plusNanos(TOLERANCE);
                assertTrue(!inner.get(i).getStartTime().isBefore(starts), inner.get(i) + " starts before " + starts);
                assertTrue(!inner.get(i).getEndTime().isAfter(ends), inner.get(i) + " ends after " + ends);
            }
        } finally {
            List.of(ChunkEnd.class, FileOpen.class).forEach(FlightRecorder::unregister);
        }
    }

    /** Events of a type, first things first. */
    private static List<RecordedEvent> recorded(Path file, String type) throws IOException {
        return RecordingFile.readAllEvents(file).stream()
                .filter(event -> event.getEventType().getName().equals(type))
                .sorted(Comparator.comparing(RecordedEvent::getStartTime))
                .toList();
    }

    static final class Surrounding extends Event {}
}
