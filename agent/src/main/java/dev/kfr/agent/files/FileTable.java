// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.files;

import dev.kfr.agent.files.FileNames.File;
import dev.kfr.agent.record.CountedProcesses;
import dev.kfr.agent.record.EndedProcesses;
import dev.kfr.agent.record.Largest;
import dev.kfr.agent.record.MappedRows;
import dev.kfr.agent.record.Processes;
import dev.kfr.bpf.StructLayout;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongPredicate;

/**
 * What processes do with files, as the kernel side counts it in {@code file_rows}. Thread-safe.
 *
 * <p>Rows of processes that ended are added to the totals and given back. Totals never decrease.
 */
public final class FileTable implements CountedProcesses {
    /** In place of a process: counts that found no row. */
    public static final long OVERFLOW = ~0L;

    /** In place of a path: all files of a process that have no row of their own. */
    public static final String OTHER = "(other)";

    /** In place of a path: files of processes that found no row. */
    public static final String NO_ROW = "(overflow)";

    private static final Comparator<Row> MOST_FIRST = Comparator.comparingLong((Row row) -> row.counts.bytes())
            .thenComparingLong(row -> row.counts.calls())
            .reversed();

    private static final Comparator<Row> MOST_OPENS_FIRST =
            Comparator.comparingLong((Row row) -> row.counts.opens()).reversed();

    /** A small file that is opened all the time has few bytes: so many files that were opened more than once have a row for that alone. */
    private static final int MOST_OPENED = 20;

    private static final int MOST_PENDING = 16_384;

    /** Where the fields of {@code struct file_row} are, in bytes; {@code counts} in 64-bit words, in the order of {@link FileCounts}. */
    record Layout(int size, int process, int inode, int device, int inodeGeneration, int[] counts) {
        private static final List<String> COUNTS = List.of(
                "opens",
                "reads",
                "writes",
                "syncs",
                "bytes_read",
                "bytes_written",
                "read_time",
                "write_time",
                "sync_time",
                "errors");

        static Layout of(StructLayout row) {
            return new Layout(
                    row.size(),
                    row.field("process").offset(),
                    row.field("inode").offset(),
                    row.field("device").offset(),
                    row.field("inode_generation").offset(),
                    COUNTS.stream()
                            .mapToInt(name -> row.field(name).offset() / Long.BYTES)
                            .toArray());
        }
    }

    /**
     * What a process did with a file; with path {@link #OTHER} with all its other files.
     *
     * @param process see {@link Processes#key}; {@link #OVERFLOW}: of any
     */
    public record Row(long process, String path, FileCounts counts) {}

    /** What happened in an interval: rows with most bytes first, and how long the interval was. */
    public record Interval(long nanos, List<Row> rows) {}

    private record Key(long process, File file) {}

    private static final Key NO_ROW_KEY = new Key(OVERFLOW, new File(0, 0, 0));

    private final MappedRows rows;
    private final Layout layout;
    private final FileNames names;
    private final EndedProcesses ended;
    private final long[] endedTotals = new long[FileCounts.FIELDS];
    private final long[][] seen;
    private final LongPredicate alive;
    private final Largest<Key, long[]> pending = new Largest<>(
            MOST_PENDING,
            NO_ROW_KEY,
            () -> new long[FileCounts.FIELDS],
            FileTable::plus,
            counts ->
                    FileCounts.of(counts, 0).bytes() + FileCounts.of(counts, 0).calls(),
            key -> false); // of processes that ended

    private boolean intervals;
    private long intervalStart;
    private Map<Key, long[]> beingTold = Map.of();

    /**
     * @param rows the mapped table
     * @param row layout of {@code struct file_row}
     * @param names of the files in it
     * @param alive whether a process still runs, by {@link Processes#key}; asked if the table is full, for ends whose records were lost
     */
    public FileTable(MemorySegment rows, StructLayout row, FileNames names, LongPredicate alive) {
        this.layout = Layout.of(row);
        this.rows = new MappedRows(rows, layout.size, layout.process);
        this.alive = alive;
        this.names = names;
        this.ended = new EndedProcesses(this.rows.count());
        this.seen = new long[this.rows.count()][];
    }

