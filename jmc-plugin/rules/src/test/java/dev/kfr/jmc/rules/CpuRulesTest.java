// SPDX-License-Identifier: Apache-2.0
package dev.kfr.jmc.rules;

import static dev.kfr.jmc.rules.Scene.nanos;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.openjdk.jmc.common.unit.UnitLookup;
import org.openjdk.jmc.flightrecorder.rules.Severity;

class CpuRulesTest {
    private static final String PROCESS_CPU = "kernel.ProcessCpu";

    @Test
    void aFifthOfRunnableTimeSpentWaitingIsTold() throws Exception {
        try (var scene = Scene.begin()) {
            scene.rows(0, 60, PROCESS_CPU, "cpuTime", nanos(4), "runQueueTime", nanos(1));
            var verdicts = scene.judge().found(CpuWaitRule.class, Severity.INFO, "service (" + Scene.PID + ")");
            assertEquals(
                    20, verdicts.value(CpuWaitRule.class, CpuWaitRule.SHARE).doubleValueIn(UnitLookup.PERCENT), 0.1);
        }
    }

    @Test
    void lessThanAFifthIsGood() throws Exception {
        try (var scene = Scene.begin()) {
            scene.rows(0, 60, PROCESS_CPU, "cpuTime", nanos(4.01), "runQueueTime", nanos(1));
            scene.judge().good(CpuWaitRule.class);
        }
    }

    @Test
    void waitingAsLongAsRunningIsAWarningThatSaysWhoHadTheCpus() throws Exception {
        try (var scene = Scene.begin()) {
            scene.rows(0, 60, PROCESS_CPU, "cpuTime", nanos(3), "runQueueTime", nanos(3));
            scene.rows(
                    0,
                    60,
                    PROCESS_CPU,
                    "pid",
                    Scene.OTHER,
                    "processName",
                    "miner",
                    "cpuTime",
                    nanos(17),
                    "runQueueTime",
                    0);
            for (int cpu = 0; cpu < 2; cpu++) {
                scene.rowNow("kernel.CpuUsage", "cpu", cpu, "idle", 0.0);
            }
            scene.lasting(30, 0.4, "kernel.RunQueueWait", "ranInstead", "miner/main");
            var verdicts = scene.judge().found(CpuWaitRule.class, Severity.WARNING, "service");
            var text = Verdicts.describe(verdicts.of(CpuWaitRule.class));
            assertTrue(text.matches("(?s).*miner \\d+\\.\\d s.*") && text.contains("held by miner/main"), text);
            verdicts.found(NoisyNeighbourRule.class, Severity.WARNING, "miner had");
        }
    }

    @Test
    void anIdleServiceThatWaitsForItsFewTicksIsGood() throws Exception {
        try (var scene = Scene.begin()) {
            scene.rows(0, 600, PROCESS_CPU, "cpuTime", nanos(0.05), "runQueueTime", nanos(0.49));
            scene.rows(0, 600, PROCESS_CPU, "pid", Scene.OTHER, "processName", "make", "cpuTime", nanos(20));
            scene.judge().good(CpuWaitRule.class).good(NoisyNeighbourRule.class);
        }
    }

    @Test
    void oneLongStandstillIsNoLackOfCpus() throws Exception {
        try (var scene = Scene.begin()) {
            scene.rows(0, 20, PROCESS_CPU, "cpuTime", nanos(0.4), "runQueueTime", nanos(0.1));
            scene.at(
                    30,
                    PROCESS_CPU,
                    "interval",
                    nanos(10),
                    "cpuTime",
                    nanos(0.4),
                    "runQueueTime",
                    nanos(5.1),
                    "runQueueMax",
                    nanos(5));
            scene.rows(0, 30, PROCESS_CPU, "pid", Scene.OTHER, "processName", "make", "cpuTime", nanos(8));
            scene.rowNow("kernel.CpuUsage", "cpu", 0, "idle", 0.8);
            scene.judge().good(CpuWaitRule.class).good(CpuQuotaRule.class).good(NoisyNeighbourRule.class);
        }
    }

    @Test
    void aBusyNeighbourIsNobodysProblemWhileThereIsEnoughForAll() throws Exception {
        try (var scene = Scene.begin()) {
            scene.rows(0, 60, PROCESS_CPU, "cpuTime", nanos(5), "runQueueTime", nanos(0.1));
            scene.rows(0, 60, PROCESS_CPU, "pid", Scene.OTHER, "processName", "make", "cpuTime", nanos(40));
            scene.judge().good(NoisyNeighbourRule.class).good(CpuWaitRule.class);
        }
    }

