// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.syscalls;

import dev.kfr.agent.record.Histogram;
import java.util.Arrays;

/** Calls added up. */
final class Sum {
    private static final long UNSIGNED_MAX = 0xFFFF_FFFFL;

    long count;
    long errors;
    long totalTime;
    long maxTime;
    private long[] histogram;

    long[] histogram() {
        if (histogram == null) {
            histogram = new long[Histogram.BUCKETS];
        }
        return histogram;
    }

    void add(Sum other) {
        count += other.count;
        errors += other.errors;
        totalTime += other.totalTime;
        maxTime = Math.max(maxTime, other.maxTime);
        if (other.histogram != null) {
            long[] mine = histogram();
            for (int i = 0; i < mine.length; i++) {
                mine[i] += other.histogram[i];
            }
        }
    }

    void clear() {
        count = 0;
        errors = 0;
        totalTime = 0;
        maxTime = 0;
        if (histogram != null) {
            Arrays.fill(histogram, 0);
        }
    }

    /** All this as what happened in one row. */
    Change change(long key) {
        long[] all = histogram();
        var pairs =
                new int[2 * (int) Arrays.stream(all).filter(calls -> calls != 0).count()];
        int length = 0;
        for (int bucket = 0; bucket < all.length; bucket++) {
            if (all[bucket] != 0) {
                pairs[length++] = bucket;
                pairs[length++] = (int) Math.min(all[bucket], UNSIGNED_MAX);
            }
        }
        return new Change(key, count, errors, totalTime, maxTime, pairs);
    }

    private long percentile(double share) {
        return histogram == null ? 0 : Histogram.percentile(histogram, share, maxTime == 0 ? Long.MAX_VALUE : maxTime);
    }

    SyscallTable.Row row(long process, int id) {
        return new SyscallTable.Row(process, id, count, errors, totalTime, maxTime, percentile(0.50), percentile(0.99));
    }
}
