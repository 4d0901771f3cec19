// SPDX-License-Identifier: Apache-2.0
package dev.kfr.jmc.rules;

import static dev.kfr.jmc.rules.Scene.nanos;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.openjdk.jmc.flightrecorder.rules.Severity;

class FilesRulesTest {

    @Test
    void threeSlowSyncsInAMinuteAreTold() throws Exception {
        try (var scene = Scene.begin()) {
            for (double time : new double[] {1, 20, 50}) {
                scene.lasting(time, 0.1, "kernel.FileSync", "path", "/data/log", "call", "fsync");
            }
            var verdicts = scene.judge().found(SlowSyncRule.class, Severity.INFO, "/data/log");
            assertEquals(
                    3, verdicts.value(SlowSyncRule.class, SlowSyncRule.COUNT).longValue());
        }
    }

    @Test
    void syncsOfASecondAreAWarning() throws Exception {
        try (var scene = Scene.begin()) {
            for (double time : new double[] {1, 20, 50}) {
                scene.lasting(time, 1, "kernel.FileSync", "path", "/data/log", "call", "fsync");
            }
            scene.judge().found(SlowSyncRule.class, Severity.WARNING, "/data/log");
        }
    }

    @Test
    void twoSlowSyncsMayBeAnAccident() throws Exception {
        try (var scene = Scene.begin()) {
            scene.lasting(1, 0.9, "kernel.FileSync", "path", "/data/log", "call", "fsync");
            scene.lasting(50, 0.5, "kernel.FileSync", "path", "/data/log", "call", "fsync");
            scene.judge().good(SlowSyncRule.class);
        }
    }

    @Test
    void oneSyncTenTimesTooSlowIsTold() throws Exception {
        try (var scene = Scene.begin()) {
            scene.lasting(1, 1, "kernel.FileSync", "path", "/data/log", "call", "fsync");
            scene.judge().found(SlowSyncRule.class, Severity.INFO, "/data/log");
        }
    }

    @Test
    void syncsJustBelowTheLimitAreGood() throws Exception {
        try (var scene = Scene.begin()) {
            for (int i = 0; i < 100; i++) {
                scene.lasting(i, 0.0999, "kernel.FileSync", "path", "/data/log", "call", "fsync");
            }
            scene.judge().good(SlowSyncRule.class);
        }
    }

    @Test
    void slowSyncsOfOtherProcessesAreTheirs() throws Exception {
        try (var scene = Scene.begin()) {
            for (int i = 0; i < 10; i++) {
                scene.lasting(i, 2, "kernel.FileSync", "pid", Scene.OTHER, "path", "/data/log", "call", "fsync");
            }
            scene.judge().good(SlowSyncRule.class);
        }
    }

    @Test
    void aProcessOutsideTheNamespaceIsNotTheServiceEvenIfItHasItsNumber() throws Exception {
        try (var scene = Scene.begin()) {
            for (int i = 0; i < 10; i++) {
                scene.lasting(i, 2, "kernel.FileSync", "pidNamespace", "host", "path", "/data/log", "call", "fsync");
            }
            scene.judge().good(SlowSyncRule.class);
        }
    }

    @Test
    void aBadMinuteOfAMonthIsAsBadAsOneOfAnHour() throws Exception {
        try (var scene = Scene.begin()) {
            double month = 30 * 24 * 3600;
            scene.lasting(0, 0.001, "kernel.FileSync", "path", "/data/log", "call", "fsync");
            for (int i = 0; i < 3; i++) {
                scene.lasting(month / 2 + i, 0.2, "kernel.FileSync", "path", "/data/log", "call", "fsync");
            }
            scene.lasting(month, 0.001, "kernel.FileSync", "path", "/data/log", "call", "fsync");
            scene.judge().found(SlowSyncRule.class, Severity.INFO, "/data/log");
        }
    }

    @Test
    void whatIsRareInAMonthIsNoProblemHoweverMuchItAddsUpTo() throws Exception {
        try (var scene = Scene.begin()) {
            for (int hour = 0; hour < 24 * 30; hour++) {
                scene.lasting(hour * 3600.0, 0.3, "kernel.FileSync", "path", "/data/log", "call", "fsync");
                scene.at(hour * 3600.0, "kernel.FileOpen", "path", "/etc/service.conf", "error", "");
            }
            scene.judge().good(SlowSyncRule.class).good(RepeatedOpensRule.class);
        }
    }

