// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.truth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.kfr.agent.Jvm;
import dev.kfr.agent.TestCgroup;
import dev.kfr.agent.TestCgroup.Hierarchy;
import dev.kfr.bpf.NeedsKernel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import jdk.jfr.consumer.RecordedEvent;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Scope {@code container}: processes of the service's cgroup and below, all of what they do, and nothing of others. */
@NeedsKernel
class ContainersIT {
    /** How often the file is opened, and where. */
    private static final int INSIDE = 300;

    private static final int BELOW = 200;
    private static final int BESIDE = 100;
    private static final int OUTSIDE = 50;

    @TempDir
    private Path directory;

    private Path file;

    @BeforeEach
    void aFile() throws Exception {
        assumeTrue(System.getProperty("user.name").equals("root"), "only root makes cgroups");
        file = Files.writeString(directory.resolve("opened"), "").toRealPath();
    }

    @ParameterizedTest
    @EnumSource
    void onlyTheCgroupAndWhatIsBelowIsRecordedAndCounted(Hierarchy hierarchy) throws Exception {
        try (var own = TestCgroup.in(hierarchy, "own");
                var sibling = TestCgroup.in(hierarchy, "own-2");
                var below = own.below("below");
                var host = Host.startBy(own.command(), "scope=container");
                var inside = Witness.startBy(own.command(), "open", INSIDE, file);
                var deeper = Witness.startBy(below.command(), "open", BELOW, file);
                var beside = Witness.startBy(sibling.command(), "open", BESIDE, file);
                var outside = Witness.start("open", OUTSIDE, file)) {
            host.count("Syscalls");
            host.count("Files");
            try (var recording =
                    host.record("FileOpen throttle=off", "FileStatistics", "SyscallStatistics", "ProcessExit")) {
                for (var witness : List.of(inside, deeper, beside, outside)) {
                    witness.go();
                }
                for (var witness : List.of(inside, deeper)) {
                    assertNotNull(host.row("Files", "TopProcesses", witness.pid()), "row of the MBean");
                }
                for (var witness : List.of(beside, outside)) {
                    assertNull(host.row("Files", "TopProcesses", witness.pid()), "row of the MBean");
                    assertNull(host.row("Syscalls", "TopProcesses", witness.pid()), "row of the MBean");
                }
                for (var witness : List.of(inside, deeper, beside, outside)) {
                    witness.end();
                }
                var events = recording.stop();
                assertSeen(events, inside, INSIDE, own.name());
                assertSeen(events, deeper, BELOW, "below");
                assertUnseen(events, beside);
                assertUnseen(events, outside);
                var opened = events.of("FileOpen").stream()
                        .filter(open -> open.getString("path").equals(file.toString()))
                        .count();
                events.assertExactly(INSIDE + BELOW, opened, "opens of the file");
            }
        }
    }

    private void assertSeen(Events events, Witness witness, int opens, String container) {
        long pid = witness.pid();
        events.assertExactly(opens, events.of("FileOpen", pid).size(), "events");
        events.assertExactly(opens, events.sum("FileStatistics", pid, "opens"), "opens of rows");
        events.assertExactly(
                opens,
                events.sum("SyscallStatistics", pid, "count", row -> row.getString("syscall")
                        .equals("openat")),
                "calls of rows");
        assertEquals(1, events.of("ProcessExit", pid).size(), "exits");
        for (var type : List.of("FileOpen", "FileStatistics", "SyscallStatistics", "ProcessExit")) {
            assertEquals(Set.of(container), containers(events.of(type, pid)), type);
        }
    }

    private static void assertUnseen(Events events, Witness witness) {
        for (var type : List.of("FileOpen", "FileStatistics", "SyscallStatistics", "ProcessExit")) {
            assertEquals(List.of(), events.of(type, witness.pid()), type + " of a process outside");
        }
    }

    private static Set<String> containers(List<RecordedEvent> events) {
        return events.stream().map(event -> event.getString("container")).collect(Collectors.toSet());
    }

