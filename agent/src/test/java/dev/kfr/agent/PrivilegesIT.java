// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.kfr.agent.control.Hook;
import dev.kfr.bpf.NeedsKernel;
import dev.kfr.bpf.linux.KernelVersion;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What works for a service that is not root, capability by capability, and that what doesn't is said by name. */
@NeedsKernel
class PrivilegesIT {
    /** From this version on the agent prefers classic tracepoints, and those need tracefs, which is root's. */
    private static final boolean WANTS_TRACEFS = Hook.classicFirst(KernelVersion.running());

    /** Events that a service causes by living beside others. */
    private static final List<String> EVENTS = List.of(
            "kernel.FileOpen",
            "kernel.Syscall",
            "kernel.SyscallStatistics",
            "kernel.FileStatistics",
            "kernel.ProcessStart",
            "kernel.ProcessExit",
            "kernel.ProbeStatus",
            "kernel.EventLoss");

    @TempDir
    private Path directory;

    private Path jar;
    private Path file;

    @BeforeEach
    void whatOthersCanRead() throws Exception {
        assumeTrue(System.getProperty("user.name").equals("root"), "only root can take capabilities away");
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxrwxrwx"));
        jar = Files.copy(Jvm.agentJar(), directory.resolve("kfr.jar"));
        file = Files.writeString(directory.resolve("opened"), "");
    }

    /** Begins a command that then is a user without any rights but these. */
    private static List<String> nobodyWith(String... capabilities) {
        var added = Stream.of(capabilities).map(name -> "+" + name).collect(Collectors.joining(","));
        return Stream.concat(
                        Stream.of("setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"),
                        Stream.of("--inh-caps=", "--ambient-caps=", "--bounding-set=-all,")
                                .map(set -> set + added))
                .toList();
    }

    private KernelService start(List<String> command) throws Exception {
        var service = KernelService.startCommand(command, "-javaagent:" + jar + "=start=sync", "-XX:-UsePerfData");
        service.askUntil("mbeans", names -> names.contains("kernel:type=Agent"));
        return service;
    }

    private List<RecordedEvent> ownOpens(KernelService service) throws Exception {
        return events(service).stream()
                .filter(event -> event.getEventType().getName().equals("kernel.FileOpen"))
                .filter(event -> event.getLong("pid") == service.pid())
                .filter(event -> event.getString("path").equals(file.toString()))
                .toList();
    }

    @Test
    void everyEventComesWithTwoCapabilities() throws Exception {
        try (var service = start(nobodyWith("bpf", "perfmon"))) {
            service.askUntil("types", names -> names.contains("kernel.ChunkEnd"));
            service.ask("record a kernel.FileOpen#enabled=true kernel.FileOpen#throttle=off"
                    + " kernel.Syscall#enabled=true kernel.Syscall#threshold=0ms"
                    + EVENTS.stream().map(name -> " " + name + "#enabled=true").collect(Collectors.joining()));
            KernelService.await(
                    () -> {
                        service.ask("open 1 " + file);
                        service.ask("run true");
                        return recorded(service).containsAll(EVENTS)
                                && !ownOpens(service).isEmpty();
                    },
                    () -> "recorded: " + recorded(service));
            var probes = service.ask("get Agent Probes");
            assertTrue(!probes.contains("state=FAILED") && probes.contains("state=ATTACHED"), probes);
            var own = ownOpens(service).getFirst();
            assertEquals("main", own.getThread("javaThread").getJavaName(), "thread of the service");
            assertEquals(65534, own.getLong("uid"));
            assertTrue(
                    events(service).stream()
                            .filter(event -> event.getEventType().getName().equals("kernel.SyscallStatistics"))
                            .anyMatch(row -> row.getLong("pid")
                                            == ProcessHandle.current().pid()
                                    && row.getString("processName").equals("java")
                                    && row.getLong("uid") == 0),
                    "a row of another user's process, with its name");
            service.endsWell();
        }
    }

