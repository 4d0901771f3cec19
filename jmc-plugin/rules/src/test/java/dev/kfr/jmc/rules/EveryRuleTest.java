// SPDX-License-Identifier: Apache-2.0
package dev.kfr.jmc.rules;

import static dev.kfr.jmc.rules.Scene.nanos;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.reflect.Modifier;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.openjdk.jmc.common.util.IPreferenceValueProvider;
import org.openjdk.jmc.flightrecorder.rules.IResult;
import org.openjdk.jmc.flightrecorder.rules.IRule;
import org.openjdk.jmc.flightrecorder.rules.RuleRegistry;
import org.openjdk.jmc.flightrecorder.rules.Severity;
import org.openjdk.jmc.flightrecorder.rules.TypedResult;
import org.openjdk.jmc.flightrecorder.rules.report.html.JfrHtmlRulesReport;

/** What holds for each rule, also for those to come. */
class EveryRuleTest {
    /** Enough for a recording of an hour at several hundred events a second. */
    private static final int MILLION = 1_000_000;

    static List<IRule> rules() {
        return Verdicts.rules();
    }

    @Test
    void missionControlFindsThemAll() throws IOException, URISyntaxException {
        var found = new HashSet<String>();
        rules().forEach(rule -> found.add(rule.getClass().getSimpleName()));
        assertEquals(classes(), found);
        assertTrue(found.size() >= 14, found::toString);
    }

    @ParameterizedTest
    @MethodSource("rules")
    void isDescribed(IRule rule) {
        assertTrue(Modifier.isPublic(rule.getClass().getModifiers()));
        assertFalse(rule.getName().isBlank());
        assertFalse(rule.getConfigurationAttributes().isEmpty(), "no preference");
        rule.getConfigurationAttributes().forEach(preference -> {
            assertTrue(preference.getIdentifier().startsWith("dev.kfr."), preference::toString);
            assertNotNull(preference.getPersister());
            assertNotNull(preference.getDefaultValue());
        });
        assertTrue(rule.getResults().contains(TypedResult.SCORE));
        assertTrue(rule.getResults().size() > 2, "no typed results");
    }

    @ParameterizedTest
    @MethodSource("rules")
    void belongsToAPage(IRule rule) throws IOException {
        var pages = Files.readString(Path.of("../pages/src/main/resources/pages.xml"));
        assertTrue(pages.contains("<page id=\"" + rule.getTopic() + "\""), rule.getTopic());
        assertTrue(pages.contains("<topic value=\"" + rule.getTopic() + "\"/>"), rule.getTopic());
    }

    @Test
    void idsAreUniqueAmongAllRulesThatThereAre() {
        var ids = new HashSet<String>();
        RuleRegistry.getRules().forEach(rule -> assertTrue(ids.add(rule.getId()), rule.getId()));
        var preferences = new HashSet<String>();
        rules().forEach(rule -> rule.getConfigurationAttributes()
                .forEach(preference -> assertTrue(preferences.add(preference.getIdentifier()), preference::toString)));
    }

    @Test
    void noneSaysAnythingAboutARecordingWithoutKernelEvents() throws Exception {
        try (var scene = Scene.withoutKernelEvents()) {
            var verdicts = scene.judge();
            verdicts.all()
                    .forEach(
                            result -> assertEquals(Severity.NA, result.getSeverity(), () -> Verdicts.describe(result)));
        }
    }

    @Test
    void noneFindsAProblemInARecordingInWhichNothingHappened() throws Exception {
        try (var scene = Scene.begin()) {
            scene.judge().nothingBut(Set.of());
        }
    }

    @Test
    void aRecordingOfManyChunksInWhichNothingHappenedIsGoodToo() throws Exception {
        try (var scene = Scene.begin()) {
            for (int chunk = 0; chunk < 3; chunk++) {
                scene.nextChunk();
            }
            scene.judge().good(OomKillRule.class).good(SlowSyncRule.class).nothingBut(Set.of());
        }
    }

    @Test
    void noneFindsAProblemInAnIdleService() throws Exception {
        try (var scene = Scene.begin()) {
            idle(scene, 3600);
            scene.judge().nothingBut(Set.of());
        }
    }