    @Test
    void neighboursThatShareTheHostEquallyAreNotNoisy() throws Exception {
        try (var scene = Scene.begin()) {
            scene.rows(0, 60, PROCESS_CPU, "cpuTime", nanos(5), "runQueueTime", nanos(5));
            for (int i = 0; i < 3; i++) {
                scene.rows(0, 60, PROCESS_CPU, "pid", Scene.OTHER + i, "processName", "other" + i, "cpuTime", nanos(5));
            }
            scene.judge().good(NoisyNeighbourRule.class);
        }
    }

    @Test
    void processesOfOneContainerAreOneNeighbour() throws Exception {
        try (var scene = Scene.begin()) {
            scene.rows(0, 60, PROCESS_CPU, "cpuTime", nanos(5), "runQueueTime", nanos(5));
            for (int i = 0; i < 10; i++) {
                scene.rows(
                        0,
                        60,
                        PROCESS_CPU,
                        "pid",
                        Scene.OTHER + i,
                        "processName",
                        "worker",
                        "container",
                        "batch",
                        "cpuTime",
                        nanos(1));
            }
            scene.judge().found(NoisyNeighbourRule.class, Severity.INFO, "worker in batch");
        }
    }

    @Test
    void whatOnlySawTheServiceCantTellAboutNeighbours() throws Exception {
        try (var scene = Scene.begin()) {
            scene.rows(0, 60, PROCESS_CPU, "cpuTime", nanos(5), "runQueueTime", nanos(5));
            scene.judge().notApplicable(NoisyNeighbourRule.class).found(CpuWaitRule.class, Severity.WARNING, "service");
        }
    }

    @Test
    void aNeighbourThatHogsTheDiskIsToldIfTheServiceWaitsForIt() throws Exception {
        try (var scene = Scene.begin()) {
            scene.rows(0, 60, PROCESS_CPU, "cpuTime", nanos(1), "runQueueTime", 0);
            scene.rows(
                    0,
                    60,
                    PROCESS_CPU,
                    "pid",
                    Scene.OTHER,
                    "processName",
                    "backup",
                    "cpuTime",
                    nanos(1),
                    "runQueueTime",
                    0);
            for (int i = 0; i < 10; i++) {
                scene.lasting(i * 5, 0.5, "kernel.FileRead", "path", "/data/index");
            }
            scene.rows(0, 60, "kernel.FileStatistics", "path", "/data/index", "bytesRead", 10_000_000);
            scene.rows(
                    0,
                    60,
                    "kernel.FileStatistics",
                    "pid",
                    Scene.OTHER,
                    "processName",
                    "backup",
                    "path",
                    "/data/all",
                    "bytesRead",
                    90_000_000);
            scene.judge().found(NoisyNeighbourRule.class, Severity.WARNING, "backup had");
        }
    }

    @Test
    void aNeighbourThatStartsProcessesIsToldWhileTheServiceWaits() throws Exception {
        try (var scene = Scene.begin()) {
            scene.rows(0, 60, PROCESS_CPU, "cpuTime", nanos(5), "runQueueTime", nanos(5));
            for (int i = 0; i < 5; i++) {
                scene.rows(0, 60, PROCESS_CPU, "pid", Scene.OTHER + i, "processName", "other" + i, "cpuTime", nanos(3));
            }
            for (int i = 0; i < 60 * 50; i++) {
                scene.at(
                        i / 50.0,
                        "kernel.ProcessStart",
                        "pid",
                        100_000 + i,
                        "parentPid",
                        Scene.OTHER,
                        "executable",
                        "/bin/true");
            }
            scene.judge()
                    .found(
                            NoisyNeighbourRule.class,
                            Severity.INFO,
                            "other0 (" + Scene.OTHER + ") started 50 processes");
        }
    }

    @Test
    void theWorstMinuteOfALongRecordingCounts() throws Exception {
        try (var scene = Scene.begin()) {
            scene.rows(0, 3600, PROCESS_CPU, "cpuTime", nanos(2), "runQueueTime", nanos(0.01));
            scene.rows(3600, 3660, PROCESS_CPU, "cpuTime", nanos(2), "runQueueTime", nanos(3));
            scene.rows(3660, 7200, PROCESS_CPU, "cpuTime", nanos(2), "runQueueTime", nanos(0.01));
            scene.judge().found(CpuWaitRule.class, Severity.WARNING, "service");
        }
    }

