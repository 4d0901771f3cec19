// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.kfr.bpf.NeedsKernel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.spi.ToolProvider;
import java.util.stream.Stream;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What can go wrong between the agent and the kernel, each really provoked: one line says why and what helps, {@code kernel:type=Agent} tells the
 * same, nothing is left open, and the service runs as if the agent were not there.
 */
@NeedsKernel
class FailureIT {
    private static final List<String> NOBODY =
            List.of("setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups");
    private static final Path MEMORY = Path.of("/sys/fs/cgroup/memory");

    @TempDir
    private Path directory;

    private Path jar;

    @BeforeEach
    void aJarThatOthersCanRead() throws Exception {
        assumeTrue(System.getProperty("user.name").equals("root"), "only root can take capabilities away");
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        jar = Files.copy(Jvm.agentJar(), directory.resolve("kfr.jar"));
    }

    @Test
    void withoutCapabilities() throws Exception {
        unavailable(
                concat(NOBODY, "--inh-caps=-all", "--bounding-set=-all"),
                "",
                "EPERM",
                "It lacks CAP_BPF and CAP_PERFMON",
                "Give the process CAP_BPF and CAP_PERFMON");
    }

    @Test
    void withOneCapabilityOfTwo() throws Exception {
        unavailable(concat(NOBODY, "--inh-caps=+bpf", "--ambient-caps=+bpf"), "", "EPERM", "It lacks CAP_PERFMON. ");
    }

    @Test
    void withTheOtherCapabilityOfTwo() throws Exception {
        unavailable(
                concat(NOBODY, "--inh-caps=+perfmon", "--ambient-caps=+perfmon"), "", "EPERM", "It lacks CAP_BPF. ");
    }

    @Test
    void asRootOfAUserNamespace() throws Exception {
        var rootless = List.of("unshare", "--user", "--map-root-user");
        assumeTrue(new ProcessBuilder(concat(rootless, "true")).start().waitFor() == 0, "no user namespaces here");
        unavailable(rootless, "", "EPERM", "as in a rootless container, do not count");
    }

    @Test
    void whereSeccompRefusesBpf() throws Exception {
        var launcher = directory.resolve("refuse-bpf").toString();
        try (var compiler = Jvm.startCommand("clang", "-o", launcher, "src/test/c/refuse-bpf.c")) {
            assertEquals(0, compiler.waitFor(), compiler::toString);
        }
        unavailable(List.of(launcher), "", "EPERM", "seccomp profile");
    }

    @Test
    void onAKernelWithoutBtf() throws Exception {
        var empty = Files.createDirectory(directory.resolve("empty"));
        unavailable(
                List.of("unshare", "-m", "sh", "-c", "mount --bind " + empty + " /sys/kernel/btf && exec \"$@\"", "sh"),
                "",
                "no such file: the kernel has no BTF",
                "CONFIG_DEBUG_INFO_BTF");
    }

    @Test
    void withAnEmptyBtf() throws Exception {
        var empty = Files.createFile(directory.resolve("empty"));
        unavailable(
                List.of(
                        "unshare",
                        "-m",
                        "sh",
                        "-c",
                        "mount --bind " + empty + " /sys/kernel/btf/vmlinux && exec \"$@\"",
                        "sh"),
                "",
                "the file is empty",
                "CONFIG_DEBUG_INFO_BTF");
    }

    @Test
    void withFewDescriptors() throws Exception {
        unavailable(
                List.of("sh", "-c", "ulimit -n 50 && exec \"$@\"", "sh"),
                "",
                "EMFILE",
                "file descriptors are left to the service",
                "ulimit -n");
    }

    @Test
    void withARingThatIsTooLarge() throws Exception {
        inCgroup(group -> {
            Files.writeString(group.resolve("memory.limit_in_bytes"), "200M");
            unavailable(
                    List.of("sh", "-c", "echo $$ > " + group.resolve("cgroup.procs") + " && exec \"$@\"", "sh"),
                    ",ring=256M",
                    "create map ring: ENOMEM",
                    " MB are needed, and the memory limit of the cgroup leaves ",
                    "option ring");
        });
    }

    @Test
    void whenDescriptorsRunOutLater() throws Exception {
        try (var service = KernelService.start(agent(""))) {
            service.askUntil("mbeans", names -> names.contains("kernel:type=Agent"));
            var before = BpfDescriptors.of(service.pid());
            limitDescriptors(service, BpfDescriptors.all(service.pid()) + 10);
            service.ask("get Syscalls Calls");
            service.askUntil("get Agent State", "DEGRADED"::equals);
            assertContains(service.ask("get Agent StateReason"), "sys_enter", "sys_exit", "EMFILE", "ulimit -n");
            awaitDescriptors(service, before);
            assertEquals(
                    1,
                    service.jvm().stderr().stream()
                            .filter(line -> line.contains("WARN"))
                            .count(),
                    service.jvm()::toString);
            limitDescriptors(service, 1024);
            service.ask("invoke Agent disable syscalls");
            service.askUntil("get Agent State", "RUNNING"::equals);
            service.ask("invoke Agent enable syscalls");
            service.awaitLinks(KernelService.WITH_SYSCALLS);
            service.endsWell();
        }
    }

