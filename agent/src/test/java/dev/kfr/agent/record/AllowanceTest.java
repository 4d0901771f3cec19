// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.record;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class AllowanceTest {
    private static final long WHILE = 100;

    private final Allowance allowance = new Allowance(2, WHILE);

    @Test
    void isUsedUpAndComesBack() {
        long now = Long.MAX_VALUE - WHILE / 2; // nanoTime may overflow
        assertTrue(allowance.take(now));
        assertTrue(allowance.take(now + 1));
        assertFalse(allowance.take(now + 2));
        assertFalse(allowance.take(now + WHILE - 1));
        assertTrue(allowance.take(now + WHILE));
        assertTrue(allowance.take(now + WHILE + 1));
        assertFalse(allowance.take(now + WHILE + 2));
    }

    @Test
    void aWhileBeginsWithTheFirstTime() {
        assertTrue(allowance.take(1_000));
        assertTrue(allowance.take(1_000 + WHILE - 1));
        assertFalse(allowance.take(1_000 + WHILE - 1));
    }
}
