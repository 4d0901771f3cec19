// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.record;

import dev.kfr.bpf.BpfException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongPredicate;
import java.util.function.ToLongFunction;

/**
 * What one subject has been told by {@link Tasks}: totals since its counting began, and intervals. Each subject that reads tasks has its own, as
 * their counters and rows begin at different times. Thread-safe; totals never decrease until they begin anew.
 */
public final class TaskAccount {
    /** In place of a process: all that have no row of their own. */
    public static final long OTHER = ~0L;

    /** Processes that ended in an interval; those that run have no bound but their number. */
    private static final int MOST_ENDED = 8192;

    private final Tasks tasks;
    private final long[] gone = new long[TaskCounts.FIELDS];
    private final Largest<Long, Sum> pending;
    private Map<Long, long[]> running = new HashMap<>();
    private boolean intervals;
    private long intervalStart;

    /** What is to be told of a process. */
    private static final class Sum {
        final long[] counts = new long[TaskCounts.FIELDS];
        Processes.Info ended;

        Sum plus(Sum other) {
            TaskCounts.add(counts, other.counts);
            return this;
        }
    }

    /**
     * A process.
     *
     * @param process see {@link Processes#key}; {@link #OTHER}: several
     * @param ended who it was, noted when it ended; null of one that runs, and if that was not known
     */
    public record Row(long process, TaskCounts counts, Processes.Info ended) {}

    /**
     * Everything since counting began.
     *
     * @param all processes, those that ended too
     * @param running the processes that run and did something, in no order
     */
    public record Totals(TaskCounts all, List<Row> running) {
        public static final Totals NONE = new Totals(TaskCounts.of(new long[TaskCounts.FIELDS]), List.of());
    }

    /** What happened in an interval: rows in the order that was asked for, and how long the interval was. */
    public record Interval(long nanos, List<Row> rows) {}

    /** @param weight which of the processes that ended stand alone when there are many: those with most of this */
    TaskAccount(Tasks tasks, ToLongFunction<TaskCounts> weight) {
        this.tasks = tasks;
        this.pending = new Largest<>(
                MOST_ENDED,
                OTHER,
                Sum::new,
                Sum::plus,
                sum -> weight.applyAsLong(TaskCounts.of(sum.counts)),
                process -> running.containsKey(process));
    }

    /** Counting begins anew: what happened so far does not count. */
    public void restart() {
        synchronized (tasks) {
            tasks.refresh();
            running = new HashMap<>();
            Arrays.fill(gone, 0);
        }
    }

    /** Everything since {@link #restart}, as of at most 100 ms ago; older where tasks can't be looked at, as for want of a descriptor. */
    public Totals totals() {
        synchronized (tasks) {
            try {
                tasks.refresh();
            } catch (BpfException unreadable) {
                // what was read before is still true
            }
            var all = gone.clone();
            var rows = new ArrayList<Row>(running.size());
            running.forEach((process, values) -> {
                TaskCounts.add(all, values);
                rows.add(new Row(process, TaskCounts.of(values), null));
            });
            return new Totals(TaskCounts.of(all), rows);
        }
    }

    /** From now on {@link #nextInterval} tells what happened. */
    public void startIntervals() {
        synchronized (tasks) {
            tasks.refresh();
            pending.clear();
            intervals = true;
            intervalStart = tasks.lastReading();
        }
    }

    /** Nobody asks for intervals any more. */
    public void stopIntervals() {
        synchronized (tasks) {
            intervals = false;
            pending.clear();
        }
    }

    /**
     * What happened since the last interval ended, of processes that did something. Processes that ended are there too.
     *
     * @param most how many rows stand alone; the rest is summed up in one of {@link #OTHER}
     * @param order what comes first
     * @param wanted which processes
     */
    public Interval nextInterval(int most, Comparator<TaskCounts> order, LongPredicate wanted) {
        Map<Long, Sum> changes;
        long nanos;
        synchronized (tasks) {
            if (!intervals) {
                return new Interval(0, List.of()); // a chunk may end before rows begin
            }
            tasks.refresh();
            changes = pending.take();
            nanos = tasks.lastReading() - intervalStart;
            intervalStart = tasks.lastReading();
        }
        return new Interval(nanos, topAndOthers(changes, most, order, wanted));
    }

    private static List<Row> topAndOthers(
            Map<Long, Sum> changes, int most, Comparator<TaskCounts> order, LongPredicate wanted) {
        var others = changes.remove(OTHER);
        var rows = new ArrayList<Row>(changes.size());
        changes.forEach((process, sum) -> {
            if (wanted.test(process)) {
                rows.add(new Row(process, TaskCounts.of(sum.counts), sum.ended));
            }
        });
        rows.sort(Comparator.comparing(Row::counts, order));
        if (others == null && rows.size() <= most) {
            return rows;
        }
        var rest = others == null ? new Sum() : others;
        for (var row : rows.subList(Math.min(most, rows.size()), rows.size())) {
            rest.plus(changes.get(row.process));
        }
        var result = new ArrayList<>(rows.subList(0, Math.min(most, rows.size())));
        result.add(new Row(OTHER, TaskCounts.of(rest.counts), null));
        return result;
    }

    /** Tasks were looked at for the first time: from now on something can be told. */
    void begin(long reading) {
        intervalStart = reading;
    }

    /** A process did something. If it has ended already, the next look at all processes finds out. */
    void add(long process, long[] change) {
        TaskCounts.add(running.computeIfAbsent(process, p -> new long[TaskCounts.FIELDS]), change);
        if (intervals) {
            TaskCounts.add(pending.of(process).counts, change);
        }
    }

    /** A process ended. */
    void ended(long process) {
        var last = running.remove(process);
        if (last != null) {
            TaskCounts.add(gone, last);
        }
        var sum = pending.known(process);
        if (sum != null) {
            sum.ended = tasks.known(process);
        }
    }

    /** These processes run, all others have ended. */
    void retain(Set<Long> alive) {
        for (Iterator<Map.Entry<Long, long[]>> each = running.entrySet().iterator(); each.hasNext(); ) {
            var process = each.next();
            if (!alive.contains(process.getKey())) {
                TaskCounts.add(gone, process.getValue());
                each.remove();
            }
        }
    }
}
