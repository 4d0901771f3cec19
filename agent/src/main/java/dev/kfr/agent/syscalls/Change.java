// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.syscalls;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.function.LongPredicate;
import java.util.function.ToLongFunction;

/**
 * What happened in one row in an interval.
 *
 * @param key of the row
 * @param histogram pairs of bucket and count (unsigned)
 */
record Change(long key, long count, long errors, long totalTime, long maxTime, int[] histogram) {

    void addTo(Sum sum) {
        sum.count += count;
        sum.errors += errors;
        sum.totalTime += totalTime;
        sum.maxTime = Math.max(sum.maxTime, maxTime);
        long[] buckets = sum.histogram();
        for (int i = 0; i < histogram.length; i += 2) {
            buckets[histogram[i]] += histogram[i + 1] & 0xFFFF_FFFFL;
        }
    }

    /**
     * The keys with most time and all of some processes, each a row, longest first; then the other keys of a process as one row, for the processes
     * that took most time with them; then, as a row of process 0, those of all other processes.
     *
     * @param most how many keys, and how many processes
     * @param whole processes of which all keys have a row
     */
    static List<SyscallTable.Row> topAndOthers(List<Change> changes, int most, LongPredicate whole) {
        changes.sort(Comparator.comparingLong((Change change) -> SyscallTable.process(change.key))
                .thenComparingLong(Change::key));
        boolean[] top = longest(changes, most, Change::key, new boolean[changes.size()]);
        for (int at = 0; at < top.length; at++) {
            top[at] |= whole.test(SyscallTable.process(changes.get(at).key));
        }
        boolean[] named = longest(changes, most, change -> SyscallTable.process(change.key), top);
        var rows = new ArrayList<SyscallTable.Row>();
        var others = new ArrayList<SyscallTable.Row>();
        var sum = new Sum();
        var otherSum = new Sum();
        var rest = new Sum();
        for (int at = 0; at < changes.size(); at++) {
            long key = changes.get(at).key;
            long process = SyscallTable.process(key);
            long next = at + 1 < changes.size() ? changes.get(at + 1).key : 0;
            changes.get(at).addTo(top[at] ? sum : named[at] ? otherSum : rest);
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
        if (rest.count > 0) {
            rows.add(rest.row(0, SyscallTable.OTHER));
        }
        return rows;
    }

    /**
     * For each of the changes whether it is of one of the groups with most time.
     *
     * @param changes sorted, so that those of a group follow each other
     * @param group what those of a group have in common
     * @param without changes that count for no group
     */
    private static boolean[] longest(List<Change> changes, int most, ToLongFunction<Change> group, boolean[] without) {
        record Run(int start, int end, long time) {}
        var best = new PriorityQueue<Run>(Comparator.comparingLong(Run::time));
        long time = 0;
        boolean any = false;
        int start = 0;
        for (int at = 0; at < changes.size(); at++) {
            Change change = changes.get(at);
            time += without[at] ? 0 : change.totalTime;
            any |= !without[at];
            if (at + 1 == changes.size() || group.applyAsLong(changes.get(at + 1)) != group.applyAsLong(change)) {
                if (any && (best.size() < most || (most > 0 && time > best.peek().time))) {
                    best.add(new Run(start, at + 1, time));
                    if (best.size() > most) {
                        best.poll();
                    }
                }
                start = at + 1;
                time = 0;
                any = false;
            }
        }
        var longest = new boolean[changes.size()];
        for (Run run : best) {
            for (int at = run.start; at < run.end; at++) {
                longest[at] = !without[at];
            }
        }
        return longest;
    }
}
