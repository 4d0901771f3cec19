// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.truth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kfr.agent.record.Histogram;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Collectors;
import jdk.jfr.consumer.RecordedEvent;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** System calls in a recording, against programs that know how many they made and how long these took. */
class CallsIT {
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
    void countsTheCallsOfAProcess() throws Exception {
        final long calls = 200_000;
        try (var witness = Witness.start("getppid", calls);
                var recording = host.record("SyscallStatistics")) {
            witness.go();
            var events = recording.stop();
            events.assertExactly(
                    calls + Witness.OWN_CALLS, events.sum("SyscallStatistics", witness.pid(), "count"), "calls");
            assertEquals(0, events.sum("SyscallStatistics", witness.pid(), "errors"), "errors");
        }
    }

    @Test
    void countsAndRecordsFailingCalls() throws Exception {
        final int failures = 5_000;
        try (var witness = Witness.start("fail", failures);
                var recording = host.record("SyscallStatistics", "SyscallError errors=ENOTDIR,EBADF")) {
            witness.go();
            var events = recording.stop();
            events.assertExactly(
                    2 * failures + Witness.OWN_CALLS, events.sum("SyscallStatistics", witness.pid(), "count"), "calls");
            events.assertExactly(2 * failures, events.sum("SyscallStatistics", witness.pid(), "errors"), "errors");
            var byKind = events.of("SyscallError", witness.pid()).stream()
                    .collect(Collectors.groupingBy(
                            e -> e.getString("syscall") + " " + e.getString("error") + " " + e.getLong("returnValue"),
                            TreeMap::new,
                            Collectors.counting()));
            assertEquals(List.of("close EBADF -9", "openat ENOTDIR -20"), List.copyOf(byKind.keySet()));
            byKind.forEach((kind, count) -> events.assertExactly(failures, count, kind));
        }
    }

    @Test
    void countsSixtyFourThreadsAtOnce() throws Exception {
        final int threads = 64;
        final int each = 250;
        try (var witness = Witness.start("threads", threads, each, "/etc/passwd");
                var recording = host.record(
                        "SyscallStatistics",
                        "FileStatistics",
                        "FileOpen throttle=off",
                        "SyscallError errors=ENAMETOOLONG")) {
            witness.go();
            var events = recording.stop();
            long pid = witness.pid();
            events.assertExactly(threads * each, events.sum("SyscallStatistics", pid, "errors"), "errors");
            events.assertExactly(threads * each, events.of("SyscallError", pid).size(), "error events");
            events.assertExactly(
                    threads * each,
                    events.of("FileOpen", pid).stream()
                            .filter(e -> e.getString("path").equals("/etc/passwd"))
                            .count(),
                    "opens");
            events.assertExactly(
                    threads * each,
                    events.of("FileOpen", pid).stream()
                            .filter(e -> e.getString("error").equals("ENAMETOOLONG"))
                            .count(),
                    "failed opens");
            var byThread = events.of("SyscallError", pid).stream()
                    .collect(Collectors.groupingBy(e -> e.getLong("osThreadId"), Collectors.counting()));
            assertEquals(threads, witness.values("tid").size());
            for (long tid : witness.values("tid")) {
                events.assertExactly(each, byThread.getOrDefault(tid, 0L), "errors of thread " + tid);
            }
        }
    }

    @Test
    void tellsHowLongCallsTook() throws Exception {
        try (var witness = Witness.start("sleep", 100, 1_000, 90, 3_000, 10, 20_000);
                var recording = host.record("SyscallStatistics")) {
            witness.go();
            var events = recording.stop();
            var row = only(events.of("SyscallStatistics", witness.pid()).stream()
                    .filter(e -> e.getString("syscall").equals("clock_nanosleep"))
                    .toList());
            // The kernel wakes nobody early, and the program sees the call from outside: what the kernel side measured
            // lies in between.
            var least = witness.values("asked").stream().sorted().toList();
            var most = sleeps(witness);
            var figures = "asked " + least + "\nmeasured outside " + most + "\nrecorded " + row;
            assertEquals(200, row.getInt("count"), figures);
            assertBetween(sum(least), row.getLong("totalTime"), sum(most), "totalTime, " + figures);
            assertBetween(least.getLast(), row.getLong("maxTime"), most.getLast(), "maxTime, " + figures);
            assertBetween(bucketOf(least.get(99)), row.getLong("p50"), endOf(most.get(99)), "p50, " + figures);
            assertBetween(bucketOf(least.get(197)), row.getLong("p99"), endOf(most.get(197)), "p99, " + figures);
        }
    }

