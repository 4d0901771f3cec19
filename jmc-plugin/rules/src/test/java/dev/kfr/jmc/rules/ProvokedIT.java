// SPDX-License-Identifier: Apache-2.0
package dev.kfr.jmc.rules;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.kfr.bpf.NeedsKernel;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openjdk.jmc.flightrecorder.rules.IRule;
import org.openjdk.jmc.flightrecorder.rules.Severity;
import org.openjdk.jmc.flightrecorder.rules.report.html.JfrHtmlRulesReport;

/** Each problem provoked for real under the agent, and the rule that has to find it in what was recorded. */
@NeedsKernel
class ProvokedIT {
    private static final Path CGROUPS = Path.of("/sys/fs/cgroup");
    /** What a host that is busy with other things does to any service. */
    private static final Set<Class<? extends IRule>> OF_A_BUSY_HOST =
            Set.of(CpuWaitRule.class, CpuQuotaRule.class, NoisyNeighbourRule.class, GcPauseRule.class);

    private static final double MOSTLY_IDLE = 0.75;
    /** Long enough for what is judged by a minute, of which ten seconds are the least. */
    private static final int SERVICE_SECONDS = 12;

    private static final int CPUS = Runtime.getRuntime().availableProcessors();

    @TempDir
    Path directory;

    @Test
    void nothingIsFoundInAnIdleService() throws Exception {
        var before = Load.now();
        try (var provoked = Provoked.by(20, "idle").start()) {
            var judged = provoked.judgeWell();
            var host = Load.now().since(before);
            System.out.println("Meanwhile on the host: " + host);
            var allowed = new HashSet<Class<? extends IRule>>();
            if (host.idle() < MOSTLY_IDLE) {
                allowed.addAll(OF_A_BUSY_HOST);
            }
            if (host.forksPerSecond() >= 10) {
                allowed.add(ProcessStormRule.class);
            }
            judged.nothingBut(allowed);
        }
    }

    @Test
    void whatAServiceDoesToItselfIsFound() throws Exception {
        var file = Files.writeString(directory.resolve("service.conf"), "a=b\n");
        try (var provoked = Provoked.by(
                        SERVICE_SECONDS, "fail", "open=" + file, "leak=" + file, "storm", "storm=2", "churn", "connect")
                .start()) {
            var events = provoked.events();
            var verdicts = Verdicts.about(events);
            found(verdicts, FailingCallsRule.class);
            found(verdicts, RepeatedOpensRule.class);
            assertEquals(file.toString(), verdicts.value(RepeatedOpensRule.class, RepeatedOpensRule.PATH));
            found(verdicts, DescriptorLeakRule.class);
            found(verdicts, ProcessStormRule.class);
            found(verdicts, ConnectionChurnRule.class);
            verdicts.found(SlowConnectRule.class, Severity.WARNING, "127.0.0.1");
            var report = JfrHtmlRulesReport.createReport(events);
            for (var rule : List.of(FailingCallsRule.class, RepeatedOpensRule.class, ConnectionChurnRule.class)) {
                var summary = Verdicts.summary(verdicts.of(rule));
                assertTrue(report.contains(summary), () -> "not in the report: " + summary);
            }
        }
    }

    @Test
    void threadsThatShareCpusWithABusyNeighbourWaitForThem() throws Exception {
        try (var provoked = Provoked.by(30, "compute", "collect")
                        .options("-XX:+UseParallelGC", "-XX:ParallelGCThreads=2", "-Xmx200m")
                        .start();
                var neighbours =
                        new Neighbours(directory, provoked, Neighbours.SHELL, 8 * CPUS, "while :; do :; done")) {
            var verdicts = provoked.judge();
            found(verdicts, CpuWaitRule.class);
            found(verdicts, GcPauseRule.class);
            found(verdicts, NoisyNeighbourRule.class);
            neighbours.areBlamedFor("CPU time", verdicts);
        }
    }

    @Test
    void aNeighbourThatStartsProcessAfterProcessIsFound() throws Exception {
        try (var provoked = Provoked.by(SERVICE_SECONDS, "compute", "compute").start();
                var neighbours = new Neighbours(
                        directory, provoked, Neighbours.SHELL, 2 * CPUS, "while :; do /bin/true; done")) {
            var verdicts = provoked.judge();
            found(verdicts, NoisyNeighbourRule.class);
            neighbours.areBlamedFor("process starts", verdicts);
            found(verdicts, ProcessStormRule.class);
        }
    }

