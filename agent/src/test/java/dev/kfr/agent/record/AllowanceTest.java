// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.record;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class AllowanceTest {
    private static final long WHILE = 100;

    private final Allowance allowance = new Allowance(20, WHILE);

    @Test
    void isUsedUpAndComesBack() {
        long now = Long.MAX_VALUE - WHILE / 2; // nanoTime may overflow
        assertTrue(allowance.isLeft(now));
        allowance.spend(19);
        assertTrue(allowance.isLeft(now + 20));
        allowance.spend(5);
        assertFalse(allowance.isLeft(now + 30));
        assertFalse(allowance.isLeft(now + WHILE - 1));
        assertTrue(allowance.isLeft(now + WHILE));
        allowance.spend(20);
        assertFalse(allowance.isLeft(now + WHILE + 20));
    }

    @Test
    void aWhileBeginsWithTheFirstQuestion() {
        assertTrue(allowance.isLeft(5));
        assertTrue(allowance.isLeft(1_000));
        allowance.spend(20);
        assertFalse(allowance.isLeft(1_000 + WHILE - 1));
        assertTrue(allowance.isLeft(1_000 + WHILE));
    }
}
