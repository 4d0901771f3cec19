// SPDX-License-Identifier: Apache-2.0
package dev.kfr.jmc.rules;

import static dev.kfr.jmc.rules.Scene.nanos;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.openjdk.jmc.flightrecorder.rules.Severity;

class MemoryRulesTest {

    @Test
    void timeSpentWaitingForPagesIsTold() throws Exception {
        try (var scene = Scene.begin()) {
            scene.rows(0, 60, "kernel.PageFaults", "major", 20, "majorTime", nanos(0.2));
            scene.lasting(30, 0.05, "kernel.MajorPageFault", "path", "/data/index");
            var verdicts = scene.judge().found(MajorFaultsRule.class, Severity.INFO, "2");
            assertTrue(Verdicts.describe(verdicts.of(MajorFaultsRule.class)).contains("/data/index"));
        }
    }

    @Test
    void aHeapOnSwapIsAWarning() throws Exception {
        try (var scene = Scene.begin()) {
            scene.rows(0, 60, "kernel.PageFaults", "major", 2000, "majorTime", nanos(2));
            scene.lasting(30, 0.05, "kernel.MajorPageFault", "path", "");
            var verdicts = scene.judge().found(MajorFaultsRule.class, Severity.WARNING, "20");
            assertTrue(
                    Verdicts.describe(verdicts.of(MajorFaultsRule.class)).contains("memory that belongs to no file"));
        }
    }

    @Test
    void faultsWithoutTimesCountAsOnGoodDisks() throws Exception {
        try (var scene = Scene.without("kernel.MajorPageFault")) {
            scene.rows(0, 60, "kernel.PageFaults", "major", 400);
            scene.judge().found(MajorFaultsRule.class, Severity.INFO, "2");
        }
    }

    @Test
    void startingFromAColdDiskIsGood() throws Exception {
        try (var scene = Scene.begin()) {
            scene.rows(0, 10, "kernel.PageFaults", "major", 1500, "majorTime", nanos(0.8));
            scene.rows(10, 60, "kernel.PageFaults", "major", 1, "majorTime", nanos(0.001));
            scene.judge().good(MajorFaultsRule.class);
        }
    }

    @Test
    void faultsOfOthersAreTheirs() throws Exception {
        try (var scene = Scene.begin()) {
            scene.rows(0, 60, "kernel.PageFaults", "pid", Scene.OTHER, "major", 2000, "majorTime", nanos(5));
            scene.judge().good(MajorFaultsRule.class);
        }
    }

    @Test
    void reclaimInTheServicesThreadsIsTold() throws Exception {
        try (var scene = Scene.begin()) {
            for (int i = 0; i < 60; i++) {
                scene.lasting(i, 0.0101, "kernel.DirectReclaim", "pagesReclaimed", 32, "cause", "host");
            }
            scene.judge().found(DirectReclaimRule.class, Severity.INFO, "service");
        }
    }

    @Test
    void muchReclaimIsAWarning() throws Exception {
        try (var scene = Scene.begin()) {
            for (int i = 0; i < 60; i++) {
                scene.lasting(i, 0.11, "kernel.DirectReclaim", "pagesReclaimed", 32, "cause", "cgroup");
            }
            var verdicts = scene.judge().found(DirectReclaimRule.class, Severity.WARNING, "service");
            assertTrue(Verdicts.describe(verdicts.of(DirectReclaimRule.class)).contains("control group"));
        }
    }

    @Test
    void aFewReclaimsAreGood() throws Exception {
        try (var scene = Scene.begin()) {
            for (int i = 0; i < 60; i++) {
                scene.lasting(i, 0.009, "kernel.DirectReclaim", "pagesReclaimed", 32, "cause", "host");
            }
            scene.judge().good(DirectReclaimRule.class);
        }
    }

    @Test
    void aKillOnTheHostIsAWarning() throws Exception {
        try (var scene = Scene.begin()) {
            kill(scene, "", "/user.slice");
            scene.judge().found(OomKillRule.class, Severity.WARNING, "killed 1 ");
        }
    }

    @Test
    void aKillInTheServicesContainerIsAWarning() throws Exception {
        try (var scene = Scene.begin()) {
            scene.at(0, "kernel.FileOpen", "container", "abc123");
            kill(scene, "abc123", "/docker/abc123456");
            var verdicts = scene.judge().found(OomKillRule.class, Severity.WARNING, "killed 1 ");
            var text = Verdicts.describe(verdicts.of(OomKillRule.class));
            assertTrue(
                    text.contains("The service, or its container")
                            && text.contains("worker (4711) with 512 MB in /docker/abc123456"),
                    text);
        }
    }

    @Test
    void aKillInAnotherContainerIsInformation() throws Exception {
        try (var scene = Scene.begin()) {
            scene.at(0, "kernel.FileOpen", "container", "abc123");
            kill(scene, "def456", "/docker/def456789");
            scene.judge().found(OomKillRule.class, Severity.INFO, "killed 1 ");
        }
    }

    @Test
    void killsInAnotherContainerAgainAndAgainAreAWarning() throws Exception {
        try (var scene = Scene.begin()) {
            for (int i = 0; i < 5; i++) {
                kill(scene, "def456", "/docker/def456789");
            }
            scene.judge().found(OomKillRule.class, Severity.WARNING, "killed 5 ");
        }
    }

    @Test
    void noKillIsGood() throws Exception {
        try (var scene = Scene.begin()) {
            scene.judge().good(OomKillRule.class);
        }
    }

    @Test
    void withoutEventsOfMemoryItCantBeTold() throws Exception {
        try (var scene = Scene.without("kernel.PageFaults", "kernel.DirectReclaim", "kernel.OutOfMemoryKill")) {
            scene.judge()
                    .notApplicable(MajorFaultsRule.class)
                    .notApplicable(DirectReclaimRule.class)
                    .notApplicable(OomKillRule.class);
        }
    }

    private static void kill(Scene scene, String container, String cgroup) {
        scene.at(
                5,
                "kernel.OutOfMemoryKill",
                "pid",
                Scene.OTHER,
                "container",
                container,
                "victimPid",
                4711,
                "victimName",
                "worker",
                "victimPidNamespace",
                "",
                "residentSize",
                512L << 20,
                "memoryCgroup",
                cgroup);
    }
}
