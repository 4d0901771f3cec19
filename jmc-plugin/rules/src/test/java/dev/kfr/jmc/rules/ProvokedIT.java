// SPDX-License-Identifier: Apache-2.0
package dev.kfr.jmc.rules;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.kfr.bpf.NeedsKernel;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openjdk.jmc.flightrecorder.rules.IRule;
import org.openjdk.jmc.flightrecorder.rules.Severity;
import org.openjdk.jmc.flightrecorder.rules.TypedResult;

/** Each problem provoked for real under the agent, and the rule that has to find it in what was recorded. */
@NeedsKernel
class ProvokedIT {
    private static final Path CGROUPS = Path.of("/sys/fs/cgroup");
    /** What a host that is busy with other things does to any service. */
    private static final Set<Class<? extends IRule>> OF_A_BUSY_HOST = Set.of(
            CpuWaitRule.class, CpuQuotaRule.class, NoisyNeighbourRule.class, GcPauseRule.class, ProcessStormRule.class);

    @TempDir
    Path directory;

    @Test
    void nothingIsFoundInAnIdleService() throws Exception {
        long[] before = cpuTimes();
        try (var provoked = Provoked.by(30, "idle").start()) {
            var judged = provoked.judgeWell();
            long[] now = cpuTimes();
            double idle = (now[1] - before[1]) / (double) (now[0] - before[0]);
            judged.nothingBut(idle > 0.5 ? Set.of() : OF_A_BUSY_HOST);
        }
    }

    @Test
    void whatAServiceDoesToItselfIsFound() throws Exception {
        var file = Files.writeString(directory.resolve("service.conf"), "a=b\n");
        var verdicts = Provoked.by(20, "fail", "open=" + file, "leak=" + file, "storm", "storm=2", "churn", "connect")
                .judge();
        found(verdicts, FailingCallsRule.class);
        found(verdicts, RepeatedOpensRule.class);
        found(verdicts, DescriptorLeakRule.class);
        found(verdicts, ProcessStormRule.class);
        found(verdicts, ConnectionChurnRule.class);
        verdicts.found(SlowConnectRule.class, Severity.WARNING, "127.0.0.1");
    }

    /** They come when the agent is there: it takes long to start on a part of a CPU. */
    @Test
    void threadsThatShareACpuWithOthersWaitForIt() throws Exception {
        var others = new ArrayList<Process>();
        try (var provoked = Provoked.by(25, "compute", "collect")
                .options("-XX:+UseParallelGC", "-XX:ParallelGCThreads=2", "-Xmx200m")
                .start()) {
            provoked.awaitReady();
            assertEquals(0, shell("taskset -a -c -p 0 " + provoked.pid() + " > /dev/null"));
            for (int i = 0; i < 4; i++) {
                others.add(new ProcessBuilder("taskset", "-c", "0", "sh", "-c", "while :; do :; done").start());
            }
            var verdicts = provoked.judge();
            found(verdicts, CpuWaitRule.class);
            found(verdicts, GcPauseRule.class);
        } finally {
            for (var other : others) {
                other.destroyForcibly().waitFor();
            }
        }
    }

    @Test
    void aQuotaThatIsUsedUpIsFound() throws Exception {
        try (var group = Cgroup.of("cpu", "quota")) {
            group.write("cpu.cfs_period_us", "100000", "cpu.max", "20000 100000");
            group.write("cpu.cfs_quota_us", "20000");
            var verdicts = Provoked.by(30, "compute", "compute=2")
                    .under(group.command())
                    .setting("jdk.ContainerCPUThrottling#period=5s")
                    .judge();
            found(verdicts, CpuQuotaRule.class);
        }
    }

