// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.record;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class WideHistogramTest {
    private final WideHistogram histogram = new WideHistogram();

    @Test
    void countsOnWhereTheKernelsCounterBeginsAnew() {
        assertEquals(0xFFFF_FFF0L, histogram.bucket(7, 0xFFFF_FFF0));
        assertEquals(0x1_0000_0005L, histogram.bucket(7, 5));
        assertEquals(0x1_0000_0005L, histogram.bucket(7, 5));
        assertEquals(3, histogram.bucket(8, 3));
    }
}
