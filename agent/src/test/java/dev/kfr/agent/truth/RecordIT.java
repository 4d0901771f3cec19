// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.truth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.kfr.agent.Jvm;
import dev.kfr.agent.TestCgroup;
import dev.kfr.agent.TestCgroup.Hierarchy;
import dev.kfr.bpf.NeedsKernel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Stream;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command {@code record}: what is in its file is what was done, and how it ends. */
class RecordIT {
    private static final int OPENED = 300;
    private static final int BESIDE = 100;

    @TempDir
    private Path directory;

    private Path file;
    private Path output;

    @BeforeEach
    void files() throws Exception {
        file = Files.writeString(directory.resolve("opened"), "").toRealPath();
        output = directory.resolve("host.jfr");
    }

    private static Jvm record(List<String> before, Object... arguments) throws IOException {
        // In a job of a script Ctrl-C is ignored, also by what it starts.
        var command = new ArrayList<>(List.of("env", "--default-signal=INT"));
        command.addAll(before);
        command.addAll(List.of(
                Path.of(System.getProperty("java.home"), "bin/java").toString(),
                "-jar",
                Jvm.agentJar().toString(),
                "record"));
        Stream.of(arguments).map(String::valueOf).forEach(command::add);
        return Jvm.startCommand(command.toArray(String[]::new));
    }

    /** Each open is recorded, where nothing holds events back. */
    private Jvm recordOpens(Object... arguments) throws Exception {
        var all = new ArrayList<Object>(List.of("--output", output, "--set", "kernel.FileOpen#throttle=off"));
        all.addAll(List.of(arguments));
        var command = record(List.of(), all.toArray());
        command.awaitStderr("recording to " + output);
        return command;
    }

    private static void signal(String name, Jvm command) throws Exception {
        try (var kill = Jvm.startCommand("kill", "-" + name, Long.toString(command.pid()))) {
            assertEquals(0, kill.waitFor(), kill::toString);
        }
    }

    private Events events() throws Exception {
        return Events.inOrder(RecordingFile.readAllEvents(output));
    }

    private static void assertOpens(int done, Events events, Witness witness) {
        long opens = events.of("FileOpen", witness.pid()).stream()
                .filter(event -> event.getString("path").endsWith("/opened"))
                .count();
        events.assertExactly(done, opens, "opens of " + witness);
    }

    @Test
    @NeedsKernel
    void ctrlCEndsTheRecordingAndKeepsWhatHappened() throws Exception {
        try (var witness = Witness.start("open", OPENED, file);
                var command = recordOpens()) {
            witness.go();
            signal("INT", command);
            assertEquals(0, command.waitFor(), command::toString);
            var events = events();
            assertOpens(OPENED, events, witness);
            assertFalse(events.of("ProbeStatus").isEmpty());
            assertTrue(command.stderr().getLast().startsWith(output + ": 0:"), command::toString);
            assertEquals(List.of(), command.stdout(), command::toString);
            assertEquals(2, Files.list(directory).count(), "files left behind");
        }
    }

    /** A shell that opens the file so many times itself, when it may, and ends; beside it the command, which knows it by its pid there. */
    @Test
    @NeedsKernel
    void aProcessIsFoundByItsPidInTheNamespace() throws Exception {
        assumeTrue(System.getProperty("user.name").equals("root"), "only root makes namespaces");
        var go = directory.resolve("go");
        var opens = "(while [ ! -e " + go + " ]; do sleep 0.1; done; i=0;" + " while [ $i -lt " + OPENED + " ]; do : < "
                + file + "; i=$((i+1)); done)";
        var java = Path.of(System.getProperty("java.home"), "bin/java");
        var recorded = java + " -jar " + Jvm.agentJar() + " record --output " + output
                + " --set kernel.FileOpen#throttle=off --pid $!";
        try (var command = Jvm.startCommand(
                "unshare", "--pid", "--fork", "--mount-proc", "sh", "-c", opens + " & " + recorded + "; wait")) {
            command.awaitStderr("recording to ");
            Files.createFile(go);
            assertEquals(0, command.waitFor(), command::toString);
            var events = events();
            long done = events.of("FileOpen").stream()
                    .filter(event -> event.getString("path").equals(file.toString()))
                    .count();
            events.assertExactly(OPENED, done, "opens of the shell");
            assertEquals(1, pids(events).size(), () -> "processes in the recording: " + pids(events));
            assertTrue(pids(events).getFirst() < 10, () -> "its pid in its namespace: " + pids(events));
        }
    }

