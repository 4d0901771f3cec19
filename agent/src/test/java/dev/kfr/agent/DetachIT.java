// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kfr.bpf.NeedsKernel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is left of the agent in a service after it was stopped: classes, and nothing else. */
@NeedsKernel
class DetachIT {
    private static final BpfDescriptors NOTHING =
            new BpfDescriptors(List.of(), List.of(), List.of(), List.of(), List.of(), 0);

    private static final int ROUNDS = 3;

    @TempDir
    private Path directory;

    @Test
    void detachingLeavesNothingAndAttachingAgainWorks() throws Exception {
        try (var service = KernelService.start("-XX:+EnableDynamicAgentLoading")) {
            service.ask("mbeans"); // what JMX itself opens and starts is not the agent's
            service.ask("types");
            attach(service);
            useAll(service);
            kfr("detach", service);
            assertNothingIsLeft(service);
            int descriptors = BpfDescriptors.all(service.pid());
            for (int i = 0; i < ROUNDS; i++) {
                attach(service);
                useAll(service);
                kfr("attach", service, "start=sync,scope=jvm");
                useAll(service);
                kfr("detach", service);
                assertNothingIsLeft(service);
            }
            int now = BpfDescriptors.all(service.pid());
            // the JVM itself opens one now and then; three rounds of a leak would be more
            assertTrue(now <= descriptors + 2, () -> now + " descriptors, and " + descriptors + " before");
            service.endsWell();
        }
    }

    @Test
    void theMBeanStopsTheAgent() throws Exception {
        try (var service = KernelService.start(Jvm.agent("start=sync"))) {
            service.askUntil("mbeans", names -> names.contains("kernel:type=Agent"));
            service.askUntil("types", names -> names.contains("kernel.ChunkEnd"));
            useAll(service);
            service.ask("invoke Agent stop");
            service.jvm().awaitStderr("stopped");
            assertNothingIsLeft(service);
            service.endsWell();
        }
    }

    @Test
    void whatCameBeforeTheDetachmentIsInTheRecording() throws Exception {
        var path = Files.writeString(directory.resolve("opened"), "");
        var file = directory.resolve("detached.jfr");
        try (var service = KernelService.start("-XX:+EnableDynamicAgentLoading")) {
            attach(service);
            service.ask("record a kernel.FileOpen#enabled=true kernel.FileOpen#throttle=off kernel.FileOpen#scope=jvm"
                    + " kernel.ProbeStatus#enabled=true kernel.EventLoss#enabled=true");
            service.awaitLinks(KernelService.WITH_SYSCALLS);
            service.ask("open 3000 " + path);
            kfr("detach", service);
            service.ask("dump a " + file);
            var events = RecordingFile.readAllEvents(file);
            assertEquals(
                    3000,
                    events.stream()
                            .filter(event -> event.getEventType().getName().equals("kernel.FileOpen"))
                            .filter(event -> event.getString("path").equals(path.toString()))
                            .count());
            assertTrue(
                    events.stream()
                            .filter(event -> event.getEventType().getName().equals("kernel.ProbeStatus"))
                            .anyMatch(event -> event.getString("probe").equals("process_exit")
                                    && event.getString("state").equals("DETACHED")),
                    "the recording tells that the agent left");
            service.endsWell();
        }
    }

    private static void attach(KernelService service) throws Exception {
        kfr("attach", service, "start=sync");
        service.askUntil("mbeans", names -> names.contains("kernel:type=Agent"));
        service.askUntil("types", names -> names.contains("kernel.ChunkEnd"));
    }

    /** Has everything started that the agent starts on demand. */
    private static void useAll(KernelService service) throws Exception {
        service.askUntil("mbeans", names -> names.contains("kernel:type=Agent"));
        service.ask("listen kernel.probe");
        for (var mbean : List.of("Agent", "Syscalls", "Files", "Processes")) {
            service.ask("show " + mbean);
        }
        service.ask("record use kernel.FileOpen#enabled=true kernel.SyscallStatistics#enabled=true");
        service.awaitLinks(List.of(
                "mark_victim",
                "sched_process_exec",
                "sched_process_exit",
                "signal_generate",
                "sys_enter",
                "sys_exit",
                "task_newtask"));
        service.ask("stop use");
    }

    private static void assertNothingIsLeft(KernelService service) throws Exception {
        KernelService.await(() -> BpfDescriptors.of(service.pid()).equals(NOTHING), () -> describe(service));
        assertEquals("", service.ask("mbeans"), "MBeans");
        assertEquals("", service.ask("types"), "event types");
        service.askUntil("threads", names -> !names.contains("kfr"));
        assertEquals(
                List.of(),
                service.jvm().stderr().stream()
                        .filter(line -> line.startsWith("[kfr] WARN") || line.startsWith("[kfr] ERROR"))
                        // start=sync waits for 10 s, which an emulated machine may need
                        .filter(line -> Jvm.slowness() == 1 || !line.contains("is not ready after"))
                        .toList(),
                "what is there to complain of");
    }

    private static String describe(KernelService service) {
        try {
            return BpfDescriptors.of(service.pid()).toString();
        } catch (IOException e) {
            return e.toString();
        }
    }

    private static void kfr(String name, KernelService service, String... options) throws Exception {
        var command = new ArrayList<>(List.of("-jar", Jvm.agentJar().toString(), name, Long.toString(service.pid())));
        command.addAll(List.of(options));
        try (var kfr = Jvm.start(command.toArray(String[]::new))) {
            assertEquals(0, kfr.waitFor(), kfr::toString);
        }
    }
}
