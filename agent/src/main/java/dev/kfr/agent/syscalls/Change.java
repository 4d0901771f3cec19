// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.syscalls;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

/**
 * What happened in one row in an interval.
 *
 * @param key of the row
 * @param histogram pairs of bucket and count (unsigned)
 */
record Change(long key, long count, long errors, long totalTime, long maxTime, int[] histogram) {

    Change withKey(long other) {
        return new Change(other, count, errors, totalTime, maxTime, histogram);
    }

    private void addTo(Sum sum) {
        sum.count += count;
        sum.errors += errors;
        sum.totalTime += totalTime;
        sum.maxTime = Math.max(sum.maxTime, maxTime);
        long[] buckets = sum.histogram();
        for (int i = 0; i < histogram.length; i += 2) {
            buckets[histogram[i]] += histogram[i + 1] & 0xFFFF_FFFFL;
        }
    }

    /** The keys with most time, each a row, longest first; then for each process the others as one row. */
    static List<SyscallTable.Row> topAndOthers(List<Change> changes, int most) {
        changes.sort(Comparator.comparingLong((Change change) -> SyscallTable.process(change.key))
                .thenComparingLong(Change::key));
        boolean[] top = topKeys(changes, most);
        var rows = new ArrayList<SyscallTable.Row>();
        var others = new ArrayList<SyscallTable.Row>();
        var sum = new Sum();
        var otherSum = new Sum();
        for (int at = 0; at < changes.size(); at++) {
            long key = changes.get(at).key;
            long process = SyscallTable.process(key);
            long next = at + 1 < changes.size() ? changes.get(at + 1).key : 0;
            changes.get(at).addTo(top[at] ? sum : otherSum);
            if (next != key && sum.count > 0) {
                rows.add(sum.row(process, SyscallTable.id(key)));
                sum.clear();
            }
            boolean lastOfProcess = at + 1 == changes.size() || SyscallTable.process(next) != process;
            if (lastOfProcess && otherSum.count > 0) {
                others.add(otherSum.row(process, SyscallTable.OTHER));
                otherSum.clear();
            }
        }
        rows.sort(Comparator.comparingLong(SyscallTable.Row::totalTime).reversed());
        rows.addAll(others);
        return rows;
    }

    /** For each of the sorted changes whether its key is among those with most time. */
    private static boolean[] topKeys(List<Change> changes, int most) {
        record Run(int start, int end, long time) {}
        var best = new PriorityQueue<Run>(Comparator.comparingLong(Run::time));
        long time = 0;
        int start = 0;
        for (int at = 0; at < changes.size(); at++) {
            Change change = changes.get(at);
            time += change.totalTime;
            if (at + 1 == changes.size() || changes.get(at + 1).key != change.key) {
                if (best.size() < most || (most > 0 && time > best.peek().time)) {
                    best.add(new Run(start, at + 1, time));
                    if (best.size() > most) {
                        best.poll();
                    }
                }
                start = at + 1;
                time = 0;
            }
        }
        var top = new boolean[changes.size()];
        for (Run run : best) {
            for (int at = run.start; at < run.end; at++) {
                top[at] = true;
            }
        }
        return top;
    }
}
