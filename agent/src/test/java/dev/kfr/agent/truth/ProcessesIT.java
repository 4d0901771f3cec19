// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.truth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kfr.agent.Jvm;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import jdk.jfr.consumer.RecordedEvent;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The life of processes in a recording and on the MBean, against what wait(2) told their parent. */
class ProcessesIT {
    /** As the event says, CPU time is as of the last scheduler tick; then there is the work of ending, after the event. */
    private static final long TICKS = 25_000_000 * Jvm.slowness();

    private static Host host;

    @BeforeAll
    static void start() throws Exception {
        host = Host.start("ring=64M");
    }

    @AfterAll
    static void stop() throws Exception {
        host.close();
    }

    @Test
    void seesEachProcessThatEndsAtOnce() throws Exception {
        final int forks = 1_000;
        try (var witness = Witness.start("fork", forks);
                var recording = host.record("ProcessExit throttle=off", "ProcessStart throttle=off")) {
            long started = host.number("Processes", "Started");
            long exited = host.number("Processes", "Exited");
            long all = forksOfTheHost();
            witness.go();
            started = host.number("Processes", "Started") - started;
            exited = host.number("Processes", "Exited") - exited;
            all = forksOfTheHost() - all;
            var events = recording.stop();
            assertEquals(forks, witness.children().size());
            var ends = ends(events, witness);
            events.assertExactly(forks, ends.size(), "ends");
            witness.children().forEach(child -> agree(child, ends.get(child.pid())));
            events.assertExactly(0, events.of("ProcessStart", witness.pid()).size(), "starts");
            long shortLives = ends.values().stream()
                    .filter(e -> e.getDuration("lifetime").toNanos() < 1_000_000)
                    .count();
            assertTrue(shortLives > 0, () -> "none of " + forks + " processes lived below 1 ms");
            var figures = "MBean: started " + started + ", exited " + exited + "; witness " + forks + "; kernel " + all
                    + " forks and threads";
            // Others start processes too; the kernel counts threads as well.
            assertTrue(forks <= started + events.skipped() && started <= all, figures);
            assertTrue(forks <= exited + events.skipped(), figures);
        }
    }

    /** The program that sees ends is attached all the time, the one that sees forks from the first read on. */
    @Test
    void countsForksAndEndsFromTheSameMomentOn() throws Exception {
        final long livingBefore = 15; // that may end: others have processes too
        final int ends = 300;
        var forking = new ProcessBuilder("sh", "-c", "while :; do (:); done").start();
        try (var fresh = Host.start("")) {
            long exited = 0;
            for (long end = System.nanoTime() + Jvm.LIMIT.toNanos(); exited < ends && System.nanoTime() < end; ) {
                exited = fresh.number("Processes", "Exited");
            }
            long started = fresh.number("Processes", "Started");
            var figures = "started " + started + ", exited before that " + exited;
            assertTrue(exited >= ends && exited <= started + livingBefore, figures);
        } finally {
            forking.destroyForcibly();
        }
    }

    @Test
    void seesEachProgramThatEndsAtOnce() throws Exception {
        final int execs = 300;
        var program = Witness.tiny();
        try (var witness = Witness.start("spawn", execs, program);
                var recording = host.record(
                        "ProcessExit throttle=off", "ProcessStart throttle=off arguments=true", "SyscallStatistics")) {
            long executed = host.number("Processes", "Executed");
            witness.go();
            executed = host.number("Processes", "Executed") - executed;
            var events = recording.stop();
            var ends = ends(events, witness);
            var starts = events.of("ProcessStart").stream()
                    .filter(e -> e.getLong("parentPid") == witness.pid())
                    .collect(Collectors.toMap(e -> e.getLong("pid"), Function.identity()));
            events.assertExactly(execs, starts.size(), "starts");
            events.assertExactly(execs, ends.size(), "ends");
            assertTrue(execs <= executed + events.skipped(), "MBean: executed " + executed + ", witness " + execs);
            for (var child : witness.children()) {
                assertEquals(42, child.exitCode(), child::toString);
                agree(child, ends.get(child.pid()));
                var start = starts.get(child.pid());
                assertEquals(program.toString(), start.getString("executable"), start::toString);
                assertEquals(program.toString(), start.getString("commandLine"), start::toString);
                assertEquals("tiny", start.getString("processName"), start::toString);
                assertTrue(
                        !start.getStartTime().isAfter(ends.get(child.pid()).getStartTime()),
                        () -> start + " after " + ends.get(child.pid()));
            }
        }
    }

    @Test
    void tellsWhatAProcessUsed() throws Exception {
        final long millis = 60;
        final int threads = 3;
        try (var witness = Witness.start("burn", threads, millis, 30);
                var recording = host.record("ProcessExit throttle=off")) {
            witness.go();
            var events = recording.stop();
            var child = witness.children().getFirst();
            var end = ends(events, witness).get(child.pid());
            assertEquals(7, child.exitCode());
            agree(child, end);
            long cpuTime = end.getDuration("cpuTime").toNanos();
            var figures = "cpuTime " + cpuTime + ", rusage " + child.cpuTime() + ", asked " + threads * millis + " ms";
            assertTrue(cpuTime <= child.cpuTime() + 2_000, figures); // rusage is in microseconds
            assertTrue(cpuTime >= child.cpuTime() - TICKS, figures);
            assertTrue(child.maxResident() > 30 << 20, child::toString);
        }
    }

    @ParameterizedTest
    @CsvSource({"9, SIGKILL", "15, SIGTERM", "11, SIGSEGV"})
    void tellsWhichSignalEndedAProcess(int number, String name) throws Exception {
        try (var witness = Witness.start("kill", number);
                var recording = host.record("ProcessExit throttle=off", "Signal throttle=off")) {
            witness.go();
            var events = recording.stop();
            var child = witness.children().getFirst();
            assertEquals(number, child.signal(), child::toString);
            var end = ends(events, witness).get(child.pid());
            agree(child, end);
            assertEquals(name + " 0", end.getString("signal") + " " + end.getInt("exitCode"), end::toString);
            var signals = events.of("Signal", witness.pid()).stream()
                    .filter(e -> e.getLong("targetPid") == child.pid())
                    .map(e -> e.getString("signal") + " " + e.getString("origin") + " " + e.getString("result"))
                    .toList();
            assertEquals(List.of(name + " process delivered"), signals);
        }
    }

    /** The ends of the witness's children, by pid. */
    private static Map<Long, RecordedEvent> ends(Events events, Witness witness) {
        return events.of("ProcessExit").stream()
                .filter(e -> e.getLong("parentPid") == witness.pid())
                .collect(Collectors.toMap(e -> e.getLong("pid"), Function.identity()));
    }

    private static void agree(Witness.Child child, RecordedEvent end) {
        var figures = child + "\n" + end;
        assertEquals(child.signal() == 0 ? child.exitCode() : 0, end.getInt("exitCode"), figures);
        assertEquals(child.signal() == 0, end.getString("signal").isEmpty(), figures);
        assertEquals(child.maxResident(), end.getLong("maxResidentSize"), figures);
        long lifetime = end.getDuration("lifetime").toNanos();
        assertTrue(0 < lifetime && lifetime <= child.after() - child.before(), figures);
    }

    /** What the kernel has counted since it started: processes and threads. */
    private static long forksOfTheHost() throws Exception {
        return Files.readAllLines(Path.of("/proc/stat")).stream()
                .filter(line -> line.startsWith("processes "))
                .mapToLong(line -> Long.parseLong(line, "processes ".length(), line.length(), 10))
                .findFirst()
                .orElseThrow();
    }
}
