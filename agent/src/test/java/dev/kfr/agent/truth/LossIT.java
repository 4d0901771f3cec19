// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.truth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.util.HashSet;
import jdk.jfr.consumer.RecordedEvent;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What does not fit is counted: nothing is lost in silence. */
class LossIT {
    @TempDir
    private Path directory;

    @Test
    void whatTheRingHasNoRoomForIsCounted() throws Exception {
        final int calls = 200_000;
        try (var host = Host.start("ring=64K");
                var witness = Witness.start("flood", calls);
                var recording = host.record("SyscallError errors=ENAMETOOLONG throttle=off")) {
            witness.go();
            var events = recording.stop();
            long recorded = events.of("SyscallError").size();
            long lost = events.losses("syscalls", "lost");
            var figures = "done " + calls + ", recorded " + recorded + ", " + events.of("EventLoss");
            assertTrue(lost > 0, figures);
            assertEquals(recorded, events.losses("syscalls", "recorded"), figures);
            assertEquals(0, events.losses("syscalls", "throttled"), figures);
            assertEquals(recorded + lost, events.losses("syscalls", "produced"), figures);
            events.assertExactly(calls, recorded + lost - ofOthers(events, witness), figures);
            assertTrue(
                    events.of("EventLoss").stream()
                            .filter(e -> e.getInt("lost") > 0)
                            .allMatch(e -> e.getString("reason").contains("ring buffer full")),
                    figures);
            // The counters of the agent's MBean are the kernel side's own.
            assertEquals(recorded + lost, host.events("syscalls", "produced"), figures);
            assertEquals(recorded, host.events("syscalls", "recorded"), figures);
            assertEquals(lost, host.events("syscalls", "lost"), figures);
        }
    }

    @Test
    void whatTheThrottleHoldsBackIsCounted() throws Exception {
        final int calls = 100_000;
        final int rate = 200;
        try (var host = Host.start("");
                var witness = Witness.start("flood", calls);
                var recording = host.record("SyscallError errors=ENAMETOOLONG throttle=" + rate + "/s")) {
            long start = System.nanoTime();
            witness.go();
            long nanos = System.nanoTime() - start;
            var events = recording.stop();
            long recorded = events.of("SyscallError").size();
            long throttled = events.losses("syscalls", "throttled");
            var figures =
                    "done " + calls + " in " + nanos + " ns, recorded " + recorded + ", " + events.of("EventLoss");
            assertTrue(throttled > 0, figures);
            events.assertExactly(calls, recorded + throttled - ofOthers(events, witness), figures);
            assertEquals(0, events.losses("syscalls", "lost"), figures);
            assertEquals(recorded + throttled, host.events("syscalls", "produced"), figures);
            // A bucket that is full at the beginning, and its rate; one witness thread has no race for tokens.
            long allowed = rate + rate * nanos / 1_000_000_000 + 1;
            assertTrue(recorded <= allowed + ofOthers(events, witness), "allowed " + allowed + ", " + figures);
            assertTrue(recorded >= rate, figures);
        }
    }

    @Test
    void whatFindsNoRowIsInTheOverflow() throws Exception {
        final int fillers = 1_500; // beyond the 512 rows of each CPU's slice, and as many CPUs as share them
        final int processes = 20;
        final long size = 256 << 20; // far more than others read meanwhile
        final var large = file("large", size);
        final var small = file("small", 1);
        try (var host = Host.start("ring=64M,processes=64");
                var filler = Witness.start("storm", fillers, 1, small);
                var witness = Witness.start("storm", processes, size, large);
                var recording = host.record("FileStatistics", "SyscallStatistics")) {
            filler.go();
            witness.go();
            var events = recording.stop();
            var pids = new HashSet<>(witness.values("storm"));
            long inRows = 0;
            for (long pid : pids) {
                long bytes = events.sum("FileStatistics", pid, "bytesRead");
                assertTrue(bytes == 0 || bytes == size, () -> pid + " read " + size + ", counted " + bytes);
                inRows += bytes;
            }
            long overflow = events.of("FileStatistics").stream()
                    .filter(LossIT::isOverflow)
                    .mapToLong(e -> e.getLong("bytesRead"))
                    .sum();
            var figures = "done " + processes * size + ", in rows " + inRows + ", in the overflow " + overflow;
            assertTrue(overflow >= size, figures);
            events.assertExactly(processes, (inRows + overflow) / size, figures);

            final long callsOfEach = 5; // open, sendfile, close, write, and clone returns in the child
            long calls = 0;
            for (long pid : filler.values("storm")) {
                long counted = events.sum("SyscallStatistics", pid, "count");
                assertTrue(counted <= callsOfEach + 2, () -> "calls of " + pid + ": " + counted);
                calls += counted;
            }
            long others = events.sum("SyscallStatistics", 0, "count");
            var callFigures = "done " + fillers * callsOfEach + ", in rows " + calls
                    + ", in the overflow and of others " + others;
            assertTrue(calls < fillers * callsOfEach, callFigures);
            assertTrue(calls + others + events.skipped() >= fillers * callsOfEach, callFigures);
        }
    }

    private Path file(String name, long size) throws Exception {
        var path = directory.resolve(name);
        try (var file = new RandomAccessFile(path.toFile(), "rw")) {
            file.setLength(size);
        }
        return path.toRealPath();
    }

    private static boolean isOverflow(RecordedEvent row) {
        return row.getString("path").equals("(overflow)");
    }

    /** Others may do by chance what the witness does. */
    private static long ofOthers(Events events, Witness witness) {
        return events.of("SyscallError").size()
                - events.of("SyscallError", witness.pid()).size();
    }
}
