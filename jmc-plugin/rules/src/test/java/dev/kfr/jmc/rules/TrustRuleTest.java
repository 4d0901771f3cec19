// SPDX-License-Identifier: Apache-2.0
package dev.kfr.jmc.rules;

import static dev.kfr.jmc.rules.Scene.nanos;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.openjdk.jmc.flightrecorder.rules.Severity;

class TrustRuleTest {

    @Test
    void aThousandthLostIsTold() throws Exception {
        try (var scene = Scene.begin()) {
            loss(scene, 100_000, 0, 100);
            var verdicts = scene.judge().found(TrustRule.class, Severity.INFO, "of the events about files were lost");
            assertTrue(Verdicts.describe(verdicts.of(TrustRule.class)).contains("files: ring full"));
        }
    }

    @Test
    void aTwentiethLostIsAWarning() throws Exception {
        try (var scene = Scene.begin()) {
            loss(scene, 1000, 0, 50);
            scene.judge().found(TrustRule.class, Severity.WARNING, "files were lost");
        }
    }

    @Test
    void whatIsHeldBackIsNotLost() throws Exception {
        try (var scene = Scene.begin()) {
            loss(scene, 1_000_000, 999_000, 9);
            var verdicts = scene.judge().good(TrustRule.class);
            assertTrue(Verdicts.summary(verdicts.of(TrustRule.class)).contains("throttle settings held back"));
        }
    }

    @Test
    void aMissingProbeIsTold() throws Exception {
        try (var scene = Scene.begin()) {
            status(scene, "page_fault_user", "FAILED");
            scene.judge().found(TrustRule.class, Severity.INFO, "page_fault_user");
        }
    }

    @Test
    void aProbeThatWasAttachedInTheEndIsNotMissing() throws Exception {
        try (var scene = Scene.begin()) {
            status(scene, "page_fault_user", "FAILED");
            Thread.sleep(2);
            status(scene, "page_fault_user", "ATTACHED");
            scene.judge().good(TrustRule.class);
        }
    }

    @Test
    void noEventsFromAMissingProbeAreNoGoodNews() throws Exception {
        try (var scene = Scene.begin()) {
            status(scene, "mark_victim", "FAILED");
            scene.judge().notApplicable(OomKillRule.class).notApplicable(SlowSyncRule.class);
        }
    }

    @Test
    void runsThatTheKernelLeftOutAreTold() throws Exception {
        try (var scene = Scene.begin()) {
            scene.rows(0, 60, "kernel.SyscallStatistics", "syscall", "read", "count", 1000);
            scene.now("kernel.EventLoss", "subject", "syscalls", "skipped", 600, "reason", "", "interval", nanos(10));
            scene.judge().found(TrustRule.class, Severity.WARNING, "left out");
        }
    }

    @Test
    void completeEventsAreGood() throws Exception {
        try (var scene = Scene.begin()) {
            loss(scene, 1000, 0, 0);
            scene.now("kernel.ChunkEnd", "complete", true);
            scene.judge().good(TrustRule.class);
        }
    }

    @Test
    void anEndWithoutTimeIsTold() throws Exception {
        try (var scene = Scene.begin()) {
            scene.now("kernel.ChunkEnd", "complete", false);
            loss(scene, 1000, 0, 0);
            scene.judge().found(TrustRule.class, Severity.INFO, "not all could be written in time");
        }
    }

    @Test
    void withoutEventLossItCantBeTold() throws Exception {
        try (var scene = Scene.without("kernel.EventLoss")) {
            scene.judge().notApplicable(TrustRule.class);
        }
    }

    private static void loss(Scene scene, int produced, int throttled, int lost) {
        scene.now(
                "kernel.EventLoss",
                "subject",
                "files",
                "produced",
                produced,
                "recorded",
                produced - throttled - lost,
                "throttled",
                throttled,
                "lost",
                lost,
                "reason",
                lost > 0 ? "ring full" : "",
                "interval",
                nanos(10));
    }

    private static void status(Scene scene, String probe, String state) {
        scene.now("kernel.ProbeStatus", "probe", probe, "state", state, "variant", "", "message", "EPERM");
    }
}