    @Test
    void eachFindsAProblemWhereThereAreAll() throws Exception {
        try (var scene = Scene.begin()) {
            allProblems(scene);
            var verdicts = scene.judge();
            verdicts.all().forEach(result -> {
                assertTrue(
                        result.getSeverity().getLimit() >= Severity.INFO.getLimit(), () -> Verdicts.describe(result));
                assertTrue(result.getExplanation().length() > 100, () -> Verdicts.describe(result));
                assertTrue(result.getSolution().length() > 100, () -> Verdicts.describe(result));
                assertFalse(Verdicts.describe(result).matches("(?s).*[{}].*"), () -> Verdicts.describe(result));
            });
        }
    }

    @Test
    void theReportWithoutAnyWindowShowsThem() throws Exception {
        try (var scene = Scene.begin()) {
            allProblems(scene);
            var report = JfrHtmlRulesReport.createReport(scene.items());
            for (var rule : rules()) {
                assertTrue(report.contains(rule.getName()), rule.getName());
            }
            assertTrue(report.contains("/data/&lt;log&gt;"), "values are not escaped");
        }
    }

    @Test
    void aRecordingThatDoesNotSayWhoseItIsIsReadByItsJavaThreads() throws Exception {
        try (var scene = Scene.withoutJvmInformation()) {
            scene.at(0, "kernel.FileOpen", "path", "/a", "javaThread", Thread.currentThread());
            for (int i = 0; i < 10; i++) {
                scene.lasting(i, 2, "kernel.FileSync", "pid", Scene.OTHER, "path", "/theirs", "call", "fsync");
                scene.lasting(i, 0.2, "kernel.FileSync", "path", "/ours", "call", "fsync");
            }
            scene.judge().found(SlowSyncRule.class, Severity.INFO, "/ours");
        }
    }

    @Test
    void aRecordingThatKnowsNoJvmIsAboutTheHost() throws Exception {
        try (var scene = Scene.withoutJvmInformation()) {
            for (int i = 0; i < 10; i++) {
                scene.lasting(i, 2, "kernel.FileSync", "pid", Scene.OTHER, "path", "/theirs", "call", "fsync");
            }
            scene.judge()
                    .found(SlowSyncRule.class, Severity.WARNING, "/theirs")
                    .notApplicable(NoisyNeighbourRule.class)
                    .notApplicable(SignalRule.class);
        }
    }

    /**
     * Each rule by itself, on a million events of the types that rules read; CPU time of the second of two runs, as an
     * operator's Mission Control is warm.
     */
    @Test
    void noneTakesMoreThanASecondForAMillionEvents() throws Exception {
        try (var scene = Scene.begin()) {
            crowd(scene);
            var items = scene.items();
            var threads = ManagementFactory.getThreadMXBean();
            var times = new TreeMap<String, Long>();
            for (var rule : rules()) {
                run(rule, items);
                long begin = threads.getCurrentThreadCpuTime();
                var result = run(rule, items);
                long millis = TimeUnit.NANOSECONDS.toMillis(threads.getCurrentThreadCpuTime() - begin);
                times.put(rule.getId() + " " + result.getSeverity(), millis);
            }
            System.out.println("ms for a million events: " + times);
            assertTrue(Collections.max(times.values()) < 1000, times::toString);
        }
    }

    private static IResult run(IRule rule, org.openjdk.jmc.common.item.IItemCollection items) throws Exception {
        var evaluation = rule.createEvaluation(items, IPreferenceValueProvider.DEFAULT_VALUES, null);
        evaluation.run();
        return evaluation.get();
    }

