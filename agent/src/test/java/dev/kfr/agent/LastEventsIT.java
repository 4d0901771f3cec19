// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kfr.bpf.NeedsKernel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What happens right before a recording ends is in it, however it ends. */
@NeedsKernel
class LastEventsIT {
    @TempDir
    private Path directory;

    private Path recording;
    private Path opened;

    @BeforeEach
    void names() throws Exception {
        recording = directory.resolve("my.jfr");
        opened = Files.writeString(directory.resolve("opened"), "");
    }

    @Test
    void atTheReturnOfMain() throws Exception {
        try (var service = recordingService()) {
            provoke(service);
            service.endsWell();
            assertLastEventsAreRecorded();
        }
    }

    @Test
    void atSystemExit() throws Exception {
        try (var service = recordingService()) {
            provoke(service);
            service.jvm().write("exit 3");
            assertEquals(3, service.jvm().waitFor());
            assertLastEventsAreRecorded();
        }
    }

    @Test
    void atSigterm() throws Exception {
        try (var service = recordingService()) {
            provoke(service);
            assertEquals(143, service.jvm().terminate());
            assertLastEventsAreRecorded();
        }
    }

    @Test
    void atDumpAndStopByJcmd() throws Exception {
        try (var service = recordingService()) {
            provoke(service);
            jcmd(service, "JFR.dump", "filename=" + recording);
            assertLastEventsAreRecorded();
            provoke(service);
            var stopped = directory.resolve("stopped.jfr");
            jcmd(service, "JFR.stop", "name=1", "filename=" + stopped);
            recording = stopped;
            assertEquals(4, opens(), "opens of both times");
            service.endsWell();
        }
    }

    private KernelService recordingService() throws Exception {
        var service = KernelService.start(
                "-XX:StartFlightRecording:filename=" + recording
                        + ",+kernel.FileOpen#throttle=off,+kernel.FileOpen#enabled=true",
                Jvm.agent("start=sync"));
        service.awaitLinksAmong(KernelService.WITH_SYSCALLS); // all events are as they are by default
        return service;
    }

    /** One event of a program in C, and one of the service. */
    private void provoke(KernelService service) throws Exception {
        assertTrue(service.ask("run cat " + opened).endsWith(" 0"));
        assertEquals("opened", service.ask("open 1 " + opened));
    }

    private void assertLastEventsAreRecorded() throws IOException {
        assertEquals(2, opens(), () -> "opens of " + opened + " in " + recording);
        var rows = RecordingFile.readAllEvents(recording).stream()
                .filter(event -> event.getEventType().getName().equals("kernel.SyscallStatistics"))
                .count();
        assertTrue(rows > 0, () -> "no rows in " + recording);
    }

    private long opens() throws IOException {
        return RecordingFile.readAllEvents(recording).stream()
                .filter(event -> event.getEventType().getName().equals("kernel.FileOpen"))
                .filter(event -> event.getString("path").equals(opened.toString()))
                .count();
    }

    private static void jcmd(KernelService service, String... arguments) throws Exception {
        var command = Stream.concat(
                        Stream.of(
                                Path.of(System.getProperty("java.home"), "bin/jcmd")
                                        .toString(),
                                Long.toString(service.pid())),
                        List.of(arguments).stream())
                .toArray(String[]::new);
        try (var jcmd = Jvm.startCommand(command)) {
            assertEquals(0, jcmd.waitFor(), jcmd::toString);
        }
    }
}
