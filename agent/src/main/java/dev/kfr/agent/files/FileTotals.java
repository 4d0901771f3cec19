// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.files;

import dev.kfr.agent.files.FileNames.File;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;

/** Everything that was counted up to one moment. A value: nothing changes after it was made. */
public final class FileTotals {
    /** A process and a file; {@code process} 0 in tables by file, {@code file} null in tables by process. */
    public record Entry(long process, File file, FileCounts counts) {}

    private static final int KEY = 3; // process, inode, device and generation of the inode
    private static final int WIDTH = KEY + FileCounts.FIELDS;

    private final long[] ended;
    private long[] table = new long[1024 * WIDTH];
    private int used;

    FileTotals(long[] ended) {
        this.ended = ended.clone();
    }

    long[] values() {
        return table;
    }

    /** Where the counts of this key begin in {@link #values}, which is asked for after each call. */
    int slot(long process, long inode, int device, int inodeGeneration) {
        if (used * WIDTH * 2 >= table.length) {
            grow();
        }
        long third = (long) device << 32 | Integer.toUnsignedLong(inodeGeneration);
        int at = find(table, process, inode, third);
        if (table[at] == 0) {
            table[at] = process;
            table[at + 1] = inode;
            table[at + 2] = third;
            used++;
        }
        return at + KEY;
    }

    private static int find(long[] table, long process, long inode, long third) {
        int mask = table.length / WIDTH - 1;
        long hash = (process * 31 + inode) * 31 + third;
        int slot = (int) ((hash * 0x9E3779B97F4A7C15L) >>> 33) & mask;
        while (true) {
            int at = slot * WIDTH;
            boolean same = table[at] == process && table[at + 1] == inode && table[at + 2] == third;
            if (table[at] == 0 || same) {
                return at;
            }
            slot = (slot + 1) & mask;
        }
    }

    private void grow() {
        var larger = new long[table.length * 2];
        for (int at = 0; at < table.length; at += WIDTH) {
            if (table[at] != 0) {
                int to = find(larger, table[at], table[at + 1], table[at + 2]);
                System.arraycopy(table, at, larger, to, WIDTH);
            }
        }
        table = larger;
    }

    /** Of all processes, also of those that ended. */
    public FileCounts all() {
        long[] sum = ended.clone();
        for (int at = 0; at < table.length; at += WIDTH) {
            if (table[at] != 0) {
                addTo(sum, at);
            }
        }
        return FileCounts.of(sum, 0);
    }

    private void addTo(long[] sum, int at) {
        for (int i = 0; i < FileCounts.FIELDS; i++) {
            sum[i] += table[at + KEY + i];
        }
    }

    /** Files with most bytes, whichever running processes used them. */
    public List<Entry> topFiles(int most) {
        var byFile = new HashMap<File, long[]>();
        for (int at = 0; at < table.length; at += WIDTH) {
            if (table[at] != 0 && table[at] != FileTable.OVERFLOW) {
                addTo(byFile.computeIfAbsent(file(at), f -> new long[FileCounts.FIELDS]), at);
            }
        }
        return top(byFile, most, (file, counts) -> new Entry(0, file, counts));
    }

    /** Running processes with most bytes. */
    public List<Entry> topProcesses(int most) {
        var byProcess = new HashMap<Long, long[]>();
        for (int at = 0; at < table.length; at += WIDTH) {
            if (table[at] != 0 && table[at] != FileTable.OVERFLOW) {
                addTo(byProcess.computeIfAbsent(table[at], p -> new long[FileCounts.FIELDS]), at);
            }
        }
        return top(byProcess, most, (process, counts) -> new Entry(process, null, counts));
    }

    private File file(int at) {
        return new File((int) (table[at + 2] >>> 32), table[at + 1], (int) table[at + 2]);
    }

    private interface ToEntry<K> {
        Entry entry(K key, FileCounts counts);
    }

    private static <K> List<Entry> top(Map<K, long[]> sums, int most, ToEntry<K> entry) {
        Comparator<Entry> least =
                Comparator.comparingLong((Entry e) -> e.counts.bytes()).thenComparingLong(e -> e.counts.calls());
        var top = new PriorityQueue<Entry>(least);
        sums.forEach((key, values) -> {
            top.add(entry.entry(key, FileCounts.of(values, 0)));
            if (top.size() > most) {
                top.poll();
            }
        });
        var sorted = new ArrayList<>(top);
        sorted.sort(least.reversed());
        return sorted;
    }
}
