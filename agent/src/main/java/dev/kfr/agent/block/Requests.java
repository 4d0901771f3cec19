// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.block;

import dev.kfr.agent.record.Histogram;

/** Requests added up. All times are ns. Not thread-safe. */
final class Requests {
    long count;
    long errors;
    long bytes;
    long totalTime;
    long queueTime;
    long maxTime;
    final long[] histogram = new long[Histogram.BUCKETS];

    void add(Requests other) {
        add(other, 1);
        maxTime = Math.max(maxTime, other.maxTime);
    }

    /** What came since {@code before}; the longest is that of all. */
    Requests since(Requests before) {
        var came = new Requests();
        came.add(this);
        came.add(before, -1);
        return came;
    }

    private void add(Requests other, int sign) {
        count += sign * other.count;
        errors += sign * other.errors;
        bytes += sign * other.bytes;
        totalTime += sign * other.totalTime;
        queueTime += sign * other.queueTime;
        for (int i = 0; i < histogram.length; i++) {
            histogram[i] += sign * other.histogram[i];
        }
    }

    /** The time that the given share of the requests did not exceed; see {@link Histogram} for the error. */
    long percentile(double share) {
        return Histogram.percentile(histogram, share, maxTime == 0 ? Long.MAX_VALUE : maxTime);
    }

    /** Of how many requests the time is known: those whose issue was seen. */
    long timed() {
        long sum = 0;
        for (long requests : histogram) {
            sum += requests;
        }
        return sum;
    }
}
