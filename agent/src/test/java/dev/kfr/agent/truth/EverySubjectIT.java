// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.truth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.kfr.agent.Jvm;
import dev.kfr.agent.KernelService;
import dev.kfr.agent.TestCgroup;
import dev.kfr.agent.TestCgroup.Hierarchy;
import dev.kfr.bpf.NeedsKernel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Scopes and pid namespaces mean the same for each subject, for single events and for rows. */
@NeedsKernel
class EverySubjectIT {
    /** Events and rows that a process gets which does something of each subject, with settings that let all through. */
    private static final Map<String, String> OF_PROCESSES = new TreeMap<>(Map.ofEntries(
            Map.entry("Syscall", "threshold=0ms throttle=off waiting=true"),
            Map.entry("SyscallStatistics", ""),
            Map.entry("FileOpen", "throttle=off"),
            Map.entry("FileStatistics", ""),
            Map.entry("ProcessExit", ""),
            Map.entry("RunQueueWait", "threshold=0ms throttle=off"),
            Map.entry("ProcessCpu", ""),
            Map.entry("PageFaults", ""),
            Map.entry("SocketCreate", "throttle=off"),
            Map.entry("NetworkStatistics", ""),
            Map.entry("KernelMemory", "")));

    private static final int TIMES = 200;

    @TempDir
    private Path directory;

    private Path file;

    @BeforeEach
    void aFile() throws Exception {
        assumeTrue(System.getProperty("user.name").equals("root"), "only root makes cgroups and namespaces");
        file = Files.writeString(directory.resolve("opened"), "").toRealPath();
    }

    private static String[] settings() {
        return OF_PROCESSES.entrySet().stream()
                .map(type -> (type.getKey() + " " + type.getValue()).strip())
                .toArray(String[]::new);
    }

    /** Types of which there is no event that is like this. */
    private static List<String> without(Events events, Predicate<RecordedEvent> wanted) {
        return OF_PROCESSES.keySet().stream()
                .filter(type -> events.of(type).stream().noneMatch(wanted))
                .toList();
    }

    /** Types of which there is an event that is like this. */
    private static List<String> with(Events events, Predicate<RecordedEvent> unwanted) {
        return OF_PROCESSES.keySet().stream()
                .filter(type -> events.of(type).stream().anyMatch(unwanted))
                .toList();
    }

    @ParameterizedTest
    @EnumSource
    void scopeContainerLeavesOutWhatIsBesideIt(Hierarchy hierarchy) throws Exception {
        try (var own = TestCgroup.in(hierarchy, "own");
                var sibling = TestCgroup.in(hierarchy, "sibling");
                var below = own.below("below");
                var host = Host.startBy(own.command(), "scope=container");
                var inside = Witness.startBy(below.command(), "all", TIMES, file);
                var beside = Witness.startBy(sibling.command(), "all", TIMES, file);
                var recording = host.record(settings())) {
            inside.go().end();
            beside.go().end();
            var events = recording.stop();
            assertEquals(List.of(), without(events, event -> event.getLong("pid") == inside.pid()), "missing inside");
            assertEquals(List.of(), with(events, event -> event.getLong("pid") == beside.pid()), "told of outside");
            assertEquals(
                    List.of(),
                    with(
                            events,
                            event -> event.getLong("pid") == inside.pid()
                                    && !event.getString("container").equals("below")),
                    "with another container's name");
        }
    }

    @Test
    void scopeJvmIsTheServiceAlone() throws Exception {
        try (var host = Host.start("scope=jvm");
                var witness = Witness.start("all", TIMES, file);
                var recording = host.record(settings())) {
            witness.go().end();
            var events = recording.stop();
            long service = host.jvm().pid();
            assertEquals(
                    List.of("ProcessExit", "SocketCreate"), // which the service doesn't do
                    without(events, event -> event.getLong("pid") == service),
                    "missing of the service");
            assertEquals(List.of(), with(events, event -> event.getLong("pid") != service), "told of others");
        }
    }

