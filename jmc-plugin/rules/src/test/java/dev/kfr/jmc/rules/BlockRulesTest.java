// SPDX-License-Identifier: Apache-2.0
package dev.kfr.jmc.rules;

import static dev.kfr.jmc.rules.Scene.nanos;
import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.openjdk.jmc.flightrecorder.rules.Severity;

class BlockRulesTest {

    @Test
    void aDiskThatTakes50MillisecondsIsTold() throws Exception {
        try (var scene = Scene.begin()) {
            disk(scene, 60, 100, "read", 0.05);
            var verdicts = scene.judge().found(SlowDiskRule.class, Severity.INFO, "sda");
            assertEquals(
                    600, verdicts.value(SlowDiskRule.class, SlowDiskRule.COUNT).doubleValue());
        }
    }

    @Test
    void aDiskThatTakesAQuarterOfASecondIsAWarning() throws Exception {
        try (var scene = Scene.begin()) {
            disk(scene, 60, 100, "write", 0.25);
            scene.judge().found(SlowDiskRule.class, Severity.WARNING, "(write)");
        }
    }

    @Test
    void aFastDiskWithAFewSlowRequestsIsGood() throws Exception {
        try (var scene = Scene.begin()) {
            disk(scene, 50, 10_000, "read", 0.001);
            scene.rows(
                    50,
                    60,
                    "kernel.BlockIoStatistics",
                    "device",
                    "sda",
                    "operation",
                    "read",
                    "count",
                    10,
                    "p99",
                    nanos(0.5),
                    "max",
                    nanos(1));
            scene.judge().good(SlowDiskRule.class);
        }
    }

    @Test
    void fewRequestsSayNothing() throws Exception {
        try (var scene = Scene.begin()) {
            disk(scene, 60, 3, "read", 2);
            scene.judge().good(SlowDiskRule.class);
        }
    }

    @Test
    void discardingIsWaitedForByNobody() throws Exception {
        try (var scene = Scene.begin()) {
            disk(scene, 60, 100, "discard", 2);
            scene.judge().good(SlowDiskRule.class);
        }
    }

    @Test
    void withoutEventsOfDisksItCantBeTold() throws Exception {
        try (var scene = Scene.without("kernel.BlockIoStatistics")) {
            scene.judge().notApplicable(SlowDiskRule.class);
        }
    }

    private static void disk(Scene scene, double until, int count, String operation, double p99) {
        scene.rows(
                0,
                until,
                "kernel.BlockIoStatistics",
                "device",
                "sda",
                "operation",
                operation,
                "count",
                count,
                "p50",
                nanos(p99 / 2),
                "p99",
                nanos(p99),
                "max",
                nanos(p99 * 2),
                "totalTime",
                nanos(count * p99 / 2));
    }
}
