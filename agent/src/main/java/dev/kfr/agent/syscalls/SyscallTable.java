// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.syscalls;

import dev.kfr.agent.record.EndedProcesses;
import dev.kfr.agent.record.Histogram;
import dev.kfr.agent.record.MappedRows;
import dev.kfr.agent.record.Processes;
import dev.kfr.bpf.StructLayout;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongPredicate;

/**
 * System calls per process and call, as the kernel side counts them in {@code syscall_rows}. All times are ns, waiting included. Thread-safe.
 *
 * <p>Rows of processes that ended are added to the totals and given back. Totals never decrease.
 *
 * <p>The longest duration is the one value that Java sets back, once per interval and with an atomic exchange, so that the kernel's
 * store at the same moment is seen in this interval or in the next. {@link #totals} reads it without setting it back and adds what the intervals took.
 */
public final class SyscallTable {
    /** In place of a call's number: all 32-bit calls. */
    public static final int COMPAT = 1023;

    /** In place of a call's number: calls of processes that found no row. */
    public static final int OVERFLOW = 1022;

    /** In place of a call's number: all numbers that are no system call's. */
    public static final int INVALID = 1021;

    /** In place of a call's number: the calls of a process that have no row of their own. */
    public static final int OTHER = -1;

    private static final int IDS = 1024;
    private static final int MOST_PENDING = 16_384;

    /** Where the fields of {@code struct syscall_row} are. */
    record Layout(int size, int key, int count, int errors, int totalTime, int maxTime, int histogram) {
        static Layout of(StructLayout row) {
            return new Layout(
                    row.size(),
                    row.field("key").offset(),
                    row.field("count").offset(),
                    row.field("errors").offset(),
                    row.field("total_time").offset(),
                    row.field("max_time").offset(),
                    row.field("histogram").offset());
        }
    }

    /**
     * Calls of one process (or all) and one number (or all).
     *
     * @param p50 half of the calls took at most this long; see {@link Histogram} for the error; 0 if there is no histogram
     * @param p99 the same for 99 of 100 calls
     */
    public record Row(
            long process, int id, long count, long errors, long totalTime, long maxTime, long p50, long p99) {}

    /** What happened in an interval: rows sorted by time, longest first, and how long the interval was. */
    public record Interval(long nanos, List<Row> rows) {}

    /** What the kernel had counted in a row when an interval ended. */
    private static final class Seen {
        long count;
        long errors;
        long totalTime;
        long maxTime; // of all intervals
        int[] histogram = {}; // bucket, count, bucket, count
    }

    private final MappedRows rows;
    private final Layout layout;
    private final EndedProcesses ended;
    private final Sum[] endedById = new Sum[IDS];
    private final Seen[] seen;

    private boolean intervals;
    private long intervalStart;
    private Map<Long, Sum> pending = new HashMap<>();

    /**
     * @param rows the mapped table
     * @param row layout of {@code struct syscall_row}
     */
    public SyscallTable(MemorySegment rows, StructLayout row) {
        this(rows, Layout.of(row));
    }

    SyscallTable(MemorySegment rows, Layout layout) {
        this.rows = new MappedRows(rows, layout.size, layout.key);
        this.layout = layout;
        this.ended = new EndedProcesses(this.rows.count());
        this.seen = new Seen[this.rows.count()];
    }

    /** The process in a row's key, as {@link Processes#key} has it. */
    static long process(long key) {
        return (key >>> 42) << 32 | (key & 0xFFFF_FFFFL);
    }

    static int id(long key) {
        return (int) (key >>> 32) & (IDS - 1);
    }

    static long key(int pid, int id, int generation) {
        return (long) pid << 42 | (long) id << 32 | Integer.toUnsignedLong(generation);
    }

    /** A process ended, and all records of it were read: nothing is counted in its rows any more. */
    public synchronized void ended(long process) {
        if (ended.add(process)) {
            freeEnded();
        }
    }

    /** Frees rows of processes whose end was not noticed, as when its record was lost. Call it when the table is getting full. */
    public synchronized void freeUnless(LongPredicate alive) {
        var known = new HashMap<Long, Boolean>();
        for (int row = 0; row < rows.count(); row++) {
            long key = rows.key(row);
            if (key != 0 && id(key) != OVERFLOW) {
                known.computeIfAbsent(process(key), alive::test);
            }
        }
        known.forEach((process, runs) -> {
            if (!runs) {
                ended.add(process);
            }
        });
        freeEnded();
    }

    /** How many of all rows are taken. */
    public synchronized double fill() {
        int taken = 0;
        for (int row = 0; row < rows.count(); row++) {
            if (rows.key(row) != 0) {
                taken++;
            }
        }
        return (double) taken / rows.count();
    }

    private void freeEnded() {
        if (ended.isEmpty()) {
            return;
        }
        for (int row = 0; row < rows.count(); row++) {
            long key = rows.key(row);
            if (key != 0 && id(key) != OVERFLOW && ended.contains(process(key))) {
                int id = id(key);
                if (endedById[id] == null) {
                    endedById[id] = new Sum();
                }
                addAll(endedById[id], row, true);
                if (intervals) {
                    addChange(row, sumOf(pending, key));
                }
                seen[row] = null;
                rows.free(row);
            }
        }
        ended.clear();
    }

    /** Everything since counting began. */
    public SyscallTotals totals(LongPredicate ownProcess, boolean histograms) {
        return totals(ownProcess, histograms, true);
    }