    @Test
    void aQuotaThatIsUsedUpIsFound() throws Exception {
        try (var group = Cgroup.of("cpu", "quota")) {
            group.write("cpu.cfs_period_us", "100000", "cpu.max", "20000 100000");
            group.write("cpu.cfs_quota_us", "20000");
            var verdicts = Provoked.by(16, "compute", "compute")
                    .under(group.command())
                    .setting("jdk.ContainerCPUThrottling#period=5s")
                    .judge();
            found(verdicts, CpuQuotaRule.class);
        }
    }

    @Test
    void syncsThatWaitForADiskAreFoundAndTheNeighbourThatWritesToo() throws Exception {
        try (var group = Cgroup.of("blkio", "sync")) {
            var number = diskOf(directory);
            group.write("blkio.throttle.write_bps_device", number + " 2097152", "io.max", number + " wbps=2097152");
            try (var provoked = Provoked.by(SERVICE_SECONDS, "sync=" + directory.resolve("log"))
                            .under(group.command())
                            .start();
                    var neighbours = new Neighbours(
                            directory,
                            provoked,
                            "dd",
                            1,
                            "while :; do dd if=/dev/zero of=" + directory.resolve("bulk")
                                    + " bs=1M count=40 conv=notrunc; sleep 0.2; done")) {
                var events = provoked.events();
                var verdicts = Verdicts.about(events);
                found(verdicts, SlowSyncRule.class);
                verdicts.found(
                        SlowSyncRule.class, verdicts.of(SlowSyncRule.class).getSeverity(), directory.toString());
                // Nobody waits for CPUs ten times as long as there is time: only files are left.
                var byFiles = Verdicts.about(events, CpuWaitRule.LEAST, Typed.share(1000));
                found(byFiles, NoisyNeighbourRule.class);
                neighbours.areBlamedFor("bytes read and written", byFiles);
            }
        }
    }

    /** A disk that is a file, read by who may read ten blocks a second from the disk that the file is on. */
    @Test
    void aSlowDiskIsFound() throws Exception {
        assumeTrue(Files.exists(Path.of("/dev/loop-control")), "this machine has no loop devices");
        try (var group = Cgroup.of("blkio", "disk");
                var disk = Disk.of(directory.resolve("disk"))) {
            var number = diskOf(directory);
            group.write("blkio.throttle.read_iops_device", number + " 10", "io.max", number + " riops=10");
            var read = "run=echo $$ > " + group.members() + " && exec dd if=" + disk.device()
                    + " of=/dev/null bs=4096 iflag=direct count=20 skip=";
            var verdicts = Provoked.by(SERVICE_SECONDS, read + 0, read + 1000, read + 2000, read + 3000)
                    .judge();
            found(verdicts, SlowDiskRule.class);
            assertEquals(
                    disk.device().getFileName().toString(), verdicts.value(SlowDiskRule.class, SlowDiskRule.DEVICE));
        }
    }

    @Test
    void pagesReadFromADiskAreFound() throws Exception {
        var file = directory.resolve("mapped");
        try (var content = new RandomAccessFile(file.toFile(), "rw")) {
            content.write(new byte[64 << 20]);
            content.getFD().sync();
        }
        var verdicts =
                Provoked.by(SERVICE_SECONDS, "faults=" + file, "faults=" + file).judge();
        found(verdicts, MajorFaultsRule.class);
    }

    @Test
    void memoryThatThreadsHaveToFreeThemselvesIsFound() throws Exception {
        try (var group = Cgroup.of("memory", "reclaim")) {
            group.write("memory.limit_in_bytes", "300M", "memory.max", "300M");
            var verdicts = Provoked.by(
                            SERVICE_SECONDS, "write=" + directory.resolve("one"), "write=" + directory.resolve("two"))
                    .under(group.command())
                    .options("-Xmx32m", "-XX:+UseSerialGC")
                    .setting("kernel.DirectReclaim#threshold=0ms")
                    .judge();
            found(verdicts, DirectReclaimRule.class);
        }
    }

    @Test
    void killsForWantOfMemoryAreFound() throws Exception {
        try (var group = Cgroup.of("memory", "kill")) {
            group.write("memory.limit_in_bytes", "32M", "memory.max", "32M");
            var verdicts = Provoked.by(8, "run=sleep 3; echo $$ > " + group.members() + " && exec tail /dev/zero")
                    .judge();
            found(verdicts, OomKillRule.class);
            verdicts.found(SignalRule.class, Severity.INFO, "SIGKILL ended");
        }
    }

