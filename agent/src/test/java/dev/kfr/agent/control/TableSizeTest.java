// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class TableSizeTest {
    private static final int ROW = 512;

    @Test
    void aSliceHasARowForEachProcess() {
        assertEquals(16_384, TableSize.of(10_240, ROW, 2).rowsPerCpu());
        assertEquals(1024, TableSize.of(1024, ROW, 2).rowsPerCpu());
        assertEquals(2048, TableSize.of(1025, ROW, 2).rowsPerCpu());
    }

    @Test
    void aHostWithManyCpusGetsFewerRowsOnEach() {
        var size = TableSize.of(10_240, ROW, 128);
        assertEquals(1024, size.rowsPerCpu());
        assertTrue((long) size.rowsPerCpu() * size.cpus() * ROW <= 64L << 20);
    }

    @Test
    void neverFewerThan512() {
        assertEquals(512, TableSize.of(64, ROW, 1).rowsPerCpu());
        assertEquals(512, TableSize.of(10_240, ROW, 4096).rowsPerCpu());
    }
}
