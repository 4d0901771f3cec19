// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kfr.events.agent.ChunkEnd;
import dev.kfr.events.syscalls.SyscallStatistics;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What waits when a recording ends gets into its file, however it ends. */
class EventTypesTest {
    @TempDir
    Path directory;

    @Test
    void theHookRunsAtDumpAndStop() throws Exception {
        try (var types = new EventTypes(failure -> {});
                var recording = new Recording()) {
            var count = new int[1];
            types.onPeriod(ChunkEnd.class, () -> {
                var row = new SyscallStatistics();
                row.count = ++count[0];
                row.commit();
            });
            recording.start();
            recording.dump(directory.resolve("dump.jfr"));
            assertEquals(List.of(1), counts(directory.resolve("dump.jfr")));
            recording.stop();
            recording.dump(directory.resolve("stop.jfr"));
            assertEquals(List.of(1, 2), counts(directory.resolve("stop.jfr")));
        }
    }

    @Test
    void aHookThatThrowsIsReportedAndHarmsNobody() {
        List<Throwable> failures = new CopyOnWriteArrayList<>();
        try (var types = new EventTypes(failures::add);
                var recording = new Recording()) {
            types.onPeriod(ChunkEnd.class, () -> {
                throw new AssertionError("broken");
            });
            recording.start();
            recording.stop();
            assertEquals("broken", failures.getFirst().getMessage());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"return", "exit", "SIGTERM"})
    void theHookRunsWhenTheServiceEndsBy(String way) throws Exception {
        Path file = directory.resolve("service.jfr");
        Process service = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        "-XX:StartFlightRecording:filename=" + file,
                        "-Xlog:disable",
                        Service.class.getName(),
                        way.equals("SIGTERM") ? "wait" : way)
                .start();
        try (var errors = service.errorReader();
                var output = service.inputReader()) {
            assertEquals("started true", errors.readLine());
            if (way.equals("SIGTERM")) {
                service.toHandle().destroy(); // the process itself would close its streams
            }
            assertTrue(service.waitFor(60, TimeUnit.SECONDS), "still runs");
            List<String> found = new ArrayList<>();
            for (var event : RecordingFile.readAllEvents(file)) {
                switch (event.getEventType().getName()) {
                    case "kernel.SyscallStatistics" -> found.add(event.getString("syscall"));
                    case "kernel.ChunkEnd" -> found.add(event.getInt("rows") + " " + event.getBoolean("complete"));
                    default -> {}
                }
            }
            assertEquals(List.of("1 true", "the tail"), found.stream().sorted().toList());
            assertEquals(List.of(), output.lines().toList(), "on standard output");
        } finally {
            service.destroyForcibly();
        }
    }

    private static List<Integer> counts(Path file) throws Exception {
        return RecordingFile.readAllEvents(file).stream()
                .filter(event -> event.getEventType().getName().equals("kernel.SyscallStatistics"))
                .map(event -> event.getInt("count"))
                .sorted()
                .toList();
    }
}