    @Override
    public synchronized void ended(long process) {
        if (ended.add(process)) {
            freeEnded();
        }
    }

    private Set<Long> suspects(long[] inVain) {
        return ended.suspects(FileCounts.of(inVain, 0).calls(), rows, process -> process != OVERFLOW ? process : 0);
    }

    /** Frees rows of processes that have ended without notice. Not to be called under the lock. */
    private void freeUnnoticed(Set<Long> suspects) {
        suspects.removeIf(alive::test);
        synchronized (this) {
            suspects.forEach(ended::add);
            freeEnded();
        }
    }

    private void freeEnded() {
        if (ended.isEmpty()) {
            return;
        }
        rows.forEachTaken((row, process, values, at) -> {
            if (process != OVERFLOW && ended.contains(process)) {
                add(endedTotals, 0, values, at);
                if (intervals) {
                    addChange(row, pending.of(key(row, process)), values, at);
                }
                seen[row] = null;
                rows.free(row);
            }
        });
        ended.clear();
        forgetNames();
    }

    private static long[] plus(long[] sum, long[] more) {
        for (int i = 0; i < FileCounts.FIELDS; i++) {
            sum[i] += more[i];
        }
        return sum;
    }

    /** Names have no bound of their own: there are at most twice as many as rows. */
    private void forgetNames() {
        if (names.size() <= 2 * rows.count()) {
            return;
        }
        var used = new HashSet<File>();
        rows.forEachTaken((row, process, values, at) -> used.add(key(row, process).file));
        pending.keys().forEach(key -> used.add(key.file));
        beingTold.keySet().forEach(key -> used.add(key.file));
        names.keep(used);
    }

    private Key key(int row, long process) {
        return new Key(
                process,
                new File(
                        rows.getInt(row, layout.device),
                        rows.getLong(row, layout.inode),
                        rows.getInt(row, layout.inodeGeneration)));
    }

    private void add(long[] sums, int to, long[] values, int at) {
        for (int i = 0; i < FileCounts.FIELDS; i++) {
            sums[to + i] += values[at + layout.counts[i]];
        }
    }

    /** Everything since counting began. */
    public FileTotals totals() {
        FileTotals totals;
        Set<Long> suspects;
        synchronized (this) {
            freeEnded();
            totals = new FileTotals(endedTotals);
            suspects = suspects(addTo(totals));
        }
        freeUnnoticed(suspects);
        return totals;
    }

    /** What found no row. */
    private long[] addTo(FileTotals totals) {
        var inVain = new long[FileCounts.FIELDS];
        rows.forEachTaken((row, process, values, at) -> {
            if (process == OVERFLOW) {
                add(inVain, 0, values, at);
            }
            File file = key(row, process).file;
            int to = totals.slot(process, file.inode(), file.device(), file.generation());
            add(totals.values(), to, values, at);
        });
        return inVain;
    }

    /** From now on {@link #nextInterval} tells what happened; what was counted before belongs to no interval. */
    @Override
    public synchronized void startIntervals() {
        freeEnded();
        pending.clear();
        intervals = true;
        intervalStart = System.nanoTime();
        var ignored = new long[FileCounts.FIELDS];
        rows.forEachTaken((row, process, values, at) -> addChange(row, ignored, values, at));
    }

    @Override
    public synchronized void stopIntervals() {
        intervals = false;
        pending.clear();
        Arrays.fill(seen, null);
    }

