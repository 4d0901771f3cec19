// SPDX-License-Identifier: Apache-2.0
package dev.kfr.jmc.rules;

import static dev.kfr.jmc.rules.Scene.nanos;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.openjdk.jmc.common.unit.UnitLookup;
import org.openjdk.jmc.flightrecorder.rules.Severity;

class ProcessesRulesTest {

    @Test
    void tenShortLivedProcessesASecondAreTold() throws Exception {
        try (var scene = Scene.begin()) {
            exits(scene, 10.1, 60, 0.02, Scene.PID);
            var verdicts = scene.judge().found(ProcessStormRule.class, Severity.INFO, "10");
            var text = Verdicts.describe(verdicts.of(ProcessStormRule.class));
            assertTrue(text.contains("of date by") && text.contains("library call"), text);
        }
    }

    @Test
    void aHundredShortLivedProcessesASecondAreAWarning() throws Exception {
        try (var scene = Scene.begin()) {
            exits(scene, 100.1, 60, 0.02, Scene.OTHER);
            var verdicts = scene.judge().found(ProcessStormRule.class, Severity.WARNING, "100");
            assertTrue(Verdicts.describe(verdicts.of(ProcessStormRule.class)).contains("Find who starts them"));
        }
    }

    @Test
    void aScriptThatStartsHundredsAtOnceIsGood() throws Exception {
        try (var scene = Scene.begin()) {
            exits(scene, 100, 5, 0.02, Scene.OTHER);
            exits(scene, 1, 120, 0.02, Scene.OTHER);
            scene.judge().good(ProcessStormRule.class);
        }
    }

    @Test
    void processesThatLiveAreGood() throws Exception {
        try (var scene = Scene.begin()) {
            exits(scene, 50, 60, 1, Scene.OTHER);
            scene.judge().good(ProcessStormRule.class);
        }
    }

    @Test
    void anOrderlyEndIsToldWithItsSender() throws Exception {
        try (var scene = Scene.begin()) {
            signal(scene, 1, "SIGTERM", Scene.PID, "process");
            scene.judge()
                    .found(
                            SignalRule.class,
                            Severity.INFO,
                            "The JVM got SIGTERM from supervisor (" + Scene.OTHER + ")");
        }
    }

    @Test
    void beingStoppedIsAWarningThatSaysForHowLong() throws Exception {
        try (var scene = Scene.begin()) {
            signal(scene, 1, "SIGSTOP", Scene.PID, "process");
            signal(scene, 1.5, "SIGSTOP", Scene.PID, "process");
            signal(scene, 4, "SIGCONT", Scene.PID, "process");
            signal(scene, 5, "SIGTERM", Scene.PID, "process");
            var verdicts = scene.judge().found(SignalRule.class, Severity.WARNING, "SIGSTOP");
            assertEquals(
                    3, verdicts.value(SignalRule.class, SignalRule.STOPPED).doubleValueIn(UnitLookup.SECOND), 0.01);
        }
    }

    @Test
    void whatTheKernelSendsBecauseOfABadMappingIsAWarning() throws Exception {
        try (var scene = Scene.begin()) {
            signal(scene, 1, "SIGBUS", Scene.PID, "kernel");
            scene.judge().found(SignalRule.class, Severity.WARNING, "SIGBUS from the kernel");
        }
    }

    @Test
    void signalsThatHotSpotLivesWithAreGood() throws Exception {
        try (var scene = Scene.begin()) {
            for (int i = 0; i < 100; i++) {
                signal(scene, i, "SIGSEGV", Scene.PID, "kernel");
                signal(scene, i, "SIGKILL", Scene.OTHER + 1, "process");
            }
            signal(scene, 1, "SIGQUIT", Scene.PID, "process");
            scene.judge().good(SignalRule.class);
        }
    }

    @Test
    void manyThreadDumpsAreTold() throws Exception {
        try (var scene = Scene.begin()) {
            for (int i = 0; i < 10; i++) {
                signal(scene, i, "SIGQUIT", Scene.PID, "process");
            }
            scene.judge().found(SignalRule.class, Severity.INFO, "thread dumps again and again");
        }
    }

    @Test
    void aProcessOfTheJvmThatWasKilledIsTold() throws Exception {
        try (var scene = Scene.begin()) {
            scene.at(
                    1,
                    "kernel.ProcessExit",
                    "pid",
                    4711,
                    "processName",
                    "convert",
                    "parentPid",
                    Scene.PID,
                    "signal",
                    "SIGKILL");
            scene.judge().found(SignalRule.class, Severity.INFO, "SIGKILL ended convert (4711)");
        }
    }

    @Test
    void signalsCanBeLeftOut() throws Exception {
        try (var scene = Scene.begin()) {
            signal(scene, 1, "SIGTERM", Scene.PID, "process");
            Verdicts.about(scene.items(), SignalRule.IGNORED, "SIGHUP SIGTERM").good(SignalRule.class);
        }
    }

    @Test
    void withoutEventsOfProcessesItCantBeTold() throws Exception {
        try (var scene = Scene.without("kernel.ProcessExit", "kernel.Signal")) {
            scene.judge().notApplicable(ProcessStormRule.class).notApplicable(SignalRule.class);
        }
    }

    @Test
    void signalsAreFoundWithoutTheEndsOfProcesses() throws Exception {
        try (var scene = Scene.without("kernel.ProcessExit")) {
            signal(scene, 1, "SIGTERM", Scene.PID, "process");
            scene.judge().found(SignalRule.class, Severity.INFO, "SIGTERM");
        }
    }

    private static void exits(Scene scene, double rate, double until, double lifetime, long parent) {
        for (int i = 0; i < rate * until; i++) {
            scene.at(
                    i / rate,
                    "kernel.ProcessExit",
                    "pid",
                    Scene.OTHER + 1 + i,
                    "processName",
                    "date",
                    "lifetime",
                    nanos(lifetime),
                    "cpuTime",
                    nanos(0.002),
                    "signal",
                    "",
                    "parentPid",
                    parent);
        }
    }

    private static void signal(Scene scene, double time, String signal, long target, String origin) {
        scene.at(
                time,
                "kernel.Signal",
                "pid",
                Scene.OTHER,
                "processName",
                "supervisor",
                "signal",
                signal,
                "targetPid",
                target,
                "targetName",
                "service",
                "targetPidNamespace",
                "",
                "origin",
                origin,
                "result",
                "delivered");
    }
}
