// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.kfr.bpf.NeedsKernel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A service in a pid namespace or a cgroup of its own, as in a container. */
@NeedsKernel
class NamespaceIT {
    private static final List<String> OWN_PID_NAMESPACE = List.of("unshare", "--pid", "--fork", "--mount-proc");

    @TempDir
    private Path directory;

    private Path opened;

    @BeforeEach
    void aFile() throws Exception {
        assumeTrue(System.getProperty("user.name").equals("root"), "only root makes namespaces and cgroups");
        opened = Files.writeString(directory.resolve("opened"), "");
    }

    @Test
    void pidsAreThoseThatTheServiceSees() throws Exception {
        try (var service = start(OWN_PID_NAMESPACE, "scope=host")) {
            service.ask("record a kernel.FileOpen#enabled=true kernel.FileOpen#throttle=off");
            awaitProduced(service);
            service.ask("open 1 " + opened);
            var child = service.ask("run cat " + opened);
            openOutside();
            var opens = opensOf(service);
            assertEquals(3, opens.size(), () -> opens.toString());
            var own = opens.getFirst();
            assertEquals("main", own.getThread("javaThread").getJavaName(), "thread of the service");
            assertEquals(1, own.getLong("pid"), "its pid, where it is the first process");
            assertEquals("", own.getString("pidNamespace"));
            assertEquals(child, opens.get(1).getLong("pid") + " 0", "pid of a child as the service sees it");
            assertEquals("", opens.get(1).getString("pidNamespace"));
            var outside = opens.get(2);
            assertEquals("host", outside.getString("pidNamespace"), "whose pid it is that the service can't see");
            assertNotEquals("", outside.getString("processName"));
            service.endsWell();
        }
    }

    @Test
    void rowsNameTheProcessesThatTheServiceSees() throws Exception {
        try (var service = start(OWN_PID_NAMESPACE, "scope=host")) {
            service.ask("record a kernel.SyscallStatistics#enabled=true kernel.FileStatistics#enabled=true");
            KernelService.await(
                    () -> {
                        service.ask("run cat " + opened);
                        return rowsOf(service, "cat").stream()
                                .anyMatch(row -> row.getString("pidNamespace").isEmpty());
                    },
                    () -> "no row of a child with the pid that the service sees");
            var own = rowsOf(service, "java").stream()
                    .filter(row -> row.getString("pidNamespace").isEmpty())
                    .map(row -> row.getLong("pid"))
                    .distinct()
                    .toList();
            assertEquals(List.of(1L), own, "pids of Java processes that the service sees: its own");
            service.endsWell();
        }
    }

    private List<RecordedEvent> rowsOf(KernelService service, String process) throws Exception {
        var file = directory.resolve("rows.jfr");
        service.ask("dump a " + file);
        return RecordingFile.readAllEvents(file).stream()
                .filter(event -> event.getEventType().getName().equals("kernel.SyscallStatistics"))
                .filter(event -> event.getString("processName").equals(process))
                .toList();
    }

    @Test
    void scopeJvmIsTheServiceAlone() throws Exception {
        try (var service = start(OWN_PID_NAMESPACE, "scope=jvm")) {
            service.ask("record a kernel.FileOpen#enabled=true kernel.FileOpen#throttle=off");
            awaitProduced(service);
            service.ask("run cat " + opened);
            openOutside();
            service.ask("open 1 " + opened);
            var opens = opensOf(service);
            assertEquals(1, opens.size(), () -> opens.toString());
            assertEquals(1, opens.getFirst().getLong("pid"));
            service.endsWell();
        }
    }

    @Test
    void theAgentsThreadsAreLeftOutInANamespaceToo() throws Exception {
        try (var service = start(OWN_PID_NAMESPACE, "scope=jvm")) {
            service.ask(
                    "record a kernel.Syscall#enabled=true kernel.Syscall#threshold=0ns kernel.Syscall#waiting=true");
            for (int i = 0; i < 50; i++) {
                service.ask("open 1 " + opened);
            }
            KernelService.await(() -> service.events("syscalls", "recorded") > 200, () -> "no calls of the service");
            var file = directory.resolve("calls.jfr");
            service.ask("dump a " + file);
            var threads = RecordingFile.readAllEvents(file).stream()
                    .filter(event -> event.getEventType().getName().equals("kernel.Syscall"))
                    .map(event -> event.getString("threadName"))
                    .distinct()
                    .toList();
            assertTrue(threads.contains("java"), () -> threads.toString());
            assertTrue(
                    threads.stream().noneMatch(name -> name.startsWith("kfr-") || name.startsWith("JFR Recorder")),
                    () -> threads.toString());
            service.endsWell();
        }
    }