    private static Set<String> classes() throws IOException, URISyntaxException {
        var directory = Path.of(CpuWaitRule.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());
        try (Stream<Path> files = Files.walk(directory)) {
            return new HashSet<>(files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith("Rule.class") && !name.equals("KernelRule.class"))
                    .map(name -> name.replace(".class", ""))
                    .toList());
        }
    }

    /** As recorded of a service that waits for requests on a host with little else. */
    private static void idle(Scene scene, double until) {
        scene.rows(0, until, "kernel.ProcessCpu", "cpuTime", nanos(0.02), "runQueueTime", nanos(0.001));
        scene.rows(0, until, "kernel.ProcessCpu", "pid", Scene.OTHER, "processName", "systemd", "cpuTime", nanos(0.01));
        scene.rows(0, until, "kernel.SyscallStatistics", "syscall", "futex", "count", 500, "errors", 250);
        scene.rows(0, until, "kernel.SyscallStatistics", "syscall", "openat", "count", 20, "errors", 4);
        scene.rows(0, until, "kernel.SyscallStatistics", "syscall", "close", "count", 16);
        scene.rows(0, until, "kernel.FileStatistics", "path", "/proc/self/stat", "opens", 10, "bytesRead", 3000);
        scene.rows(0, until, "kernel.PageFaults", "minor", 20, "major", 0);
        scene.rows(
                0,
                until,
                "kernel.NetworkStatistics",
                "tcpMessagesSent",
                10,
                "tcpBytesSent",
                2000,
                "connectionsAccepted",
                1);
        scene.rows(
                0,
                until,
                "kernel.BlockIoStatistics",
                "device",
                "vda",
                "operation",
                "write",
                "count",
                30,
                "p99",
                nanos(0.004),
                "max",
                nanos(0.02));
        for (int i = 0; i < until; i += 10) {
            scene.at(i, "kernel.FileOpen", "path", "/proc/self/stat", "error", "", "fileDescriptor", 12);
            scene.at(
                    i,
                    "kernel.ProcessExit",
                    "pid",
                    Scene.OTHER + i,
                    "processName",
                    "sh",
                    "lifetime",
                    nanos(0.1),
                    "parentPid",
                    1,
                    "signal",
                    "");
            scene.lasting(i, 0.02, "kernel.RunQueueWait", "threadName", "VM Periodic Tas", "ranInstead", "kworker");
            scene.lasting(i, 0.004, "kernel.FileSync", "path", "/var/log/service", "call", "fdatasync");
            scene.at(
                    i,
                    "kernel.TcpConnection",
                    "direction",
                    "ACCEPTED",
                    "remoteAddress",
                    "192.0.2.9",
                    "localPort",
                    8080,
                    "lifetime",
                    nanos(0.1));
        }
        scene.lasting(100, 0.02, "jdk.GCPhasePause");
    }

    private static void allProblems(Scene scene) {
        scene.rows(0, 60, "kernel.ProcessCpu", "cpuTime", nanos(3), "runQueueTime", nanos(5));
        scene.rows(0, 60, "kernel.ProcessCpu", "pid", Scene.OTHER, "processName", "miner", "cpuTime", nanos(17));
        scene.rowNow("kernel.CpuUsage", "cpu", 0, "idle", 0.05);
        scene.at(0, "jdk.ContainerCPUThrottling");
        scene.at(
                60,
                "jdk.ContainerCPUThrottling",
                "cpuElapsedSlices",
                600,
                "cpuThrottledSlices",
                300,
                "cpuThrottledTime",
                nanos(9));
        scene.lasting(10, 1, "jdk.GCPhasePause");
        scene.lasting(10.1, 0.6, "kernel.RunQueueWait", "threadName", "GC Thread#0", "ranInstead", "miner");
        for (int i = 0; i < 60; i++) {
            scene.lasting(i, 0.4, "kernel.FileSync", "path", "/data/<log>", "call", "fsync");
            scene.lasting(i, 0.3, "kernel.DirectReclaim", "pagesReclaimed", 32, "cause", "host");
            scene.lasting(
                    i, 2, "kernel.TcpConnect", "remoteAddress", "192.0.2.7", "remotePort", 443, "error", "ETIMEDOUT");
            scene.at(i, "kernel.FileOpen", "path", "/data/" + i, "error", "", "fileDescriptor", 20 + i * 10);
        }
        scene.rows(0, 60, "kernel.FileStatistics", "path", "/etc/conf", "opens", 2000);
        scene.rows(0, 60, "kernel.SyscallStatistics", "syscall", "openat", "count", 20_000, "errors", 20_000);
        scene.rows(0, 60, "kernel.PageFaults", "major", 2000, "majorTime", nanos(3));
        scene.rows(0, 60, "kernel.NetworkStatistics", "retransmits", 50, "tcpMessagesSent", 450);
        scene.rows(
                0,
                60,
                "kernel.BlockIoStatistics",
                "device",
                "sda",
                "operation",
                "read",
                "count",
                50,
                "p99",
                nanos(0.4),
                "max",
                nanos(1));
        scene.at(
                5,
                "kernel.OutOfMemoryKill",
                "victimPid",
                7,
                "victimName",
                "worker",
                "victimPidNamespace",
                "",
                "memoryCgroup",
                "/");
        scene.at(
                6,
                "kernel.Signal",
                "signal",
                "SIGSTOP",
                "targetPid",
                Scene.PID,
                "targetPidNamespace",
                "",
                "origin",
                "process",
                "result",
                "");
        for (int i = 0; i < 60 * 30; i++) {
            scene.at(
                    i / 30.0,
                    "kernel.ProcessExit",
                    "processName",
                    "date",
                    "signal",
                    "",
                    "lifetime",
                    nanos(0.01),
                    "parentPid",
                    Scene.OTHER);
            scene.at(
                    i / 30.0,
                    "kernel.TcpConnection",
                    "direction",
                    "OPENED",
                    "remoteAddress",
                    "192.0.2.7",
                    "lifetime",
                    nanos(0.01));
        }
        scene.now(
                "kernel.EventLoss",
                "subject",
                "files",
                "produced",
                1000,
                "lost",
                100,
                "throttled",
                10,
                "reason",
                "ring full",
                "interval",
                nanos(10));
        scene.now("kernel.ProbeStatus", "probe", "page_fault_user", "state", "FAILED");
    }

    /** A million events, as many of each type as a rule can be expected to meet. */
    private static void crowd(Scene scene) {
        int each = MILLION / 10;
        for (int i = 0; i < each; i++) {
            double time = i * 3600.0 / each;
            scene.at(time, "kernel.FileOpen", "path", "/data/" + i % 5000, "error", "", "fileDescriptor", 20 + i % 10);
            scene.lasting(time, 0.002, "kernel.FileSync", "path", "/data/" + i % 100, "call", "fsync");
            scene.at(
                    time,
                    "kernel.SyscallStatistics",
                    "pid",
                    i % 1000,
                    "syscall",
                    "call" + i % 80,
                    "count",
                    10,
                    "errors",
                    1,
                    "interval",
                    nanos(10));
            scene.at(
                    time,
                    "kernel.FileStatistics",
                    "pid",
                    i % 1000,
                    "path",
                    "/data/" + i % 500,
                    "opens",
                    1,
                    "interval",
                    nanos(10));
            scene.at(
                    time,
                    "kernel.ProcessCpu",
                    "pid",
                    i % 1000,
                    "processName",
                    "p" + i % 300,
                    "cpuTime",
                    1000,
                    "interval",
                    nanos(10));
            scene.at(
                    time,
                    "kernel.ProcessExit",
                    "pid",
                    i,
                    "processName",
                    "p" + i % 300,
                    "lifetime",
                    nanos(0.1),
                    "signal",
                    "",
                    "parentPid",
                    i % 50);
            scene.at(
                    time,
                    "kernel.TcpConnection",
                    "direction",
                    "OPENED",
                    "remoteAddress",
                    "192.0.2." + i % 250,
                    "lifetime",
                    nanos(0.1));
            scene.lasting(
                    time,
                    0.012,
                    "kernel.RunQueueWait",
                    "threadName",
                    "GC Thread#" + i % 4,
                    "ranInstead",
                    "p" + i % 300);
            scene.at(
                    time,
                    "kernel.Signal",
                    "pid",
                    i % 1000,
                    "signal",
                    "SIGUSR1",
                    "targetPid",
                    i % 1000,
                    "targetPidNamespace",
                    "",
                    "origin",
                    "process",
                    "result",
                    "");
            scene.lasting(time, 0.002, "kernel.MajorPageFault", "path", "/data/" + i % 100);
        }
        for (int i = 0; i < 3600; i++) {
            scene.lasting(i, 0.05, "jdk.GCPhasePause");
        }
    }
}