    @Test
    void countersRunWithTwoCapabilitiesAndOnlyRunTimesAreMissing() throws Exception {
        try (var service = start(nobodyWith("bpf", "perfmon"))) {
            assertMissing(service, List.of());
            for (var counter : List.of("Syscalls Calls", "Files Opens", "Processes Executed")) {
                service.askUntil("get " + counter, value -> {
                    run();
                    return Long.parseLong(value) > 0;
                });
            }
            service.askUntil("types", names -> names.contains("kernel.ChunkEnd"));
            service.ask("record a kernel.ProbeStatus#enabled=true");
            service.ask("get Agent Probes"); // whose run times somebody wants to see now
            service.askUntil("get Agent State", "DEGRADED"::equals);
            assertMissing(
                    service,
                    List.of("run times of probes: enable run statistics: EPERM. Only a process with CAP_SYS_ADMIN"));
            service.jvm().awaitStderr("[kfr] WARN run times of probes: ");
            KernelService.await(
                    () -> events(service).stream()
                            .filter(event -> event.getEventType().getName().equals("kernel.ProbeStatus"))
                            .anyMatch(event -> event.getString("message").contains("CAP_SYS_ADMIN")),
                    () -> "no kernel.ProbeStatus tells of it");
            service.endsWell();
        }
    }

    /** What a service does as its last step. */
    private static void run() {
        try {
            new ProcessBuilder("true").start().waitFor();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    /** As before Linux 5.8, where the two capabilities did not exist, and good still. */
    @Test
    void nothingIsMissingWithTheOneForAll() throws Exception {
        try (var service = start(nobodyWith("sys_admin"))) {
            service.askUntil("mbeans", names -> names.contains("kernel:type=Agent"));
            service.ask("get Syscalls Calls");
            service.askUntil("get Syscalls Calls", calls -> Long.parseLong(calls) > 0);
            service.ask("get Agent Probes");
            service.askUntil(
                    "get Agent Probes",
                    rows -> Pattern.compile("runTime=[1-9]").matcher(rows).find());
            assertMissing(service, List.of());
            service.endsWell();
        }
    }

    @Test
    void hiddenProcessesAreToldOf() throws Exception {
        var command = new ArrayList<>(
                List.of("unshare", "-m", "sh", "-c", "mount -t proc -o hidepid=2 proc /proc && exec \"$@\"", "sh"));
        command.addAll(nobodyWith("bpf", "perfmon"));
        try (var service = start(command)) {
            assertMissing(service, List.of("/proc hides processes of other users (hidepid)"));
            service.jvm().awaitStderr("[kfr] WARN names of processes in rows: ");
            service.askUntil("mbeans", names -> names.contains("kernel:type=Agent"));
            service.ask("get Syscalls Calls");
            service.askUntil("get Syscalls Calls", calls -> Long.parseLong(calls) > 0);
            service.endsWell();
        }
    }

    /** The state and its reason name these things, and nothing else but what this kernel wants more. */
    private static void assertMissing(KernelService service, List<String> things) throws Exception {
        var reason = service.ask("get Agent StateReason");
        var said = Stream.of(reason.split("; (?=run times|names of|probe )"))
                .filter(part -> !part.isEmpty())
                .filter(part -> !(WANTS_TRACEFS && part.startsWith("probe ") && part.contains("_classic: ")))
                .toList();
        assertEquals(things.size(), said.size(), reason);
        for (int i = 0; i < said.size(); i++) {
            assertTrue(said.get(i).contains(things.get(i)), reason);
        }
        assertEquals(reason.isEmpty() ? "RUNNING" : "DEGRADED", service.ask("get Agent State"), reason);
    }

    private TreeSet<String> recorded(KernelService service) {
        return events(service).stream()
                .map(event -> event.getEventType().getName())
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private List<RecordedEvent> events(KernelService service) {
        try {
            var dump = directory.resolve("dump.jfr");
            service.ask("dump a " + dump);
            return RecordingFile.readAllEvents(dump);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }
}
