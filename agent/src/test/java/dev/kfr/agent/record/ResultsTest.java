// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.record;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ResultsTest {
    @ParameterizedTest
    @CsvSource({"0, ''", "17, ''", "-2, ENOENT", "-4, EINTR", "-4095, 4095", "-4096, ''"})
    void namesErrors(long result, String name) {
        assertEquals(name, Results.error(result));
    }

    @ParameterizedTest
    @CsvSource({"511, 511", "512, EINTR", "513, EINTR", "514, EINTR", "515, 515", "516, EINTR", "517, 517"})
    void callsThatASignalInterruptedWereInterrupted(int errno, String name) {
        assertEquals(name, Results.errorName(errno));
    }
}