    @Test
    void aFileOpenedFiveTimesASecondIsTold() throws Exception {
        try (var scene = Scene.begin()) {
            scene.rows(0, 60, "kernel.FileStatistics", "path", "/etc/service.conf", "opens", 50);
            scene.judge().found(RepeatedOpensRule.class, Severity.INFO, "/etc/service.conf");
        }
    }

    @Test
    void aFileOpenedNearlyFiveTimesASecondIsGood() throws Exception {
        try (var scene = Scene.begin()) {
            scene.rows(0, 60, "kernel.FileStatistics", "path", "/etc/service.conf", "opens", 49);
            scene.judge().good(RepeatedOpensRule.class);
        }
    }

    @Test
    void aFileOpenedForEachRequestIsAWarning() throws Exception {
        try (var scene = Scene.begin()) {
            scene.rows(0, 120, "kernel.FileStatistics", "path", "/etc/service.conf", "opens", 1000);
            scene.judge().found(RepeatedOpensRule.class, Severity.WARNING, "/etc/service.conf 100 times");
        }
    }

    @Test
    void opensThatFailAreFoundByTheirEvents() throws Exception {
        try (var scene = Scene.begin()) {
            for (int i = 0; i < 60 * 20; i++) {
                scene.at(
                        i / 20.0,
                        "kernel.FileOpen",
                        "path",
                        "/app/missing.xml",
                        "error",
                        "ENOENT",
                        "fileDescriptor",
                        -1);
            }
            var verdicts = scene.judge().found(RepeatedOpensRule.class, Severity.INFO, "/app/missing.xml");
            assertTrue(Verdicts.describe(verdicts.of(RepeatedOpensRule.class))
                    .contains("of the recorded opens failed (ENOENT)"));
        }
    }

    @Test
    void manyFilesOpenedOnceEachAreGood() throws Exception {
        try (var scene = Scene.begin()) {
            for (int i = 0; i < 5000; i++) {
                scene.at(i / 100.0, "kernel.FileOpen", "path", "/app/" + i, "error", "", "fileDescriptor", 20);
            }
            scene.rows(0, 60, "kernel.FileStatistics", "path", "(other)", "opens", 100_000);
            scene.rows(0, 60, "kernel.FileStatistics", "path", "/proc", "opens", 100_000);
            scene.judge().good(RepeatedOpensRule.class);
        }
    }

    @Test
    void saysSoWhereEventsWereHeldBack() throws Exception {
        try (var scene = Scene.begin()) {
            scene.rows(0, 60, "kernel.FileStatistics", "path", "/etc/service.conf", "opens", 1000);
            scene.now(
                    "kernel.EventLoss",
                    "subject",
                    "files",
                    "produced",
                    9000,
                    "recorded",
                    6000,
                    "throttled",
                    3000,
                    "lost",
                    0,
                    "reason",
                    "",
                    "interval",
                    nanos(10));
            var result = scene.judge().of(RepeatedOpensRule.class);
            assertTrue(result.getExplanation()
                    .contains("Of 9,000 events about files the throttle held back 3,000 and 0 were lost"));
        }
    }

    @Test
    void withoutEventsOfFilesItCantBeTold() throws Exception {
        try (var scene = Scene.without("kernel.FileSync", "kernel.FileOpen")) {
            scene.judge()
                    .notApplicable(SlowSyncRule.class)
                    .notApplicable(RepeatedOpensRule.class)
                    .notApplicable(DescriptorLeakRule.class);
        }
    }

    @Test
    void opensAreFoundWithoutStatistics() throws Exception {
        try (var scene = Scene.without("kernel.FileStatistics", "kernel.SyscallStatistics", "kernel.EventLoss")) {
            for (int i = 0; i < 60 * 20; i++) {
                scene.at(i / 20.0, "kernel.FileOpen", "path", "/etc/service.conf", "error", "", "fileDescriptor", 20);
            }
            scene.judge().found(RepeatedOpensRule.class, Severity.INFO, "/etc/service.conf");
        }
    }

