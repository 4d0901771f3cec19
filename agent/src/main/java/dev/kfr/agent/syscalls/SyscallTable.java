// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.syscalls;

import dev.kfr.agent.record.EndedProcesses;
import dev.kfr.agent.record.Histogram;
import dev.kfr.agent.record.MappedRows;
import dev.kfr.agent.record.Processes;
import dev.kfr.bpf.StructLayout;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
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

    private final MappedRows rows;
    private final Layout layout;
    private final EndedProcesses ended;
    private final Sum[] endedById = new Sum[IDS];
    private final SeenRow[] seen;
    private final int[] buckets = new int[Histogram.BUCKETS];

    private boolean intervals;
    private long intervalStart;
    private List<Change> pending = new ArrayList<>();

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
        this.seen = new SeenRow[this.rows.count()];
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
                    Change last = takeChange(row, key);
                    // beyond a bound they give up their names, not their counts
                    pending.add(pending.size() < MOST_PENDING ? last : last.withKey(key(0, OVERFLOW, 0)));
                }
                seen[row] = null;
                rows.free(row);
            }
        }
        ended.clear();
    }

    /**
     * Everything since counting began.
     *
     * @param ownProcess which {@link Processes#key} is this JVM's
     * @param all also by process, this JVM's calls, and with histograms; else only by call
     */
    public synchronized SyscallTotals totals(LongPredicate ownProcess, boolean all) {
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
                addAll(byId, row, all);
                if (all && id != OVERFLOW) {
                    totals.addProcess(
                            process(key),
                            id,
                            rows.getLong(row, layout.count),
                            rows.getLong(row, layout.errors),
                            rows.getLong(row, layout.totalTime));
                    if (totals.isOwn(process(key))) {
                        addAll(totals.ownId(id), row, true);
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
            sum.maxTime = Math.max(sum.maxTime, seen[row].maxTime());
        }
        if (histograms) {
            long[] counts = sum.histogram();
            rows.getInts(row, layout.histogram, buckets);
            for (int bucket = 0; bucket < Histogram.BUCKETS; bucket++) {
                counts[bucket] += buckets[bucket] & 0xFFFF_FFFFL;
            }
        }
    }

    /** From now on {@link #nextInterval} tells what happened; what was counted before belongs to no interval. */
    public synchronized void startIntervals() {
        freeEnded();
        pending.clear();
        intervals = true;
        intervalStart = System.nanoTime();
        for (int row = 0; row < rows.count(); row++) {
            long key = rows.key(row);
            if (key != 0) {
                takeChange(row, key);
            }
        }
    }

    /** Nobody asks for intervals any more. */
    public synchronized void stopIntervals() {
        intervals = false;
        pending.clear();
        for (SeenRow row : seen) {
            if (row != null) {
                row.forgetHistogram();
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
        List<Change> changes = pending;
        pending = new ArrayList<>();
        for (int row = 0; row < rows.count(); row++) {
            long key = rows.key(row);
            if (key != 0 && (seen[row] == null || seen[row].count() != rows.getLong(row, layout.count))) {
                changes.add(takeChange(row, key));
            }
        }
        var interval = new Interval(now - intervalStart, Change.topAndOthers(changes, most));
        intervalStart = now;
        return interval;
    }

    private Change takeChange(int row, long key) {
        if (seen[row] == null) {
            seen[row] = new SeenRow();
        }
        rows.getInts(row, layout.histogram, buckets);
        return seen[row].change(
                key,
                rows.getLong(row, layout.count),
                rows.getLong(row, layout.errors),
                rows.getLong(row, layout.totalTime),
                rows.takeMaximum(row, layout.maxTime),
                buckets);
    }
}
