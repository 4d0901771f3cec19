// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.processes;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class SignalNamesTest {
    @Test
    void namesAreThoseOfTheKernel() {
        assertEquals("SIGHUP", SignalNames.name(1));
        assertEquals("SIGKILL", SignalNames.name(9));
        assertEquals("SIGTERM", SignalNames.name(15));
        assertEquals("SIGSYS", SignalNames.name(31));
        assertEquals("SIGRTMIN", SignalNames.name(32));
        assertEquals("SIGRTMIN+32", SignalNames.name(64));
    }

    @Test
    void whatIsNoSignalIsNotNamed() {
        assertEquals("", SignalNames.name(0));
        assertEquals("signal 65", SignalNames.name(65));
        assertEquals("signal -1", SignalNames.name(-1));
    }
}
