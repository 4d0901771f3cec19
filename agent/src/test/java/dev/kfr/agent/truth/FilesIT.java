// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.truth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is done with files in a recording, against programs that know what they did and the kernel's own {@code /proc/PID/io}. */
class FilesIT {
    private static Host host;

    @TempDir
    private Path directory;

    @BeforeAll
    static void start() throws Exception {
        host = Host.start("ring=64M");
    }

    @AfterAll
    static void stop() throws Exception {
        host.close();
    }

    @Test
    void recordsAndCountsOpens() throws Exception {
        final int opens = 3_000;
        var file = Files.createFile(directory.resolve("opened")).toRealPath();
        try (var witness = Witness.start("open", opens, file);
                var recording = host.record("FileOpen throttle=off", "FileStatistics")) {
            witness.go();
            var events = recording.stop();
            events.assertExactly(opens, events.of("FileOpen", witness.pid()).size(), "events");
            events.assertExactly(opens, events.sum("FileStatistics", witness.pid(), "opens"), "opens");
            var kinds = events.of("FileOpen", witness.pid()).stream()
                    .map(e -> e.getString("path") + " " + e.getString("flags") + " " + e.getInt("fileDescriptor") + " "
                            + e.getString("mode") + e.getString("error"))
                    .collect(Collectors.toSet());
            assertEquals(1, kinds.size(), kinds::toString);
            assertTrue(kinds.iterator().next().startsWith(file + " O_RDONLY|O_CLOEXEC "), kinds::toString);
        }
    }

    @Test
    void recordsAndCountsReadsAsTheKernelDoes() throws Exception {
        final int reads = 3_000;
        final int size = 10_000;
        var file = Files.write(directory.resolve("read"), new byte[size]).toRealPath();
        try (var witness = Witness.start("read", reads, size, file);
                var recording = host.record("FileRead threshold=0ms throttle=off", "FileStatistics")) {
            var before = witness.io();
            witness.go();
            var after = witness.io();
            var events = recording.stop();
            // It also reads "go" from a pipe, which is no file.
            long calls = after.get("syscr") - before.get("syscr") - 1;
            long bytes = after.get("rchar") - before.get("rchar") - "go\n".length();
            assertEquals(reads, calls, "/proc/PID/io");
            assertEquals((long) reads * size, bytes, "/proc/PID/io");
            long pid = witness.pid();
            events.assertExactly(calls, events.sum("FileStatistics", pid, "reads"), "reads");
            events.assertExactly(bytes, events.sum("FileStatistics", pid, "bytesRead"), "bytes read");
            events.assertExactly(calls, events.of("FileRead", pid).size(), "events");
            events.assertExactly(bytes, events.sum("FileRead", pid, "bytes"), "bytes of events");
            events.of("FileRead", pid).forEach(e -> {
                assertEquals(file.toString(), e.getString("path"));
                assertEquals(0, e.getLong("offset"));
            });
            var row = events.of("FileStatistics", pid).stream()
                    .filter(e -> e.getString("path").equals(file.toString()))
                    .findFirst()
                    .orElseThrow(() -> new AssertionError(events.of("FileStatistics", pid)));
            events.assertExactly(reads, row.getLong("reads"), "reads of the file");
        }
    }

    @Test
    void recordsAndCountsWritesAndSyncsAsTheKernelDoes() throws Exception {
        final int writes = 1_000;
        final int size = 20_000;
        var file = directory.toRealPath().resolve("written");
        try (var witness = Witness.start("write", writes, size, file);
                var recording = host.record(
                        "FileWrite threshold=0ms throttle=off",
                        "FileSync threshold=0ms throttle=off",
                        "FileStatistics")) {
            var before = witness.io();
            witness.go();
            var after = witness.io();
            long printed = witness.printed() - ("pid=" + witness.pid() + "\n").length();
            var events = recording.stop();
            // It also writes its output to a pipe, which is no file.
            long calls = after.get("syscw") - before.get("syscw") - 1;
            long bytes = after.get("wchar") - before.get("wchar") - printed;
            assertEquals(writes, calls, "/proc/PID/io");
            assertEquals((long) writes * size, bytes, "/proc/PID/io");
            assertEquals(Files.size(file), bytes);
            long pid = witness.pid();
            events.assertExactly(calls, events.sum("FileStatistics", pid, "writes"), "writes");
            events.assertExactly(bytes, events.sum("FileStatistics", pid, "bytesWritten"), "bytes written");
            events.assertExactly(calls, events.of("FileWrite", pid).size(), "events");
            events.assertExactly(bytes, events.sum("FileWrite", pid, "bytes"), "bytes of events");
            var offsets = events.of("FileWrite", pid).stream()
                    .mapToLong(e -> e.getLong("offset"))
                    .sorted()
                    .toArray();
            if (events.skipped() == 0) {
                for (int i = 0; i < writes; i++) {
                    assertEquals((long) i * size, offsets[i], "offset of write " + i);
                }
            }
            events.assertExactly(
                    witness.values("syncs").getFirst(),
                    events.of("FileSync", pid).stream()
                            .filter(e -> e.getString("path").equals(file.toString())
                                    && e.getString("call").equals("fsync"))
                            .count(),
                    "syncs");
        }
    }
}