    @Test
    void segmentsThatAreLostOnTheWayAreFound() throws Exception {
        assumeTrue(
                shell(
                                "unshare --net sh -c 'ip link set lo up mtu 1500 && tc qdisc add dev lo root tbf rate 128kbit burst 2kb limit 3kb'")
                        == 0,
                "no network namespaces, or no tbf to lose packets with");
        var connections = IntStream.range(0, 40).mapToObj(i -> "send=" + i).toArray();
        var verdicts = Provoked.by(16, connections)
                .under(
                        "unshare",
                        "--net",
                        "sh",
                        "-c",
                        "ip link set lo up mtu 1500; tc qdisc add dev lo root tbf rate 128kbit burst 2kb limit 3kb; exec \"$@\"",
                        "sh")
                .judge();
        found(verdicts, RetransmitRule.class);
    }

    @Test
    void anOrderlyEndIsFoundWithItsSender() throws Exception {
        try (var provoked = Provoked.by(60, "idle").start()) {
            provoked.awaitReady();
            assertEquals(0, shell("kill -TERM " + provoked.pid()));
            provoked.judge().found(SignalRule.class, Severity.INFO, "SIGTERM from");
        }
    }

    /** A JVM that stands still takes no events, and a small ring is full soon. */
    @Test
    void aSignalThatStopsTheJvmIsFoundAndWhatWasLostMeanwhile() throws Exception {
        try (var provoked = Provoked.by(10, "idle")
                .agent("ring=64K")
                .setting("kernel.FileOpen#throttle=off")
                .start()) {
            provoked.awaitReady();
            assertEquals(
                    0,
                    shell("kill -STOP " + provoked.pid()
                            + "; for i in $(seq 400); do cat /etc/hostname > /dev/null; done; kill -CONT "
                            + provoked.pid()));
            var verdicts = provoked.judgeWell();
            verdicts.found(SignalRule.class, Severity.WARNING, "SIGSTOP from");
            found(verdicts, TrustRule.class);
        }
    }

    /** The rule found a problem, of either severity. */
    private static void found(Verdicts verdicts, Class<? extends IRule> rule) {
        var result = verdicts.of(rule);
        System.out.println(Verdicts.describe(result));
        assertTrue(
                Set.of(Severity.INFO, Severity.WARNING).contains(result.getSeverity()),
                () -> Verdicts.describe(result));
    }

    private static int shell(String script) throws Exception {
        var process = new ProcessBuilder("sh", "-c", script).inheritIO().start();
        assumeTrue(process.waitFor(60, TimeUnit.SECONDS));
        return process.exitValue();
    }

    /** The number of the disk that a file is on, as control groups name it; the test is skipped where that is none. */
    private static String diskOf(Path file) throws IOException {
        long number = Long.parseLong(Files.getAttribute(file, "unix:dev").toString());
        var device =
                Path.of("/sys/dev/block/" + (number >> 8 & 0xfff) + ":" + ((number & 0xff) | (number >> 12 & 0xfff00)));
        assumeTrue(Files.exists(device), file + " is on no disk");
        var disk = device.toRealPath();
        return Files.readString((Files.exists(disk.resolve("partition")) ? disk.getParent() : disk).resolve("dev"))
                .trim();
    }

    /** What the kernel says of the whole host in {@code /proc/stat}. */
    private record Load(long nanos, long ticks, long idleTicks, long forks) {
        private static final int COLUMNS = 8;

        static Load now() throws IOException {
            var lines = Files.readAllLines(Path.of("/proc/stat"));
            long[] cpu = Arrays.stream(lines.getFirst().split(" +"))
                    .skip(1)
                    .limit(COLUMNS)
                    .mapToLong(Long::parseLong)
                    .toArray();
            long forks = lines.stream()
                    .filter(line -> line.startsWith("processes "))
                    .mapToLong(line -> Long.parseLong(line.split(" ")[1]))
                    .findAny()
                    .orElseThrow();
            return new Load(System.nanoTime(), Arrays.stream(cpu).sum(), cpu[3] + cpu[4], forks);
        }