    @Test
    void processesWithTheSamePidAreTwo() throws Exception {
        final long calls = 30_000;
        try (var witness = Witness.start("reuse", calls);
                var recording = host.record("SyscallStatistics", "ProcessExit throttle=off")) {
            witness.go();
            var events = recording.stop();
            long pid = witness.values("reused").getFirst();
            var ends = events.of("ProcessExit", pid).stream()
                    .map(e -> e.getInt("exitCode"))
                    .toList();
            assertEquals(List.of(2, 3), ends, "exit codes of " + pid + ": " + witness);
            // One row each, or for each of its calls one: those of two processes are never added up.
            var rows = events.of("SyscallStatistics", pid);
            var perProcess = rows.stream()
                    .filter(e -> !e.getString("syscall").equals("clone"))
                    .map(e -> e.getLong("count"))
                    .sorted()
                    .toList();
            assertTrue(perProcess.size() >= 2, () -> "rows " + rows);
            assertTrue(perProcess.getLast() <= 2 * calls + 2, () -> "rows " + rows);
            // Both return from clone once and ask for their pid.
            events.assertExactly(
                    3 * calls + 4,
                    rows.stream().mapToLong(e -> e.getLong("count")).sum(),
                    "calls");
        }
    }

    @Test
    void execFromAThreadStaysOneProcess() throws Exception {
        final long calls = 100_000;
        try (var witness = Witness.start("thread-exec", calls);
                var recording =
                        host.record("SyscallStatistics", "ProcessStart throttle=off", "ProcessExit throttle=off")) {
            witness.begin();
            var pidLine = "pid=" + witness.pid();
            Host.await(
                    "no second start",
                    () -> witness.lines().stream().filter(pidLine::equals).count() == 2);
            witness.go();
            witness.end();
            var events = recording.stop();
            var start = only(events.of("ProcessStart", witness.pid()));
            assertEquals(witness.pid(), start.getLong("osThreadId"), start::toString);
            assertEquals(Witness.program(), Path.of(start.getString("executable")), start::toString);
            var exit = only(events.of("ProcessExit", witness.pid()));
            assertEquals(0, exit.getInt("exitCode"), exit::toString);
            long lifetime = exit.getDuration("lifetime").toNanos();
            assertTrue(lifetime > 0, exit::toString);
            var rows = events.of("SyscallStatistics", witness.pid());
            long counted = events.sum("SyscallStatistics", witness.pid(), "count");
            assertTrue(counted > calls, () -> counted + " calls: " + rows);
            var named = rows.stream()
                    .filter(e -> e.getString("syscall").equals("getppid"))
                    .toList();
            named.forEach(e -> events.assertExactly(calls, e.getLong("count"), "getppid"));
        }
    }

    private static List<Long> sleeps(Witness witness) {
        return witness.lines().stream()
                .filter(line -> line.startsWith("asked="))
                .map(line -> Witness.fields(line).get("took"))
                .sorted()
                .toList();
    }

    private static long sum(List<Long> values) {
        return values.stream().mapToLong(Long::longValue).sum();
    }

    private static long bucketOf(long nanos) {
        return Histogram.lowerBound(Histogram.bucket(nanos));
    }

    private static long endOf(long nanos) {
        return Histogram.lowerBound(Histogram.bucket(nanos) + 1);
    }

    private static void assertBetween(long low, long value, long high, String what) {
        assertTrue(low <= value && value <= high, () -> low + " <= " + value + " <= " + high + ": " + what);
    }

    private static RecordedEvent only(List<RecordedEvent> events) {
        assertEquals(1, events.size(), events::toString);
        return events.getFirst();
    }
}