    @Test
    @NeedsKernel
    void twoCapabilitiesSuffice() throws Exception {
        assumeTrue(System.getProperty("user.name").equals("root"), "only root can take capabilities away");
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxrwxrwx"));
        var jar = Files.copy(Jvm.agentJar(), directory.resolve("kfr.jar"));
        try (var witness = Witness.start("open", OPENED, file);
                var command = Jvm.startCommand(
                        "setpriv",
                        "--reuid",
                        "65534",
                        "--regid",
                        "65534",
                        "--clear-groups",
                        "--inh-caps=+bpf,+perfmon",
                        "--ambient-caps=+bpf,+perfmon",
                        "--bounding-set=-all,+bpf,+perfmon",
                        Path.of(System.getProperty("java.home"), "bin/java").toString(),
                        "-XX:-UsePerfData",
                        "-jar",
                        jar.toString(),
                        "record",
                        "--output",
                        output.toString(),
                        "--set",
                        "kernel.FileOpen#throttle=off")) {
            command.awaitStderr("recording to ");
            witness.go();
            assertEquals(0, command.terminate(), command::toString);
            assertOpens(OPENED, events(), witness);
        }
    }

    @Test
    @NeedsKernel
    void aServiceManagerEndsItInTheSameWay() throws Exception {
        try (var command = recordOpens("--probes", "processes")) {
            assertEquals(0, command.terminate(), command::toString);
            var attached = events().of("ProbeStatus").stream()
                    .map(event -> event.getString("probe") + " " + event.getString("state"))
                    .toList();
            assertTrue(attached.contains("process_exit ATTACHED"), attached::toString);
        }
    }

    @Test
    @NeedsKernel
    void onlyTheProcessIsRecordedAndItsEndIsTheRecordingsEnd() throws Exception {
        try (var witness = Witness.start("open", OPENED, file);
                var other = Witness.start("open", BESIDE, file);
                var command = recordOpens("--pid", witness.pid(), "--settings", "kernel-profile")) {
            other.go();
            witness.go();
            witness.end();
            assertEquals(0, command.waitFor(), command::toString);
            assertTrue(command.stderr().getLast().contains("the process ended; "), command::toString);
            var events = events();
            assertOpens(OPENED, events, witness);
            assertEquals(List.of(witness.pid()), pids(events), "processes in the recording");
            long counted = events.sum("SyscallStatistics", witness.pid(), "count", row -> row.getString("syscall")
                    .equals("openat"));
            assertTrue(counted >= OPENED, () -> counted + " calls of openat in rows");
        }
    }

    /** Of all events that belong to a process. */
    private static List<Long> pids(Events events) {
        return events.all().stream()
                .filter(event -> event.getEventType().getName().startsWith("kernel.") && event.hasField("pid"))
                .map(event -> event.getLong("pid"))
                .filter(pid -> pid > 0) // rows about no single process
                .distinct()
                .toList();
    }

    @Test
    @NeedsKernel
    void onlyTheContainerIsRecorded() throws Exception {
        assumeTrue(System.getProperty("user.name").equals("root"), "only root makes cgroups");
        var hierarchy = Files.exists(Path.of("/sys/fs/cgroup/memory")) ? Hierarchy.V1 : Hierarchy.V2;
        try (var group = TestCgroup.in(hierarchy, "recorded");
                var below = group.below("below");
                var inside = Witness.startBy(group.command(), "open", OPENED, file);
                var deeper = Witness.startBy(below.command(), "open", OPENED, file);
                var outside = Witness.start("open", BESIDE, file);
                var command = recordOpens("--container", group.name())) {
            for (var witness : List.of(outside, inside, deeper)) {
                witness.go();
            }
            signal("INT", command);
            assertEquals(0, command.waitFor(), command::toString);
            var events = events();
            assertOpens(OPENED, events, inside);
            assertOpens(OPENED, events, deeper);
            assertEquals(
                    new TreeSet<>(List.of(inside.pid(), deeper.pid())),
                    new TreeSet<>(pids(events)),
                    "processes in the recording");
        }
    }

