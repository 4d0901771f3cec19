// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.record;

import java.util.LinkedHashMap;
import java.util.SequencedMap;

/**
 * Percentiles from the kernel side's histograms of durations ({@code HISTOGRAM_BUCKETS} in record.h): steps of 64 ns below 256 ns, then four steps in
 * each power of two, the last of which takes everything from 60 s on.
 *
 * <p>A percentile lies in the same bucket as the true one and is interpolated there: off by less than 64 ns below 256 ns, above that by less than 25 %
 * and typically by 5 %; never above the longest duration if that is known.
 */
public final class Histogram {
    public static final int BUCKETS = 116;
    private static final int LINEAR = 4;
    private static final int LINEAR_STEP = 64;
    private static final int FIRST_POWER = 8;

    private Histogram() {}

    /** The shortest duration that belongs into a bucket, in ns. */
    public static long lowerBound(int bucket) {
        if (bucket < LINEAR) {
            return (long) bucket * LINEAR_STEP;
        }
        int power = FIRST_POWER + (bucket - LINEAR) / 4;
        return (1L << power) + ((long) ((bucket - LINEAR) % 4) << (power - 2));
    }

    /** The bucket that the kernel side counts a duration in. */
    public static int bucket(long nanos) {
        if (nanos < 1 << FIRST_POWER) {
            return (int) (nanos / LINEAR_STEP);
        }
        int power = 63 - Long.numberOfLeadingZeros(nanos);
        int step = (int) (nanos >>> (power - 2)) & 3;
        return Math.min(BUCKETS - 1, LINEAR + (power - FIRST_POWER) * 4 + step);
    }

    /**
     * A histogram for people and charts: how many durations lie in each power of two, from the shortest that there is to the longest. The key
     * is the duration, in ns, that they are below; that of the last bucket, which has no bound, is {@link Long#MAX_VALUE}.
     *
     * @param counts of {@value #BUCKETS} buckets
     */
    public static SequencedMap<Long, Long> byPowersOfTwo(long[] counts) {
        int last = BUCKETS - 1;
        while (last >= 0 && counts[last] == 0) {
            last--;
        }
        var powers = new LinkedHashMap<Long, Long>();
        for (int first = 0; first <= last; first += 4) {
            long sum = counts[first] + counts[first + 1] + counts[first + 2] + counts[first + 3];
            if (sum > 0 || !powers.isEmpty()) {
                powers.put(first + 4 < BUCKETS ? lowerBound(first + 4) : Long.MAX_VALUE, sum);
            }
        }
        return powers;
    }

    /**
     * The duration that the given share of all durations did not exceed; 0 if there are none.
     *
     * @param counts of {@value #BUCKETS} buckets
     * @param share between 0 and 1
     * @param longest the longest duration, ns; {@link Long#MAX_VALUE} if not known
     */
    public static long percentile(long[] counts, double share, long longest) {
        long total = 0;
        for (long count : counts) {
            total += count;
        }
        if (total == 0) {
            return 0;
        }
        double rank = Math.max(1, share * total);
        double below = 0;
        for (int bucket = 0; bucket < BUCKETS; bucket++) {
            if (counts[bucket] > 0 && below + counts[bucket] >= rank) {
                long low = lowerBound(bucket);
                long high = bucket == BUCKETS - 1 ? Math.max(low, longest) : lowerBound(bucket + 1) - 1;
                double within = (rank - below) / counts[bucket];
                return Math.min(longest, low + (long) ((Math.min(high, Math.max(low, longest)) - low) * within));
            }
            below += counts[bucket];
        }
        return longest;
    }
}