    @Test
    void parentsAreNumberedAsTheServiceSeesThem() throws Exception {
        try (var service = start(OWN_PID_NAMESPACE, "scope=jvm")) {
            service.ask("record a kernel.FileOpen#enabled=true kernel.FileOpen#throttle=off"
                    + " kernel.ProcessExit#enabled=true kernel.ProcessExit#scope=host");
            awaitProduced(service);
            service.ask("run cat " + opened);
            var file = directory.resolve("exits.jfr");
            service.ask("dump a " + file);
            var parents = RecordingFile.readAllEvents(file).stream()
                    .filter(event -> event.getEventType().getName().equals("kernel.ProcessExit"))
                    .filter(event -> event.getString("processName").equals("cat"))
                    .filter(event -> event.getString("pidNamespace").isEmpty())
                    .map(event -> event.getLong("parentPid"))
                    .toList();
            assertEquals(List.of(1L), parents);
            service.endsWell();
        }
    }

    @Test
    void scopeContainerIsTheCgroupAndWhatIsBelow() throws Exception {
        var hierarchy = Path.of("/sys/fs/cgroup/memory");
        assumeTrue(
                Files.isWritable(hierarchy.resolve("cgroup.procs")), "no cgroup hierarchy of controller memory here");
        onlyTheCgroupIsSeen(hierarchy, "scope=container", List.of());
    }

    @Test
    void scopeContainerInAPidNamespace() throws Exception {
        var hierarchy = Path.of("/sys/fs/cgroup/memory");
        assumeTrue(
                Files.isWritable(hierarchy.resolve("cgroup.procs")), "no cgroup hierarchy of controller memory here");
        onlyTheCgroupIsSeen(hierarchy, "scope=container", OWN_PID_NAMESPACE);
    }

    private void onlyTheCgroupIsSeen(Path hierarchy, String options, List<String> prefix) throws Exception {
        // within the test's own cgroup, so that outside of the service's is not outside of everything
        var own = Files.readAllLines(Path.of("/proc/self/cgroup")).stream()
                .filter(line -> line.matches("\\d+:([^:]*,)?memory(,[^:]*)?:.*"))
                .map(line -> line.substring(line.lastIndexOf(':') + 2))
                .findFirst()
                .orElse("");
        var group = Files.createDirectories(hierarchy
                .resolve(own)
                .resolve("kfr-test-" + ProcessHandle.current().pid()));
        var below = Files.createDirectories(group.resolve("below"));
        try {
            var command = new ArrayList<>(inCgroup(group));
            command.addAll(prefix);
            try (var service = start(command, options)) {
                service.ask("record a kernel.FileOpen#enabled=true kernel.FileOpen#throttle=off");
                awaitProduced(service);
                service.ask("open 1 " + opened);
                service.ask("run cat " + opened);
                openOutside();
                var cat = new ArrayList<>(inCgroup(below));
                cat.addAll(List.of("cat", opened.toString()));
                assertEquals(0, new ProcessBuilder(cat).start().waitFor());
                var opens = opensOf(service);
                assertEquals(3, opens.size(), () -> opens.toString());
                assertEquals(group.getFileName().toString(), opens.getFirst().getString("container"));
                assertEquals("below", opens.getLast().getString("container"));
                service.endsWell();
            }
        } finally {
            KernelService.await(() -> remove(below) && remove(group), () -> group + " is in use");
        }
    }

    private static boolean remove(Path group) {
        try {
            Files.deleteIfExists(group);
            return true;
        } catch (IOException busy) {
            return false;
        }
    }

    private static List<String> inCgroup(Path group) {
        return List.of("sh", "-c", "echo $$ > " + group.resolve("cgroup.procs") + " && exec \"$@\"", "sh");
    }

    private KernelService start(List<String> prefix, String options) throws Exception {
        var service = KernelService.startCommand(prefix, Jvm.agent("start=sync," + options));
        service.askUntil("types", names -> names.contains("kernel.ChunkEnd"));
        service.askUntil("mbeans", names -> names.contains("kernel:type=Agent"));
        return service;
    }

    /** What is recorded reaches the kernel a moment after the recording's start. */
    private void awaitProduced(KernelService service) throws Exception {
        var path = Files.writeString(directory.resolve("attached"), "");
        KernelService.await(
                () -> {
                    service.ask("open 1 " + path);
                    return service.events("files", "produced") > 0;
                },
                () -> "opens produce no events");
    }

    private void openOutside() throws Exception {
        Files.readString(opened);
    }

    private List<RecordedEvent> opensOf(KernelService service) throws Exception {
        var file = directory.resolve("opens.jfr");
        service.ask("dump a " + file);
        return RecordingFile.readAllEvents(file).stream()
                .filter(event -> event.getEventType().getName().equals("kernel.FileOpen"))
                .filter(event -> event.getString("path").equals(opened.toString()))
                .sorted(Comparator.comparing(RecordedEvent::getStartTime))
                .toList();
    }
}