    @Test
    void syncsOfASlowDiskAreFound() throws Exception {
        try (var group = Cgroup.of("blkio", "sync")) {
            var device = Files.getAttribute(directory, "unix:dev").toString();
            long dev = Long.parseLong(device);
            var number = (dev >> 8 & 0xfff) + ":" + ((dev & 0xff) | (dev >> 12 & 0xfff00));
            group.write("blkio.throttle.write_bps_device", number + " 2097152", "io.max", number + " wbps=2097152");
            var verdicts = Provoked.by(15, "sync=" + directory.resolve("log"))
                    .under(group.command())
                    .judge();
            verdicts.found(SlowSyncRule.class, verdicts.of(SlowSyncRule.class).getSeverity(), directory.toString());
            found(verdicts, SlowSyncRule.class);
        }
    }

    @Test
    void pagesReadFromADiskAreFound() throws Exception {
        var file = directory.resolve("mapped");
        try (var content = new RandomAccessFile(file.toFile(), "rw")) {
            content.write(new byte[64 << 20]);
            content.getFD().sync();
        }
        var verdicts = Provoked.by(20, "faults=" + file, "faults=" + file).judge();
        found(verdicts, MajorFaultsRule.class);
    }

    @Test
    void memoryThatThreadsHaveToFreeThemselvesIsFound() throws Exception {
        try (var group = Cgroup.of("memory", "reclaim")) {
            group.write("memory.limit_in_bytes", "300M", "memory.max", "300M");
            var verdicts = Provoked.by(15, "write=" + directory.resolve("one"), "write=" + directory.resolve("two"))
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
            var verdicts = Provoked.by(15, "run=sleep 3; echo $$ > " + group.members() + " && exec tail /dev/zero")
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
        var verdicts = Provoked.by(20, connections)
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
    void aSignalThatStopsTheJvmIsFound() throws Exception {
        try (var provoked = Provoked.by(10, "idle").start()) {
            provoked.awaitReady();
            Thread.sleep(3000);
            assertEquals(0, shell("kill -STOP " + provoked.pid() + "; sleep 1; kill -CONT " + provoked.pid()));
            provoked.judgeWell().found(SignalRule.class, Severity.WARNING, "SIGSTOP from");
        }
    }

    @Test
    void anOrderlyEndIsFoundWithItsSender() throws Exception {
        try (var provoked = Provoked.by(60, "idle").start()) {
            provoked.awaitReady();
            Thread.sleep(3000);
            assertEquals(0, shell("kill -TERM " + provoked.pid()));
            provoked.judge().found(SignalRule.class, Severity.INFO, "SIGTERM from");
        }
    }

    /** A JVM that stands still takes no events, and a small ring is full soon. */
    @Test
    void eventsThatAreLostAreFound() throws Exception {
        try (var provoked = Provoked.by(15, "idle")
                .agent("ring=64K")
                .setting("kernel.FileOpen#throttle=off")
                .start()) {
            provoked.awaitReady();
            Thread.sleep(3000);
            assertEquals(
                    0,
                    shell("kill -STOP " + provoked.pid()
                            + "; for i in $(seq 400); do cat /etc/hostname > /dev/null; done; kill -CONT "
                            + provoked.pid()));
            found(provoked.judgeWell(), TrustRule.class);
        }
    }

    private static void found(Verdicts verdicts, Class<? extends IRule> rule) {
        var result = verdicts.of(rule);
        System.out.println(Verdicts.describe(result));
        var severity = result.getSeverity() == Severity.WARNING ? Severity.WARNING : Severity.INFO;
        verdicts.found(rule, severity, "");
        assertEquals(true, result.getResult(TypedResult.SCORE).doubleValue() >= Curve.INFO);
    }

    private static int shell(String script) throws Exception {
        var process = new ProcessBuilder("sh", "-c", script).inheritIO().start();
        assumeTrue(process.waitFor(60, TimeUnit.SECONDS));
        return process.exitValue();
    }

    /** All of the host's CPU time and what of it was idle, in ticks, as in /proc/stat. */
    private static long[] cpuTimes() throws IOException {
        var words = Files.readAllLines(Path.of("/proc/stat")).get(0).trim().split(" +");
        long all = 0;
        for (int i = 1; i < 9; i++) {
            all += Long.parseLong(words[i]);
        }
        return new long[] {all, Long.parseLong(words[4]) + Long.parseLong(words[5])};
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