    synchronized SyscallTotals totals(LongPredicate ownProcess, boolean histograms, boolean perProcess) {
        freeEnded();
        var totals = new SyscallTotals(ownProcess);
        for (int id = 0; id < IDS; id++) {
            if (endedById[id] != null) {
                totals.addEnded(id, endedById[id]);
            }
        }
        for (int row = 0; row < rows.count(); row++) {
            long key = rows.key(row);
            if (key != 0) {
                int id = id(key);
                Sum byId = totals.id(id);
                addAll(byId, row, histograms);
                if (perProcess && id != OVERFLOW) {
                    totals.addProcess(
                            process(key),
                            id,
                            rows.getLong(row, layout.count),
                            rows.getLong(row, layout.errors),
                            rows.getLong(row, layout.totalTime));
                    if (totals.isOwn(process(key))) {
                        addAll(totals.ownId(id), row, histograms);
                    }
                }
            }
        }
        return totals;
    }

    private void addAll(Sum sum, int row, boolean histograms) {
        sum.count += rows.getLong(row, layout.count);
        sum.errors += rows.getLong(row, layout.errors);
        sum.totalTime += rows.getLong(row, layout.totalTime);
        sum.maxTime = Math.max(sum.maxTime, rows.getLong(row, layout.maxTime));
        if (seen[row] != null) {
            sum.maxTime = Math.max(sum.maxTime, seen[row].maxTime);
        }
        if (histograms) {
            long[] counts = sum.histogram();
            for (int bucket = 0; bucket < Histogram.BUCKETS; bucket++) {
                counts[bucket] += rows.getInt(row, layout.histogram + (long) bucket * Integer.BYTES) & 0xFFFF_FFFFL;
            }
        }
    }

    /** From now on {@link #nextInterval} tells what happened; what was counted before belongs to no interval. */
    public synchronized void startIntervals() {
        freeEnded();
        pending.clear();
        intervals = true;
        intervalStart = System.nanoTime();
        var ignored = new Sum();
        for (int row = 0; row < rows.count(); row++) {
            if (rows.key(row) != 0) {
                addChange(row, ignored);
            }
        }
    }

    /** Nobody asks for intervals any more. */
    public synchronized void stopIntervals() {
        intervals = false;
        pending.clear();
        for (Seen row : seen) {
            if (row != null) {
                row.histogram = new int[0];
            }
        }
    }

    /**
     * What happened since the last interval ended: the rows with most time, and for each process the rest in one row of {@link #OTHER}. Calls of
     * ended processes are there too.
     *
     * @param most how many rows stand alone
     */
    public synchronized Interval nextInterval(int most) {
        freeEnded();
        long now = System.nanoTime();
        var changes = pending;
        pending = new HashMap<>();
        for (int row = 0; row < rows.count(); row++) {
            long key = rows.key(row);
            if (key != 0 && changed(row)) {
                addChange(row, changes.computeIfAbsent(key, k -> new Sum()));
            }
        }
        var interval = new Interval(now - intervalStart, topAndOthers(changes, most));
        intervalStart = now;
        return interval;
    }

    private boolean changed(int row) {
        return seen[row] == null || seen[row].count != rows.getLong(row, layout.count);
    }

    /** A process that ends with more calls than there is room for gives up their names, not their counts. */
    private static Sum sumOf(Map<Long, Sum> sums, long key) {
        Sum sum = sums.get(key);
        if (sum == null) {
            long usable = sums.size() < MOST_PENDING ? key : key(0, OVERFLOW, 0);
            sum = sums.computeIfAbsent(usable, k -> new Sum());
        }
        return sum;
    }

    private void addChange(int row, Sum sum) {
        if (seen[row] == null) {
            seen[row] = new Seen();
        }
        Seen before = seen[row];
        long count = rows.getLong(row, layout.count);
        long errors = rows.getLong(row, layout.errors);
        long totalTime = rows.getLong(row, layout.totalTime);
        long max = rows.takeMaximum(row, layout.maxTime);
        sum.count += count - before.count;
        sum.errors += errors - before.errors;
        sum.totalTime += totalTime - before.totalTime;
        sum.maxTime = Math.max(sum.maxTime, max);
        before.count = count;
        before.errors = errors;
        before.totalTime = totalTime;
        before.maxTime = Math.max(before.maxTime, max);
        before.histogram = addHistogramChange(row, before.histogram, sum.histogram());
    }

    /** Adds what came since {@code before}, and returns the present state in the same sparse form. */
    private int[] addHistogramChange(int row, int[] before, long[] sum) {
        int[] now = new int[2 * Histogram.BUCKETS];
        int length = 0;
        int at = 0;
        for (int bucket = 0; bucket < Histogram.BUCKETS; bucket++) {
            int count = rows.getInt(row, layout.histogram + (long) bucket * Integer.BYTES);
            if (count != 0) {
                int old = 0;
                if (at < before.length && before[at] == bucket) {
                    old = before[at + 1];
                    at += 2;
                }
                sum[bucket] += (count - old) & 0xFFFF_FFFFL;
                now[length++] = bucket;
                now[length++] = count;
            }
        }
        if (length == before.length) {
            System.arraycopy(now, 0, before, 0, length);
            return before;
        }
        return Arrays.copyOf(now, length);
    }

    private static List<Row> topAndOthers(Map<Long, Sum> changes, int most) {
        var sorted = new ArrayList<>(changes.entrySet());
        sorted.sort(Comparator.comparingLong((Map.Entry<Long, Sum> entry) -> entry.getValue().totalTime)
                .reversed());
        var result = new ArrayList<Row>();
        var others = new HashMap<Long, Sum>();
        for (var entry : sorted) {
            if (entry.getValue().count == 0) {
                continue;
            }
            if (result.size() < most) {
                result.add(entry.getValue().row(process(entry.getKey()), id(entry.getKey())));
            } else {
                others.computeIfAbsent(process(entry.getKey()), p -> new Sum()).add(entry.getValue());
            }
        }
        others.forEach((process, sum) -> result.add(sum.row(process, OTHER)));
        return result;
    }
}
