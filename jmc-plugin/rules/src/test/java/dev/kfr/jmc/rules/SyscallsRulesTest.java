// SPDX-License-Identifier: Apache-2.0
package dev.kfr.jmc.rules;

import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.openjdk.jmc.flightrecorder.rules.Severity;

class SyscallsRulesTest {

    @Test
    void aHundredFailingCallsASecondAreTold() throws Exception {
        try (var scene = Scene.begin()) {
            scene.rows(0, 60, "kernel.SyscallStatistics", "syscall", "openat", "count", 2000, "errors", 1000);
            scene.judge().found(FailingCallsRule.class, Severity.INFO, "openat failed 100 times per second");
        }
    }

    @Test
    void nearlyAHundredFailingCallsASecondAreGood() throws Exception {
        try (var scene = Scene.begin()) {
            scene.rows(0, 60, "kernel.SyscallStatistics", "syscall", "openat", "count", 2000, "errors", 999);
            scene.judge().good(FailingCallsRule.class);
        }
    }

    @Test
    void twoThousandFailingCallsASecondAreAWarningThatNamesTheError() throws Exception {
        try (var scene = Scene.begin()) {
            scene.rows(0, 60, "kernel.SyscallStatistics", "syscall", "openat", "count", 20_000, "errors", 20_000);
            scene.at(30, "kernel.SyscallError", "syscall", "openat", "error", "EACCES");
            var verdicts = scene.judge().found(FailingCallsRule.class, Severity.WARNING, "openat");
            assertTrue(Verdicts.describe(verdicts.of(FailingCallsRule.class)).contains("EACCES 1 times"));
        }
    }

    @Test
    void callsThatFailAsAPartOfHowTheyWorkAreGood() throws Exception {
        try (var scene = Scene.begin()) {
            for (var call : new String[] {"futex", "read", "recvfrom", "epoll_wait", "accept4", "(other)"}) {
                scene.rows(0, 60, "kernel.SyscallStatistics", "syscall", call, "count", 90_000, "errors", 80_000);
            }
            scene.judge().good(FailingCallsRule.class);
        }
    }

    @Test
    void failuresOfSuchCallsAreFoundByTheirErrors() throws Exception {
        try (var scene = Scene.begin()) {
            scene.rows(0, 60, "kernel.SyscallStatistics", "syscall", "connect", "count", 9000, "errors", 9000);
            for (int i = 0; i < 60 * 101; i++) {
                scene.at(i / 101.0, "kernel.SyscallError", "syscall", "connect", "error", "ECONNREFUSED");
                scene.at(i / 101.0, "kernel.SyscallError", "syscall", "recvfrom", "error", "EAGAIN");
            }
            scene.judge().found(FailingCallsRule.class, Severity.INFO, "connect failed 101 times");
        }
    }

    @Test
    void failuresOfOthersAreTheirs() throws Exception {
        try (var scene = Scene.begin()) {
            scene.rows(
                    0,
                    60,
                    "kernel.SyscallStatistics",
                    "pid",
                    Scene.OTHER,
                    "syscall",
                    "openat",
                    "count",
                    90_000,
                    "errors",
                    90_000);
            scene.judge().good(FailingCallsRule.class);
        }
    }

    @Test
    void withoutEventsOfSystemCallsItCantBeTold() throws Exception {
        try (var scene = Scene.without("kernel.SyscallStatistics")) {
            scene.judge().notApplicable(FailingCallsRule.class);
        }
    }
}