        Load since(Load before) {
            return new Load(
                    nanos - before.nanos, ticks - before.ticks, idleTicks - before.idleTicks, forks - before.forks);
        }

        double idle() {
            return idleTicks / (double) ticks;
        }

        /** Threads too, which makes it rather too many. */
        double forksPerSecond() {
            return forks * 1e9 / nanos;
        }

        @Override
        public String toString() {
            return String.format("%.0f %% idle, %.1f forks per second", 100 * idle(), forksPerSecond());
        }
    }

    /** Shells that run a script as soon as the service is in its troubles, until they are closed. */
    private static final class Neighbours implements AutoCloseable {
        static final String SHELL = "neighbour";

        private final String name;
        private final List<Process> shells = new ArrayList<>();

        /** @param name of what takes the resource: the shell, or a command that it runs */
        Neighbours(Path directory, Provoked service, String name, int count, String script) throws Exception {
            this.name = name;
            var shell = Files.copy(Path.of("/bin/sh").toRealPath(), directory.resolve(SHELL));
            service.awaitReady();
            for (int i = 0; i < count; i++) {
                // Sessions share the CPUs, and only then the processes in each, where the kernel groups by them.
                shells.add(new ProcessBuilder("setsid", shell.toString(), "-c", script)
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start());
            }
        }

        void areBlamedFor(String resource, Verdicts verdicts) {
            Supplier<String> text = () -> Verdicts.describe(verdicts.of(NoisyNeighbourRule.class));
            assertEquals(resource, verdicts.value(NoisyNeighbourRule.class, NoisyNeighbourRule.RESOURCE), text);
            assertTrue(
                    verdicts.value(NoisyNeighbourRule.class, NoisyNeighbourRule.NEIGHBOUR)
                            .matches(name + "( .*)?"),
                    text);
        }

        @Override
        public void close() {
            for (var shell : shells) {
                var children = shell.descendants().toList();
                shell.destroyForcibly().onExit().join();
                children.forEach(child -> {
                    child.destroyForcibly();
                    child.onExit().join();
                });
            }
        }
    }

    /** A disk that is a file. */
    private record Disk(Path device) implements AutoCloseable {
        private static final int SIZE = 64 << 20;

        static Disk of(Path file) throws Exception {
            Files.write(file, new byte[SIZE]);
            var losetup = new ProcessBuilder("losetup", "--find", "--show", "--direct-io=on", file.toString()).start();
            var device = new String(losetup.getInputStream().readAllBytes(), StandardCharsets.UTF_8).trim();
            assumeTrue(losetup.waitFor() == 0, "no loop devices for files of this file system");
            return new Disk(Path.of(device));
        }

        @Override
        public void close() throws IOException {
            new ProcessBuilder("losetup", "--detach", device.toString())
                    .inheritIO()
                    .start()
                    .onExit()
                    .join();
        }
    }

    /** A control group of the test's own, of either version; the test is skipped where it can make none. */
    private record Cgroup(Path path) implements AutoCloseable {
        static Cgroup of(String controller, String name) throws IOException {
            boolean unified = Files.exists(CGROUPS.resolve("cgroup.controllers"));
            var parent = unified ? CGROUPS : CGROUPS.resolve(controller);
            var path = parent.resolve(
                    "kfr-rules-" + name + "-" + ProcessHandle.current().pid());
            assumeTrue(Files.isWritable(parent), "no control groups here");
            if (unified) {
                var enabled = Files.readString(CGROUPS.resolve("cgroup.subtree_control"));
                var wanted = controller.equals("blkio") ? "io" : controller;
                assumeTrue(enabled.contains(wanted), "no controller " + wanted + " for control groups");
            }
            return new Cgroup(Files.createDirectory(path));
        }

        /** Writes the first file that exists. */
        void write(String file, String value, String... otherwise) throws IOException {
            if (Files.exists(path.resolve(file))) {
                Files.writeString(path.resolve(file), value);
            } else if (otherwise.length == 2) {
                Files.writeString(path.resolve(otherwise[0]), otherwise[1]);
            }
        }

        List<String> command() {
            return List.of("sh", "-c", "echo $$ > " + members() + " && exec \"$@\"", "sh");
        }

        Path members() {
            return path.resolve("cgroup.procs");
        }

        @Override
        public void close() {
            // It can be removed once the last process in it has ended.
            for (int i = 0; i < 1000 && !path.toFile().delete(); i++) {
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
            }
        }
    }
}
