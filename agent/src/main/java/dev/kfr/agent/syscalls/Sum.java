// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.syscalls;

import dev.kfr.agent.record.Histogram;
import java.util.Arrays;

/** Calls added up. */
final class Sum {
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

    private long percentile(double share) {
        return histogram == null ? 0 : Histogram.percentile(histogram, share, maxTime == 0 ? Long.MAX_VALUE : maxTime);
    }

    SyscallTable.Row row(long process, int id) {
        return new SyscallTable.Row(process, id, count, errors, totalTime, maxTime, percentile(0.50), percentile(0.99));
    }
}
