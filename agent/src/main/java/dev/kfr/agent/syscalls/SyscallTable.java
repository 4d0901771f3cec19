// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.syscalls;

import dev.kfr.agent.record.CountedProcesses;
import dev.kfr.agent.record.EndedProcesses;
import dev.kfr.agent.record.Histogram;
import dev.kfr.agent.record.MappedRows;
import dev.kfr.agent.record.Processes;
import dev.kfr.bpf.StructLayout;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.LongPredicate;

/**
 * System calls per process and call, as the kernel side counts them in {@code syscall_rows}. All times are ns, waiting included. Thread-safe.
 *
 * <p>Rows of processes that ended are added to the totals and given back. Totals never decrease.
 *
 * <p>The longest duration is the one value that Java sets back, once per interval and with an atomic exchange, so that the kernel's
 * store at the same moment is seen in this interval or in the next. {@link #totals} reads it without setting it back and adds what the intervals took.
 */
public final class SyscallTable implements CountedProcesses {
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

    /** Where the fields of {@code struct syscall_row} are: {@code size}, {@code key} and {@code maxTime} in bytes, the others in 64-bit words. */
    record Layout(int size, int key, int maxTime, int count, int errors, int totalTime, int histogram) {
        static Layout of(StructLayout row) {
            return new Layout(
                    row.size(),
                    row.field("key").offset(),
                    row.field("max_time").offset(),
                    row.field("count").offset() / Long.BYTES,
                    row.field("errors").offset() / Long.BYTES,
                    row.field("total_time").offset() / Long.BYTES,
                    row.field("histogram").offset() / Long.BYTES);
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
    private final LongPredicate alive;

    private final EndedChanges pending = new EndedChanges(MOST_PENDING, key(0, OVERFLOW, 0));
    private final int[] buckets = new int[Histogram.BUCKETS];
    private boolean intervals;
    private long intervalStart;

    /**
     * @param rows the mapped table
     * @param row layout of {@code struct syscall_row}
     * @param alive whether a process still runs, by {@link Processes#key}; asked if the table is full, for ends whose records were lost
     */
    public SyscallTable(MemorySegment rows, StructLayout row, LongPredicate alive) {
        this.layout = Layout.of(row);
        this.rows = new MappedRows(rows, layout.size, layout.key);
        this.alive = alive;
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

    @Override
    public synchronized void ended(long process) {
        if (ended.add(process)) {
            freeEnded();
        }
    }

    private Set<Long> suspects(long inVain) {
        return ended.suspects(inVain, rows, key -> id(key) != OVERFLOW ? process(key) : 0);
    }

    /** Frees rows of processes that have ended without notice. Not to be called under the lock. */
    private void freeUnnoticed(Set<Long> suspects) {
        suspects.removeIf(alive::test);
        synchronized (this) {
            suspects.forEach(ended::add);
            freeEnded();
        }
    }

    /** How many of all rows are taken, between 0 and 1. */
    synchronized double fill() {
        return rows.fill();
    }

    private void freeEnded() {
        if (ended.isEmpty()) {
            return;
        }
        rows.forEachTaken((row, key, values, at) -> {
            if (id(key) != OVERFLOW && ended.contains(process(key))) {
                free(row, key, values, at);
            }
        });
        ended.clear();
    }

    private void free(int row, long key, long[] values, int at) {
        int id = id(key);
        if (endedById[id] == null) {
            endedById[id] = new Sum();
        }
        addAll(endedById[id], row, values, at, true);
        if (intervals) {
            pending.add(takeChange(row, key, values, at));
        }
        seen[row] = null;
        rows.free(row);
    }

    /**
     * Everything since counting began.
     *
     * @param ownProcess which {@link Processes#key} is this JVM's
     * @param all also by process, this JVM's calls, and with histograms; else only by call
     */
    public SyscallTotals totals(LongPredicate ownProcess, boolean all) {
        var totals = new SyscallTotals(ownProcess);
        Set<Long> suspects;
        synchronized (this) {
            addTo(totals, all);
            suspects = suspects(totals.id(OVERFLOW).count);
        }
        freeUnnoticed(suspects);
        return totals;
    }

    private void addTo(SyscallTotals totals, boolean all) {
        freeEnded();
        for (int id = 0; id < IDS; id++) {
            if (endedById[id] != null) {
                totals.addEnded(id, endedById[id]);
            }
        }
        rows.forEachTaken((row, key, values, at) -> {
            int id = id(key);
            addAll(totals.id(id), row, values, at, all);
            if (all && id != OVERFLOW) {
                long process = process(key);
                totals.addProcess(
                        process, values[at + layout.count], values[at + layout.errors], values[at + layout.totalTime]);
                if (totals.isOwn(process)) {
                    addAll(totals.ownId(id), row, values, at, true);
                }
            }
        });
    }

    private void addAll(Sum sum, int row, long[] values, int at, boolean histograms) {
        sum.count += values[at + layout.count];
        sum.errors += values[at + layout.errors];
        sum.totalTime += values[at + layout.totalTime];
        sum.maxTime = Math.max(sum.maxTime, values[at + layout.maxTime / Long.BYTES]);
        if (seen[row] != null) {
            sum.maxTime = Math.max(sum.maxTime, seen[row].maxTime());
        }
        if (histograms) {
            long[] counts = sum.histogram();
            for (int i = 0; i < Histogram.BUCKETS / 2; i++) {
                long two = values[at + layout.histogram + i];
                if (two != 0) {
                    counts[2 * i] += two & 0xFFFF_FFFFL;
                    counts[2 * i + 1] += two >>> 32;
                }
            }
        }
    }

    /** From now on {@link #nextInterval} tells what happened; what was counted before belongs to no interval. */
    @Override
    public synchronized void startIntervals() {
        freeEnded();
        pending.clear();
        intervals = true;
        intervalStart = System.nanoTime();
        rows.forEachTaken(this::takeChange);
    }

    @Override
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
     * What happened since the last interval ended: the rows with most time, then the rest of a process in one row of {@link #OTHER}, and of all
     * processes that have no such row in one of process 0. Calls of ended processes are there too.
     *
     * @param most how many rows stand alone, and how many processes have a row for the rest
     * @param wanted of which processes
     * @param whole of which processes all rows stand alone, beside those with most time
     */
    public Interval nextInterval(int most, LongPredicate wanted, LongPredicate whole) {
        List<Change> changes;
        Set<Long> suspects;
        long nanos;
        synchronized (this) {
            if (!intervals) {
                return new Interval(0, List.of()); // a chunk may end before rows begin
            }
            freeEnded();
            long now = System.nanoTime();
            changes = pending.take();
            suspects = suspects(addRunning(changes));
            nanos = now - intervalStart;
            intervalStart = now;
        }
        freeUnnoticed(suspects);
        changes.removeIf(change -> !wanted.test(process(change.key())));
        return new Interval(nanos, Change.topAndOthers(changes, most, whole));
    }

    /** How many calls found no row. */
    private long addRunning(List<Change> changes) {
        long[] inVain = {0};
        rows.forEachTaken((row, key, values, at) -> {
            inVain[0] += id(key) == OVERFLOW ? values[at + layout.count] : 0;
            if (seen[row] == null || seen[row].count() != values[at + layout.count]) {
                changes.add(takeChange(row, key, values, at));
            }
        });
        return inVain[0];
    }

    private Change takeChange(int row, long key, long[] values, int at) {
        if (seen[row] == null) {
            seen[row] = new SeenRow();
        }
        for (int i = 0; i < Histogram.BUCKETS / 2; i++) {
            long two = values[at + layout.histogram + i];
            buckets[2 * i] = (int) two;
            buckets[2 * i + 1] = (int) (two >>> 32);
        }
        return seen[row].change(
                key,
                values[at + layout.count],
                values[at + layout.errors],
                values[at + layout.totalTime],
                rows.takeMaximum(row, layout.maxTime),
                buckets);
    }

    /** Counting begins anew. To be called while the kernel doesn't count: all rows are given back. */
    public synchronized void clear() {
        rows.forEachTaken((row, key, values, at) -> rows.free(row));
        Arrays.fill(seen, null);
        Arrays.fill(endedById, null);
        ended.restart();
        pending.clear();
    }
}