    /** A process counts from the moment on at which it comes into the container, and until it leaves. */
    @ParameterizedTest
    @EnumSource
    void aProcessThatIsMovedBelongsToWhereItIs(Hierarchy hierarchy) throws Exception {
        try (var own = TestCgroup.in(hierarchy, "own");
                var sibling = TestCgroup.in(hierarchy, "other");
                var host = Host.startBy(own.command(), "scope=container");
                var shell = new OpeningShell(sibling.command(), file)) {
            host.count("Syscalls");
            try (var recording = host.record("FileOpen throttle=off")) {
                shell.open(10);
                own.take(shell.pid());
                shell.open(7);
                sibling.take(shell.pid());
                shell.open(5);
                own.take(shell.pid());
                shell.open(3);
                var events = recording.stop();
                var opens = events.of("FileOpen", shell.pid());
                events.assertExactly(10, opens.size(), "opens in the container: 7 and 3 of 25");
                assertEquals(Set.of(own.name()), containers(opens));
            }
        }
    }

    /** A service that sees its cgroup as the root, as runtimes have it: names are those that the host knows, of others too. */
    @ParameterizedTest
    @EnumSource
    void namesAreTheHostsAlsoFromInsideACgroupNamespace(Hierarchy hierarchy) throws Exception {
        // where there are both, a service that is in the root of its namespace everywhere is told by v1
        assumeTrue(
                hierarchy == Hierarchy.V1 || Files.exists(Path.of("/sys/fs/cgroup/cgroup.controllers")), "no v2 alone");
        try (var own = TestCgroup.in(hierarchy, "own");
                var sibling = TestCgroup.in(hierarchy, "sibling");
                var below = own.below("below");
                var host = Host.startBy(
                        Stream.concat(own.command().stream(), Stream.of("unshare", "--cgroup"))
                                .toList(),
                        "scope=host");
                var deeper = Witness.startBy(below.command(), "open", BELOW, file);
                var beside = Witness.startBy(sibling.command(), "open", BESIDE, file);
                var recording = host.record("FileOpen throttle=off", "FileStatistics", "SyscallStatistics")) {
            deeper.go();
            beside.go();
            var events = recording.stop();
            for (var type : List.of("FileOpen", "FileStatistics", "SyscallStatistics")) {
                assertEquals(Set.of("below"), containers(events.of(type, deeper.pid())), type);
                assertEquals(Set.of(sibling.name()), containers(events.of(type, beside.pid())), type);
            }
            var service = containers(events.of("SyscallStatistics", host.jvm().pid()));
            assertEquals(Set.of(own.name()), service, "the service itself");
        }
    }

    /** A shell that opens a file as often as it gets a line. */
    private static final class OpeningShell implements AutoCloseable {
        private final Jvm process;
        private int opened;

        OpeningShell(List<String> command, Path file) throws Exception {
            process = Jvm.startCommand(Stream.concat(
                            command.stream(),
                            List.of("sh", "-c", "echo ready; while read n; do : < " + file + "; echo opened=$n; done")
                                    .stream())
                    .toArray(String[]::new));
            process.awaitStdout("ready");
        }

        long pid() {
            return process.pid();
        }

        void open(int times) throws Exception {
            for (int i = 0; i < times; i++) {
                process.write(Integer.toString(++opened));
            }
            process.awaitStdout("opened=" + opened);
        }

        @Override
        public void close() {
            process.close();
        }
    }

    /**
     * On a host with ten thousand cgroups, each of a process that ends at once, each event has the right name: it comes from the kernel, and
     * nobody goes through the cgroups of the host to find it.
     */
    @Test
    void tenThousandCgroupsHaveTheirNames() throws Exception {
        final int cgroups = 10_000;
        try (var parent = TestCgroup.in(Hierarchy.V2, "many");
                var service = TestCgroup.in(Hierarchy.V2, "service");
                var host = Host.startBy(service.command(), "scope=host");
                var witness = Witness.start("cgroups", cgroups, parent.directory(), file);
                var recording = host.record("FileOpen throttle=off")) {
            witness.go();
            var events = recording.stop();
            var opens = events.of("FileOpen").stream()
                    .filter(open -> open.getString("path").equals(file.toString()))
                    .filter(open -> open.getString("processName").equals("witness"))
                    .toList();
            events.assertExactly(cgroups, opens.size(), "events");
            var wrong = opens.stream()
                    .map(open -> open.getString("container"))
                    .filter(name -> !name.matches("job\\d+"))
                    .toList();
            assertTrue(
                    wrong.isEmpty(),
                    () -> wrong.size() + " without a name, such as "
                            + wrong.stream().limit(5).toList());
            events.assertExactly(cgroups, containers(opens).size(), "names");
        }
    }
}
