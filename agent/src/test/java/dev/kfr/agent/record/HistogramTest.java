// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.record;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class HistogramTest {
    @Test
    void bucketsFollowEachOtherWithoutGap() {
        for (int bucket = 0; bucket < Histogram.BUCKETS; bucket++) {
            long low = Histogram.lowerBound(bucket);
            assertEquals(bucket, Histogram.bucket(low), "lower bound of " + bucket);
            if (bucket > 0) {
                assertEquals(bucket - 1, Histogram.bucket(low - 1), "below " + bucket);
            }
        }
        assertEquals(Histogram.BUCKETS - 1, Histogram.bucket(Long.MAX_VALUE));
    }

    @Test
    void percentilesAreOffByLessThanABucket() {
        var random = new Random(4711);
        for (double scale : new double[] {100, 1e3, 1e5, 1e7, 1e9}) {
            long[] values = random.doubles(10_000)
                    .mapToLong(x -> (long) (scale * (1 + 50 * x * x)))
                    .sorted()
                    .toArray();
            long[] counts = new long[Histogram.BUCKETS];
            Arrays.stream(values).forEach(value -> counts[Histogram.bucket(value)]++);
            for (double share : new double[] {0.5, 0.9, 0.99, 1.0}) {
                long expected = values[(int) Math.ceil(share * values.length) - 1];
                long actual = Histogram.percentile(counts, share, values[values.length - 1]);
                double allowed = expected < 256 ? 64 : 0.25 * expected;
                assertTrue(
                        Math.abs(actual - expected) <= allowed,
                        "share " + share + " of scale " + scale + ": " + actual + " instead of " + expected);
            }
        }
    }

    @Test
    void aPercentileIsNeverAboveTheLongest() {
        long[] counts = new long[Histogram.BUCKETS];
        counts[Histogram.bucket(1_000_000)] = 1;
        assertEquals(1_000_000, Histogram.percentile(counts, 0.99, 1_000_000));
        assertEquals(1_000_000, Histogram.percentile(counts, 0.5, 1_000_000));
    }

    @Test
    void powersOfTwoReachFromTheShortestToTheLongest() {
        long[] counts = new long[Histogram.BUCKETS];
        counts[Histogram.bucket(300)] = 2;
        counts[Histogram.bucket(500)] = 3;
        counts[Histogram.bucket(1_100)] = 4;
        assertEquals("{512=5, 1024=0, 2048=4}", Histogram.byPowersOfTwo(counts).toString());
        counts[Histogram.BUCKETS - 1] = 1;
        assertEquals(1, Histogram.byPowersOfTwo(counts).lastEntry().getValue().longValue());
        assertEquals("{}", Histogram.byPowersOfTwo(new long[Histogram.BUCKETS]).toString());
    }

    @Test
    void nothingHasNoPercentile() {
        assertEquals(0, Histogram.percentile(new long[Histogram.BUCKETS], 0.5, Long.MAX_VALUE));
    }
}