    /**
     * What happened since the last interval ended: the rows with most bytes, some with most opens, then the rest of a process in one row of
     * {@link #OTHER}, and of all processes that have no such row in one of {@link #OVERFLOW}. Files of ended processes are there too.
     *
     * @param most how many rows stand alone for their bytes, and how many processes have a row for the rest
     * @param wanted of which processes
     */
    public Interval nextInterval(int most, LongPredicate wanted) {
        Map<Key, long[]> changes;
        Set<Long> suspects;
        long nanos;
        synchronized (this) {
            if (!intervals) {
                return new Interval(0, List.of()); // a chunk may end before rows begin
            }
            freeEnded();
            long now = System.nanoTime();
            changes = pending.take();
            beingTold = changes;
            suspects = suspects(addRunning(changes));
            nanos = now - intervalStart;
            intervalStart = now;
        }
        try {
            freeUnnoticed(suspects);
            // Not under the lock: for a name the reader may have to read on, and that needs the lock for ends.
            return new Interval(nanos, topAndOthers(changes, most, wanted));
        } finally {
            told();
        }
    }

    private synchronized void told() {
        beingTold = Map.of();
    }

    /** What found no row. */
    private long[] addRunning(Map<Key, long[]> changes) {
        var inVain = new long[FileCounts.FIELDS];
        rows.forEachTaken((row, process, values, at) -> {
            if (process == OVERFLOW) {
                add(inVain, 0, values, at);
            }
            if (changed(row, values, at)) {
                long[] sum = changes.computeIfAbsent(key(row, process), k -> new long[FileCounts.FIELDS]);
                addChange(row, sum, values, at);
            }
        });
        return inVain;
    }

    private boolean changed(int row, long[] values, int at) {
        if (seen[row] == null) {
            return true;
        }
        for (int i = 0; i < FileCounts.FIELDS; i++) {
            if (seen[row][i] != values[at + layout.counts[i]]) {
                return true;
            }
        }
        return false;
    }

    private void addChange(int row, long[] sum, long[] values, int at) {
        if (seen[row] == null) {
            seen[row] = new long[FileCounts.FIELDS];
        }
        for (int i = 0; i < FileCounts.FIELDS; i++) {
            long value = values[at + layout.counts[i]];
            sum[i] += value - seen[row][i];
            seen[row][i] = value;
        }
    }

    /** Counting begins anew. To be called while the kernel doesn't count: all rows are given back. */
    public synchronized void clear() {
        rows.forEachTaken((row, process, values, at) -> rows.free(row));
        Arrays.fill(seen, null);
        Arrays.fill(endedTotals, 0);
        ended.restart();
        pending.clear();
    }

    private List<Row> topAndOthers(Map<Key, long[]> changes, int most, LongPredicate wanted) {
        var all = new ArrayList<Row>(changes.size());
        changes.forEach((key, values) -> {
            var counts = FileCounts.of(values, 0);
            if ((counts.calls() != 0 || counts.errors() != 0) && wanted.test(key.process)) {
                all.add(new Row(key.process, path(key.process, key.file), counts));
            }
        });
        all.sort(MOST_FIRST);
        var result = new ArrayList<>(all.subList(0, Math.min(most, all.size())));
        var fewBytes = all.subList(result.size(), all.size());
        fewBytes.sort(MOST_OPENS_FIRST);
        var others = new HashMap<Long, FileCounts>();
        for (int i = 0; i < fewBytes.size(); i++) {
            Row row = fewBytes.get(i);
            if (i < MOST_OPENED && row.counts.opens() > 1) {
                result.add(row);
            } else {
                others.merge(row.process, row.counts, FileCounts::plus);
            }
        }
        var rest = new ArrayList<Row>();
        others.forEach((process, counts) -> rest.add(new Row(process, OTHER, counts)));
        rest.sort(MOST_FIRST);
        result.addAll(rest.subList(0, Math.min(most, rest.size())));
        rest.stream()
                .skip(most)
                .map(Row::counts)
                .reduce(FileCounts::plus)
                .ifPresent(counts -> result.add(new Row(OVERFLOW, OTHER, counts)));
        return result;
    }

    String path(long process, File file) {
        return process == OVERFLOW ? NO_ROW : names.path(file);
    }
}
