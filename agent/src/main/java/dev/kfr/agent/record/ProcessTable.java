// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.record;

import dev.kfr.bpf.StructLayout;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongPredicate;

/**
 * Counters per process, as the kernel side keeps them in a {@code PROCESS_TABLE} of {@code rows.h}. Thread-safe.
 *
 * <p>Rows of processes that ended are added to the totals and given back. Totals never decrease.
 *
 * <p>Fields are counters, or maxima: of these Java takes the value out of the row once per interval and with an atomic exchange, so that
 * the kernel's store at the same moment is seen in this interval or in the next. {@link #totals} leaves them where they are.
 */
public final class ProcessTable implements CountedProcesses {
    /** In place of a process: counts that found no row. */
    public static final long OVERFLOW = ~0L;

    /** In place of a process: what is no process's, such as interrupts. Like any key with pid 0 it never ends. */
    public static final long NO_PROCESS = 1;

    private static final String KEY = "process";
    private static final int MOST_PENDING = 16_384;

    /** What happened in an interval: how long it was, in ns, and a row for each process of which something was counted. */
    public record Interval(long nanos, List<ProcessCounts> rows) {}

    private final MappedRows rows;
    private final ProcessFields fields;
    private final EndedProcesses ended;
    private final long[] endedTotals;
    private final long[][] seen; // by row: what intervals have told of it
    private final LongPredicate alive;
    private final Largest<Long, long[]> pending; // of processes that ended

    private boolean intervals;
    private long intervalStart;

    /**
     * @param rows the mapped table
     * @param row layout of its struct
     * @param counters names of the fields that are counters: the first fields of each {@link ProcessCounts}
     * @param maxima names of the fields that are maxima: the last fields
     * @param alive whether a process still runs, by {@link Processes#key}; asked if the table is full, for ends whose records were lost
     */
    public ProcessTable(
            MemorySegment rows, StructLayout row, List<String> counters, List<String> maxima, LongPredicate alive) {
        this.rows = new MappedRows(rows, row.size(), row.field(KEY).offset());
        this.fields = ProcessFields.of(row, counters, maxima);
        this.alive = alive;
        this.ended = new EndedProcesses(this.rows.count());
        this.endedTotals = new long[fields.count()];
        this.seen = new long[this.rows.count()][];
        this.pending = new Largest<>(
                MOST_PENDING,
                OVERFLOW,
                () -> new long[fields.count()],
                this::plus,
                values -> Arrays.stream(values, 0, fields.sums()).sum(),
                process -> false);
    }

    /** A table without maxima. */
    public ProcessTable(MemorySegment rows, StructLayout row, List<String> counters, LongPredicate alive) {
        this(rows, row, counters, List.of(), alive);
    }

    @Override
    public synchronized void ended(long process) {
        if (ended.add(process)) {
            freeEnded();
        }
    }

    private static boolean canEnd(long process) {
        return process != OVERFLOW && Processes.pid(process) != 0;
    }

    private Set<Long> suspects(long inVain) {
        return ended.suspects(inVain, rows, process -> canEnd(process) ? process : 0);
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
            if (canEnd(process) && ended.contains(process)) {
                fields.add(endedTotals, 0, values, at);
                if (seen[row] != null) {
                    keepMaxima(endedTotals, seen[row]);
                }
                if (intervals) {
                    addChange(row, pending.of(process), values, at);
                }
                seen[row] = null;
                rows.free(row);
            }
        });
        ended.clear();
    }

    private long[] plus(long[] sum, long[] more) {
        fields.addCollected(sum, 0, more, 0);
        return sum;
    }

    /** Everything since counting began. */
    public ProcessTotals totals() {
        ProcessTotals totals;
        Set<Long> suspects;
        synchronized (this) {
            freeEnded();
            totals = new ProcessTotals(fields, endedTotals);
            suspects = suspects(addTo(totals));
        }
        freeUnnoticed(suspects);
        return totals;
    }

    /** A number that is another one as soon as more found no row. */
    private long addTo(ProcessTotals totals) {
        long[] inVain = {0};
        var copy = new long[fields.count()];
        rows.forEachTaken((row, process, values, at) -> {
            inVain[0] += process == OVERFLOW ? changes(values, at) : 0;
            Arrays.fill(copy, 0);
            fields.add(copy, 0, values, at);
            if (seen[row] != null) {
                keepMaxima(copy, seen[row]);
            }
            totals.addCollected(process, copy);
        });
        return inVain[0];
    }

    private void keepMaxima(long[] collected, long[] told) {
        for (int i = fields.sums(); i < fields.count(); i++) {
            collected[i] = Math.max(collected[i], told[i]);
        }
    }

    /** A number that is another one as soon as anything was counted. */
    private long changes(long[] values, int at) {
        long sum = 0;
        for (int i = 0; i < fields.sums(); i++) {
            sum += values[at + fields.words()[i]];
        }
        return sum;
    }

    /** From now on {@link #nextInterval} tells what happened; what was counted before belongs to no interval. */
    @Override
    public synchronized void startIntervals() {
        freeEnded();
        pending.clear();
        intervals = true;
        intervalStart = System.nanoTime();
        var ignored = new long[fields.count()];
        rows.forEachTaken((row, process, values, at) -> addChange(row, ignored, values, at));
    }

    @Override
    public synchronized void stopIntervals() {
        intervals = false;
        pending.clear();
    }

    /**
     * What happened since the last interval ended, in no order. Ended processes are there too, and what found no row ({@link #OVERFLOW}).
     *
     * @param wanted of which processes
     */
    public Interval nextInterval(LongPredicate wanted) {
        Map<Long, long[]> changes;
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
        var told = new ArrayList<ProcessCounts>(changes.size());
        changes.forEach((process, values) -> {
            if (wanted.test(process)) {
                told.add(new ProcessCounts(process, values));
            }
        });
        return new Interval(nanos, told);
    }

    /** A number that is another one as soon as more found no row. */
    private long addRunning(Map<Long, long[]> changes) {
        long[] inVain = {0};
        rows.forEachTaken((row, process, values, at) -> {
            inVain[0] += process == OVERFLOW ? changes(values, at) : 0;
            if (changed(row, values, at)) {
                addChange(row, changes.computeIfAbsent(process, key -> new long[fields.count()]), values, at);
            }
        });
        return inVain[0];
    }

    private boolean changed(int row, long[] values, int at) {
        for (int i = 0; i < fields.sums(); i++) {
            if (values[at + fields.words()[i]] != (seen[row] == null ? 0 : seen[row][i])) {
                return true;
            }
        }
        return false;
    }

    private void addChange(int row, long[] sum, long[] values, int at) {
        if (seen[row] == null) {
            seen[row] = new long[fields.count()];
        }
        for (int i = 0; i < fields.sums(); i++) {
            long value = values[at + fields.words()[i]];
            sum[i] += value - seen[row][i];
            seen[row][i] = value;
        }
        for (int i = fields.sums(); i < fields.count(); i++) {
            long largest = rows.takeMaximum(row, (long) fields.words()[i] * Long.BYTES);
            sum[i] = Math.max(sum[i], largest);
            seen[row][i] = Math.max(seen[row][i], largest);
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
}