    /** In a cgroup of its own, since all that a busy host does might not reach the recording in time. */
    @ParameterizedTest
    @EnumSource
    void pidsAreThoseThatTheServiceSees(Hierarchy hierarchy) throws Exception {
        var name = "all-" + ProcessHandle.current().pid(); // other tests may have witnesses of their own
        var first = "first-" + ProcessHandle.current().pid();
        try (var own = TestCgroup.in(hierarchy, "own");
                var service = KernelService.startCommand(
                        Stream.concat(own.command().stream(), Stream.of("unshare", "--pid", "--fork", "--mount-proc"))
                                .toList(),
                        Jvm.agent("start=sync,scope=container"))) {
            service.askUntil("types", names -> names.contains("kernel.ChunkEnd"));
            service.askUntil("mbeans", names -> names.contains("kernel:type=Agent"));
            service.ask("record a "
                    + Stream.of(settings()).map(EverySubjectIT::ofJfr).collect(Collectors.joining(" ")));
            KernelService.await(() -> probesAttached(service), () -> "probes: " + service.jvm());
            // What a recording asks for comes one after the other, and not all of it is a probe.
            KernelService.await(
                    () -> {
                        runWitness(service, first);
                        return without(dump(service), event -> first.equals(event.getString("processName")))
                                .isEmpty();
                    },
                    () -> "not all is recorded: " + service.jvm());
            long pid = runWitness(service, name);
            Predicate<RecordedEvent> witness = event -> name.equals(event.getString("processName"));
            Predicate<RecordedEvent> ofWitness =
                    witness.and(event -> event.getLong("pid") == pid && "".equals(event.getString("pidNamespace")));
            // What a process did last is told when the kernel has freed it, which may be after a dump.
            var events = dump(service);
            for (int again = 0; again < 20 && !without(events, ofWitness).isEmpty(); again++) {
                Thread.sleep(500);
                events = dump(service);
            }
            assertEquals(List.of(), without(events, ofWitness), "missing with pid " + pid);
            // Until its children are programs of their own they have its name.
            var children = events.of("ProcessExit").stream()
                    .filter(event -> event.getLong("parentPid") == pid)
                    .map(event -> event.getLong("pid"))
                    .toList();
            Predicate<RecordedEvent> other =
                    witness.and(event -> event.getLong("pid") != pid && !children.contains(event.getLong("pid")));
            var others = OF_PROCESSES.keySet().stream()
                    .map(events::of)
                    .flatMap(List::stream)
                    .filter(other)
                    .toList();
            assertEquals(List.of(), others, "with another pid than " + pid);
            assertEquals(
                    List.of(),
                    with(events, event -> "".equals(event.getString("pidNamespace")) && event.getLong("pid") > 1000),
                    "with the host's pid, as if the service saw it");
            service.endsWell();
        }
    }

    /** Has the service start a witness of this name, and returns the pid that it says it has. */
    private long runWitness(KernelService service, String name) throws Exception {
        var program = directory.resolve(name);
        Files.copy(Witness.program(), program, StandardCopyOption.COPY_ATTRIBUTES, StandardCopyOption.REPLACE_EXISTING);
        var told = directory.resolve("told");
        var script = Files.writeString(
                directory.resolve("script"), "echo go | exec %s all %d %s > %s".formatted(program, TIMES, file, told));
        service.ask("run sh " + script);
        return Long.parseLong(
                Files.readString(told).lines().findFirst().orElseThrow().replace("pid=", ""));
    }

    private Events dump(KernelService service) throws Exception {
        var dump = directory.resolve("dump.jfr");
        service.ask("dump a " + dump);
        return Events.inOrder(RecordingFile.readAllEvents(dump));
    }

    private static boolean probesAttached(KernelService service) throws Exception {
        var probes = service.ask("get Agent Probes");
        return Stream.of("sys_exit", "sched_switch").allMatch(probes::contains) && !probes.contains("state=FAILED");
    }

    private static String ofJfr(String event) {
        var words = event.split(" ");
        return Stream.concat(Stream.of("enabled=true"), Stream.of(words).skip(1))
                .map(setting -> "kernel." + words[0] + "#" + setting)
                .collect(Collectors.joining(" "));
    }
}
