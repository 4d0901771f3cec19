// SPDX-License-Identifier: Apache-2.0
package dev.kfr.jmc.rules;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.openjdk.jmc.common.unit.UnitLookup;
import org.openjdk.jmc.flightrecorder.rules.Severity;

class GcPauseRuleTest {
    private static final String WAIT = "kernel.RunQueueWait";

    @Test
    void aPauseThatWaitedForACpuIsTold() throws Exception {
        try (var scene = Scene.begin()) {
            scene.lasting(10, 0.1, "jdk.GCPhasePause");
            scene.lasting(10.01, 0.0201, WAIT, "threadName", "GC Thread#1", "ranInstead", "miner/main");
            var verdicts = scene.judge().found(GcPauseRule.class, Severity.INFO, "a CPU");
            assertTrue(Verdicts.describe(verdicts.of(GcPauseRule.class)).contains("held by miner/main"));
        }
    }

    @Test
    void waitsThatOverlapCountOnceAndOnlyInsideThePause() throws Exception {
        try (var scene = Scene.begin()) {
            scene.lasting(10, 0.5, "jdk.GCPhasePause");
            scene.lasting(9.9, 0.2, WAIT, "threadName", "GC Thread#0", "ranInstead", "a");
            scene.lasting(10.05, 0.1, WAIT, "threadName", "GC Thread#1", "ranInstead", "a");
            scene.lasting(10.4, 5, "kernel.MajorPageFault", "threadName", "VM Thread", "path", "");
            var verdicts = scene.judge().found(GcPauseRule.class, Severity.WARNING, "pause");
            assertEquals(
                    250, verdicts.value(GcPauseRule.class, GcPauseRule.ADDED).doubleValueIn(UnitLookup.MILLISECOND), 1);
        }
    }

    @Test
    void waitsOfApplicationThreadsDoNotMakeAPauseLonger() throws Exception {
        try (var scene = Scene.begin()) {
            scene.lasting(10, 0.5, "jdk.GCPhasePause");
            scene.lasting(10, 0.5, WAIT, "threadName", "http-worker-1", "ranInstead", "a");
            scene.lasting(10, 0.5, WAIT, "pid", Scene.OTHER, "threadName", "GC Thread#1", "ranInstead", "a");
            scene.judge().good(GcPauseRule.class);
        }
    }

    @Test
    void waitsOutsideOfPausesAreNoneOfItsBusiness() throws Exception {
        try (var scene = Scene.begin()) {
            scene.lasting(10, 0.05, "jdk.GCPhasePause");
            scene.lasting(11, 5, WAIT, "threadName", "G1 Conc#0", "ranInstead", "a");
            scene.judge().good(GcPauseRule.class);
        }
    }

    @Test
    void aSmallPartOfALongPauseDidNotMakeItLong() throws Exception {
        try (var scene = Scene.begin()) {
            scene.lasting(10, 3, "jdk.GCPhasePause");
            scene.lasting(10.1, 0.25, WAIT, "threadName", "GC Thread#1", "ranInstead", "a");
            scene.judge().good(GcPauseRule.class);
        }
    }

    @Test
    void faultsAndReclaimAreCausesToo() throws Exception {
        try (var scene = Scene.begin()) {
            scene.lasting(10, 1, "jdk.GCPhasePause");
            scene.lasting(10.1, 0.5, "kernel.MajorPageFault", "threadName", "GC Thread#1", "path", "");
            scene.lasting(10.6, 0.1, "kernel.DirectReclaim", "threadName", "GC Thread#1");
            scene.judge().found(GcPauseRule.class, Severity.WARNING, "pages from a disk");
        }
    }

    @Test
    void withoutPausesOrKernelEventsItCantBeTold() throws Exception {
        try (var scene = Scene.without("jdk.GCPhasePause")) {
            scene.judge().notApplicable(GcPauseRule.class);
        }
        try (var scene = Scene.without(WAIT, "kernel.MajorPageFault", "kernel.DirectReclaim")) {
            scene.judge().notApplicable(GcPauseRule.class);
        }
    }
}
