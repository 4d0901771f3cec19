// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.syscalls;

import java.util.Arrays;

/** What the kernel had counted in a row when the last interval ended. */
final class SeenRow {
    private static final int[] EMPTY = {};

    private long count;
    private long errors;
    private long totalTime;
    private long maxTime; // of all intervals
    private int[] histogram = EMPTY; // bucket, count, bucket, count: most buckets are empty

    long count() {
        return count;
    }

    long maxTime() {
        return maxTime;
    }

    void forgetHistogram() {
        histogram = EMPTY;
    }

    /** What came since; what is given is what is seen from now on. */
    Change change(long key, long nowCount, long nowErrors, long nowTime, long max, int[] buckets) {
        var change = new Change(
                key, nowCount - count, nowErrors - errors, nowTime - totalTime, max, histogramChange(buckets));
        count = nowCount;
        errors = nowErrors;
        totalTime = nowTime;
        maxTime = Math.max(maxTime, max);
        return change;
    }

    private int[] histogramChange(int[] buckets) {
        int used = 0;
        for (int value : buckets) {
            used += value == 0 ? 0 : 2;
        }
        int[] now = new int[used];
        int[] came = new int[used];
        int length = 0;
        int cameLength = 0;
        int at = 0;
        for (int bucket = 0; bucket < buckets.length; bucket++) {
            int value = buckets[bucket];
            if (value != 0) {
                boolean known = at < histogram.length && histogram[at] == bucket;
                int old = known ? histogram[at + 1] : 0;
                at += known ? 2 : 0;
                now[length++] = bucket;
                now[length++] = value;
                if (value != old) {
                    came[cameLength++] = bucket;
                    came[cameLength++] = value - old;
                }
            }
        }
        histogram = now;
        return cameLength == used ? came : Arrays.copyOf(came, cameLength);
    }
}