    @Test
    void descriptorsThatKeepGrowingAreALeak() throws Exception {
        try (var scene = Scene.begin()) {
            for (int i = 0; i < 600; i++) {
                scene.at(i, "kernel.FileOpen", "path", "/data/" + i, "error", "", "fileDescriptor", 20 + i);
            }
            scene.judge().found(DescriptorLeakRule.class, Severity.WARNING, "more descriptors open each hour");
        }
    }

    @Test
    void gapsThatOldDescriptorsLeaveDoNotHideALeak() throws Exception {
        try (var scene = Scene.begin()) {
            for (int i = 0; i < 600; i++) {
                scene.at(i, "kernel.FileOpen", "path", "/data/" + i, "error", "", "fileDescriptor", 20 + i);
                if (i % 6 == 0) {
                    scene.at(i + 0.5, "kernel.SocketCreate", "family", "AF_INET", "error", "", "fileDescriptor", 12);
                }
            }
            scene.judge().found(DescriptorLeakRule.class, Severity.WARNING, "more descriptors open each hour");
        }
    }

    @Test
    void aSlowLeakIsTold() throws Exception {
        try (var scene = Scene.begin()) {
            for (int minute = 0; minute <= 8 * 60; minute++) {
                scene.at(minute * 60.0, "kernel.FileOpen", "path", "/d", "error", "", "fileDescriptor", 20 + minute);
            }
            var verdicts = scene.judge().found(DescriptorLeakRule.class, Severity.INFO, "each hour");
            assertEquals(
                    60,
                    verdicts.value(DescriptorLeakRule.class, DescriptorLeakRule.RATE)
                            .doubleValue(),
                    2);
        }
    }

    @Test
    void aLeakThatBeganInTheLastHourOfAWeekIsFound() throws Exception {
        try (var scene = Scene.begin()) {
            double week = 7 * 24 * 3600;
            for (double time = 0; time < week - 3600; time += 600) {
                scene.at(time, "kernel.FileOpen", "path", "/d", "error", "", "fileDescriptor", 20);
            }
            for (int i = 0; i <= 3600; i++) {
                scene.at(week - 3600 + i, "kernel.FileOpen", "path", "/d", "error", "", "fileDescriptor", 20 + i);
            }
            scene.judge().found(DescriptorLeakRule.class, Severity.WARNING, "more descriptors");
        }
    }

    @Test
    void aServiceThatStartsAndThenKeepsItsDescriptorsIsGood() throws Exception {
        try (var scene = Scene.begin()) {
            for (int i = 0; i < 500; i++) {
                scene.at(i / 10.0, "kernel.FileOpen", "path", "/lib/" + i, "error", "", "fileDescriptor", 10 + i);
            }
            for (int i = 50; i < 600; i++) {
                scene.at(i, "kernel.FileOpen", "path", "/data", "error", "", "fileDescriptor", 510 + i % 3);
            }
            scene.judge().good(DescriptorLeakRule.class);
        }
    }

    @Test
    void fewMoreDescriptorsProveNothing() throws Exception {
        try (var scene = Scene.begin()) {
            for (int i = 0; i < 60; i++) {
                scene.at(i, "kernel.FileOpen", "path", "/data/" + i, "error", "", "fileDescriptor", 20 + i / 3);
            }
            scene.judge().good(DescriptorLeakRule.class);
        }
    }

    @Test
    void connectionsAcceptedAndNotClosedAreALeak() throws Exception {
        try (var scene = Scene.begin()) {
            scene.rows(0, 200, "kernel.SyscallStatistics", "syscall", "accept4", "count", 100, "errors", 10);
            scene.rows(0, 200, "kernel.SyscallStatistics", "syscall", "close", "count", 30);
            scene.rows(0, 200, "kernel.SyscallStatistics", "syscall", "(other)", "count", 10);
            var verdicts = scene.judge().found(DescriptorLeakRule.class, Severity.WARNING, "more descriptors");
            assertEquals(
                    1000,
                    verdicts.value(DescriptorLeakRule.class, DescriptorLeakRule.GROWTH)
                            .doubleValue());
        }
    }

    @Test
    void whatMayHaveBeenClosedIsNoLeak() throws Exception {
        try (var scene = Scene.begin()) {
            scene.rows(0, 200, "kernel.SyscallStatistics", "syscall", "accept4", "count", 100);
            scene.rows(0, 200, "kernel.SyscallStatistics", "syscall", "(other)", "count", 100);
            scene.judge().good(DescriptorLeakRule.class);
        }
    }
}