    @Test
    @NeedsKernel
    void endsAfterItsTimeAndIsQuietIfAsked() throws Exception {
        long start = System.nanoTime();
        try (var command = record(List.of(), "-o", output, "-d", "1.5s", "--probes", "cpu", "--quiet")) {
            assertEquals(0, command.waitFor(), command::toString);
            assertEquals(List.of(), command.stderr(), command::toString);
            assertTrue(System.nanoTime() - start >= 1_500_000_000L, "it took less than it was to record");
            assertFalse(events().of("ProcessCpu").isEmpty());
            assertEquals(List.of(), events().of("SyscallStatistics"), "a subject that was left out");
        }
    }

    @Test
    void whatCanNotBeDoneIsSaidAndLeavesNoFile() throws Exception {
        Files.writeString(output, "mine");
        refused(1, output + " exists: --force replaces it", "--output", output);
        assertEquals("mine", Files.readString(output));
        Files.delete(output);
        refused(1, "there is no directory " + directory + "/none", "--output", directory + "/none/host.jfr");
        refused(1, "there is no process 99999999", "--output", output, "--pid", 99_999_999);
        refused(1, "no settings fast: there are kernel and kernel-profile", "--output", output, "--settings", "fast");
        refused(
                2,
                "there is no event 'kernel.FileOpens'",
                "--output",
                output,
                "--set",
                "kernel.FileOpens#enabled=true");
        refused(
                2,
                "has no setting 'treshold': valid are enabled, scope, threshold, throttle",
                "--output",
                output,
                "--set",
                "kernel.FileSync#treshold=0ms");
        var mine = Files.writeString(
                directory.resolve("mine.jfc"),
                """
                <configuration version="2.0">
                  <event name="jdk.Unheard"><setting name="enabled">maybe</setting></event>
                  <event name="kernel.FileOpn"><setting name="enabled">true</setting></event>
                </configuration>
                """);
        refused(1, "mine.jfc are wrong: there is no event 'kernel.FileOpn'", "--output", output, "--settings", mine);
        refused(2, "'soon' is no duration: write for instance 30s", "--duration", "soon");
        refused(2, "valid is all, or joined by +", "--output", output, "--probes", "disks");
        refused(2, "mutually exclusive", "--pid", 1, "--container", "x");
        assertFalse(Files.exists(output));
    }

    @Test
    @NeedsKernel
    void anUnknownContainerIsAnsweredWithThoseThatThereAre() throws Exception {
        refused(1, "there is no container nowhere with processes; there are ", "--output", output, "-c", "nowhere");
        assertFalse(Files.exists(output));
    }

    @Test
    void withoutCapabilitiesItNamesWhatIsLackingAndLeavesNoFile() throws Exception {
        assumeTrue(System.getProperty("user.name").equals("root"), "only root can take capabilities away");
        try (var command = record(List.of("setpriv", "--bounding-set=-all", "--inh-caps=-all"), "-o", output)) {
            assertEquals(1, command.waitFor(), command::toString);
            assertTrue(command.stderr().getLast().contains("It lacks CAP_BPF and CAP_PERFMON"), command::toString);
            assertFalse(Files.exists(output));
        }
    }

    private static void refused(int exit, String message, Object... arguments) throws Exception {
        try (var command = record(List.of(), arguments)) {
            assertEquals(exit, command.waitFor(), command::toString);
            assertTrue(
                    command.stderr().stream().anyMatch(line -> line.contains(message)), () -> message + "\n" + command);
        }
    }
}