    @Test
    void eachOfSeveralJvmsIsJudgedByItself() throws Exception {
        try (var scene = Scene.begin()) {
            scene.rows(0, 60, PROCESS_CPU, "cpuTime", nanos(9), "runQueueTime", nanos(0.5));
            scene.rows(
                    0,
                    60,
                    PROCESS_CPU,
                    "pid",
                    Scene.OTHER,
                    "processName",
                    "java",
                    "cpuTime",
                    nanos(1),
                    "runQueueTime",
                    nanos(9));
            scene.judge().good(CpuWaitRule.class);
        }
    }

    @Test
    void aQuotaUsedUpInEveryTwentiethPeriodIsTold() throws Exception {
        try (var scene = Scene.begin()) {
            scene.at(0, "jdk.ContainerCPUThrottling", "cpuElapsedSlices", 1000, "cpuThrottledSlices", 500);
            scene.at(
                    60,
                    "jdk.ContainerCPUThrottling",
                    "cpuElapsedSlices",
                    1600,
                    "cpuThrottledSlices",
                    530,
                    "cpuThrottledTime",
                    nanos(3));
            scene.at(60, PROCESS_CPU);
            scene.at(0, PROCESS_CPU);
            scene.judge().found(CpuQuotaRule.class, Severity.INFO, "stopped the service in 5");
        }
    }

    @Test
    void aQuotaUsedUpInEveryFourthPeriodIsAWarning() throws Exception {
        try (var scene = Scene.begin()) {
            scene.at(0, "jdk.ContainerCPUThrottling", "cpuElapsedSlices", 1000, "cpuThrottledSlices", 500);
            scene.at(
                    60,
                    "jdk.ContainerCPUThrottling",
                    "cpuElapsedSlices",
                    1600,
                    "cpuThrottledSlices",
                    650,
                    "cpuThrottledTime",
                    nanos(9));
            scene.at(60, PROCESS_CPU);
            scene.at(0, PROCESS_CPU);
            scene.judge().found(CpuQuotaRule.class, Severity.WARNING, "25");
        }
    }

    @Test
    void aQuotaThatIsHardlyUsedUpIsGood() throws Exception {
        try (var scene = Scene.begin()) {
            scene.at(0, "jdk.ContainerCPUThrottling", "cpuElapsedSlices", 1000, "cpuThrottledSlices", 900);
            scene.at(
                    60,
                    "jdk.ContainerCPUThrottling",
                    "cpuElapsedSlices",
                    1020,
                    "cpuThrottledSlices",
                    902,
                    "cpuThrottledTime",
                    nanos(0.1));
            scene.at(60, PROCESS_CPU);
            scene.at(0, PROCESS_CPU);
            scene.judge().good(CpuQuotaRule.class);
        }
    }

    @Test
    void waitingWhileCpusAreIdleIsAQuota() throws Exception {
        try (var scene = Scene.begin()) {
            scene.rows(-30, 10, PROCESS_CPU, "cpuTime", nanos(2), "runQueueTime", nanos(2));
            scene.rowNow("kernel.CpuUsage", "cpu", 0, "idle", 0.9);
            scene.rowNow("kernel.CpuUsage", "cpu", 1, "idle", 0.5);
            scene.judge().found(CpuQuotaRule.class, Severity.WARNING, "70");
        }
    }

    @Test
    void waitingWhileNoCpuIsIdleIsNoQuota() throws Exception {
        try (var scene = Scene.begin()) {
            scene.rows(-30, 10, PROCESS_CPU, "cpuTime", nanos(2), "runQueueTime", nanos(2));
            scene.rowNow("kernel.CpuUsage", "cpu", 0, "idle", 0.1);
            scene.judge().good(CpuQuotaRule.class);
        }
    }

    @Test
    void withoutEventsOfCpusItCantBeTold() throws Exception {
        try (var scene = Scene.without(PROCESS_CPU, "kernel.CpuUsage", "jdk.ContainerCPUThrottling")) {
            scene.judge()
                    .notApplicable(CpuWaitRule.class)
                    .notApplicable(NoisyNeighbourRule.class)
                    .notApplicable(CpuQuotaRule.class);
        }
    }

    @Test
    void waitingIsFoundWithoutSingleWaitsAndCpuUsage() throws Exception {
        try (var scene = Scene.without("kernel.RunQueueWait", "kernel.CpuUsage", "kernel.EventLoss")) {
            scene.rows(0, 60, PROCESS_CPU, "cpuTime", nanos(3), "runQueueTime", nanos(3));
            scene.judge().found(CpuWaitRule.class, Severity.WARNING, "service");
        }
    }
}