    @Test
    void whenAMapCannotBeCreatedLater() throws Exception {
        inCgroup(group -> {
            try (var service = KernelService.startCommand(
                    List.of("sh", "-c", "echo $$ > " + group.resolve("cgroup.procs") + " && exec \"$@\"", "sh"),
                    agent(",processes=100000"),
                    "-Xmx64m")) {
                service.askUntil("mbeans", names -> names.contains("kernel:type=Agent"));
                service.askUntil("get Agent Probes", rows -> rows.contains("state=ATTACHED"));
                var before = BpfDescriptors.of(service.pid());
                // enough for what a JVM may still want, and too little for tables of 100,000 processes
                long used = Long.parseLong(
                        Files.readString(group.resolve("memory.usage_in_bytes")).strip());
                Files.writeString(group.resolve("memory.limit_in_bytes"), Long.toString(used + (60 << 20)));
                service.ask("get Syscalls Calls");
                service.askUntil("get Agent State", "DEGRADED"::equals);
                assertContains(service.ask("get Agent StateReason"), "sys_exit", "ENOMEM", "option processes");
                awaitDescriptors(service, before);
                assertTrue(service.ask("get Processes Running").matches("\\d+"), "other subjects go on");
                service.endsWell();
            }
        });
    }

    /** What a failed attempt had opened is closed again. */
    private static void awaitDescriptors(KernelService service, BpfDescriptors wanted) throws Exception {
        var last = new BpfDescriptors[1];
        KernelService.await(
                () -> (last[0] = BpfDescriptors.of(service.pid())).equals(wanted),
                () -> "descriptors of maps and programs: " + last[0] + ", before: " + wanted);
    }

    @Test
    void withoutModuleJdkJfrCountersRun() throws Exception {
        try (var service = KernelService.on(runtimeWith("java.instrument,java.management"), agent(""))) {
            service.askUntil("mbeans", names -> names.contains("kernel:type=Agent"));
            assertEquals("DEGRADED", service.ask("get Agent State"));
            assertContains(service.ask("get Agent StateReason"), "no module jdk.jfr");
            service.askUntil("get Syscalls Calls", calls -> Long.parseLong(calls) > 0);
            service.awaitLinks(KernelService.WITH_SYSCALLS);
            service.endsWell();
        }
    }

    @Test
    void withoutModuleJavaManagementEventsAreRecorded() throws Exception {
        var file = directory.resolve("my.jfr");
        try (var service = KernelService.on(
                runtimeWith("java.instrument,jdk.jfr"), agent(""), "-XX:StartFlightRecording:filename=" + file)) {
            service.awaitLinks(KernelService.WITH_SYSCALLS);
            service.endsWell();
        }
        assertTrue(
                RecordingFile.readAllEvents(file).stream()
                        .anyMatch(event -> event.getEventType().getName().equals("kernel.ProbeStatus")),
                "events of the agent");
    }

    private Path runtimeWith(String modules) {
        var runtime = directory.resolve("runtime");
        var jlink = ToolProvider.findFirst("jlink").orElseThrow();
        assertEquals(
                0,
                jlink.run(System.out, System.err, "--add-modules", modules, "--output", runtime.toString()),
                "jlink");
        return runtime;
    }

    private static void limitDescriptors(KernelService service, int limit) throws Exception {
        assertEquals(
                0,
                new ProcessBuilder("prlimit", "--pid", Long.toString(service.pid()), "--nofile=" + limit + ":4096")
                        .inheritIO()
                        .start()
                        .waitFor());
    }

    /** Starts a service by a command that makes the agent fail. */
    private void unavailable(List<String> command, String options, String... reasons) throws Exception {
        try (var service = KernelService.startCommand(command, agent(options), "-XX:-UsePerfData")) {
            service.askUntil("mbeans", names -> names.contains("kernel:type=Agent"));
            assertEquals("kernel:type=Agent", service.ask("mbeans"), "MBeans");
            assertEquals("UNAVAILABLE", service.ask("get Agent State"));
            assertContains(service.ask("get Agent StateReason"), reasons);
            assertContains(service.ask("show Agent"), reasons);
            assertEquals(
                    new BpfDescriptors(List.of(), List.of(), List.of(), List.of(), List.of(), 0),
                    BpfDescriptors.of(service.pid()),
                    "what is open");
            assertTrue(!service.ask("threads").contains("kfr-"), "threads of the agent");
            service.endsWell();
            assertEquals(1, service.jvm().stderr().size(), service.jvm()::toString);
            var line = service.jvm().stderr().getFirst();
            assertContains(line, "[kfr] ERROR kernel events are not available, the service runs without them: ");
            assertContains(line, reasons);
        }
    }

    private static void assertContains(String text, String... parts) {
        for (var part : parts) {
            assertTrue(text.contains(part), () -> "no '" + part + "' in: " + text);
        }
    }

    private interface InCgroup {
        void run(Path group) throws Exception;
    }

    private static void inCgroup(InCgroup test) throws Exception {
        assumeTrue(Files.isWritable(MEMORY.resolve("cgroup.procs")), "no cgroup hierarchy of controller memory here");
        var group = Files.createDirectories(
                MEMORY.resolve("kfr-failure-" + ProcessHandle.current().pid()));
        try {
            test.run(group);
        } finally {
            KernelService.await(() -> group.toFile().delete() || !Files.exists(group), () -> group + " is in use");
        }
    }

    private String agent(String options) {
        return "-javaagent:" + jar + "=start=sync" + options;
    }

    private static List<String> concat(List<String> first, String... rest) {
        var all = new ArrayList<>(first);
        Stream.of(rest).forEach(all::add);
        return all;
    }
}
