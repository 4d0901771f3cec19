// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.record;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.function.ToLongFunction;

/** Everything that a {@link ProcessTable} had counted up to one moment. A value: nothing changes after it was made. */
public final class ProcessTotals {
    private final ProcessFields fields;
    private final long[] ended;
    private final int width;
    private long[] table; // open-addressed by process: key, then its numbers
    private int used;

    ProcessTotals(ProcessFields fields, long[] ended) {
        this.fields = fields;
        this.ended = ended.clone();
        this.width = 1 + fields.count();
        this.table = new long[64 * width];
    }

    /** Nothing was counted. */
    public static ProcessTotals none(int fields) {
        return new ProcessTotals(ProcessFields.sums(fields), new long[fields]);
    }

    void addCollected(long process, long[] values) {
        if (used * width * 2 >= table.length) {
            grow();
        }
        int slot = find(table, process);
        if (table[slot] == 0) {
            table[slot] = process;
            used++;
        }
        fields.addCollected(table, slot + 1, values, 0);
    }

    private int find(long[] table, long process) {
        int mask = table.length / width - 1;
        int slot = (int) ((process * 0x9E3779B97F4A7C15L) >>> 33) & mask;
        while (table[slot * width] != 0 && table[slot * width] != process) {
            slot = (slot + 1) & mask;
        }
        return slot * width;
    }

    private void grow() {
        var larger = new long[table.length * 2];
        for (int at = 0; at < table.length; at += width) {
            if (table[at] != 0) {
                System.arraycopy(table, at, larger, find(larger, table[at]), width);
            }
        }
        table = larger;
    }

    /** Of all processes, also of those that ended and of what is no process. */
    public ProcessCounts all() {
        long[] sum = ended.clone();
        for (int at = 0; at < table.length; at += width) {
            if (table[at] != 0) {
                fields.addCollected(sum, 0, table, at + 1);
            }
        }
        return new ProcessCounts(0, sum);
    }

    /** Of one running process; all 0 if nothing was counted of it. */
    public ProcessCounts of(long process) {
        return counts(find(table, process), process);
    }

    private ProcessCounts counts(int at, long process) {
        return new ProcessCounts(process, Arrays.copyOfRange(table, at + 1, at + width));
    }

    /** The running processes that have most of what is asked for, that with most first. */
    public List<ProcessCounts> top(int most, ToLongFunction<ProcessCounts> by) {
        var top = new PriorityQueue<ProcessCounts>(Comparator.comparingLong(by));
        for (int at = 0; at < table.length; at += width) {
            if (table[at] != 0 && table[at] != ProcessTable.OVERFLOW) {
                top.add(counts(at, table[at]));
                if (top.size() > most) {
                    top.poll();
                }
            }
        }
        var sorted = new ArrayList<>(top);
        sorted.sort(Comparator.comparingLong(by).reversed());
        return sorted;
    }
}
