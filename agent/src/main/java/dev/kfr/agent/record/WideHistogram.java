// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.record;

/**
 * A histogram whose buckets the kernel side counts in 32 bits, which a busy CPU or disk fills within days: followed beyond that, so that no bucket
 * goes back. Exact as long as {@link #bucket} sees each bucket before another 2^32 are counted. Not thread-safe.
 */
public final class WideHistogram {
    private final int[] seen = new int[Histogram.BUCKETS];
    private final long[] counts = new long[Histogram.BUCKETS];

    /**
     * Takes in what a bucket has now.
     *
     * @return all that was ever counted in it
     */
    public long bucket(int bucket, int now) {
        counts[bucket] += Integer.toUnsignedLong(now - seen[bucket]);
        seen[bucket] = now;
        return counts[bucket];
    }
}
