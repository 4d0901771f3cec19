// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Optional;
import org.junit.jupiter.api.Test;

class RuntimeModulesTest {
    @Test
    void theJdkOfTheTestsHasBoth() {
        assertEquals(new RuntimeModules(true, true), RuntimeModules.present());
        assertEquals(Optional.empty(), RuntimeModules.present().complaint());
    }

    @Test
    void oneOfTheTwoSuffices() {
        var noEvents = new RuntimeModules(false, true);
        assertTrue(noEvents.sufficient());
        assertTrue(noEvents.complaint().orElseThrow().contains("no module jdk.jfr"));
        var noMBeans = new RuntimeModules(true, false);
        assertTrue(noMBeans.sufficient());
        assertTrue(noMBeans.complaint().orElseThrow().contains("no module java.management"));
    }

    @Test
    void withNeitherThereIsNothingToDo() {
        var neither = new RuntimeModules(false, false);
        assertFalse(neither.sufficient());
        assertTrue(neither.complaint().orElseThrow().contains("--add-modules jdk.jfr,java.management"));
    }
}
