// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.record;

import dev.kfr.bpf.BpfLink;
import dev.kfr.bpf.StructLayout;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.ToLongFunction;

/**
 * What the kernel counts for each thread, by process: read with an iterator over all threads ({@code tasks_iter}), and from a record of each thread
 * that ended ({@code RECORD_TASK_ENDED}), so that no time of a short-lived thread is missing and none counts twice. Thread-safe.
 *
 * <p>A reading serves all who ask within {@value #FRESH_MILLIS} ms. Where the agent lives in a pid namespace the iterator meets only the threads that
 * can be seen there, and ended threads of others are left out likewise.
 */
public final class Tasks implements Decoder {
    private static final int FRESH_MILLIS = 100;
    private static final long FRESH_NANOS = TimeUnit.MILLISECONDS.toNanos(FRESH_MILLIS);
    private static final int BUFFER_BYTES = 256 * 1024;
    private static final int MOST_THREADS = 1 << 18;

    /** The kernel frees a thread some ms after it can't be met any more; if no record told of it this long after, that was lost. */
    private static final long LOST_NANOS = TimeUnit.SECONDS.toNanos(30);

    /** Where the fields of {@code struct task_counts} are; {@code sums} in the order of {@link TaskCounts}. */
    record Layout(
            int size, int task, int started, int pid, int generation, int nsPid, int flags, int leads, int[] counts) {
        private static final List<String> COUNTS = List.of(
                "cpu_time",
                "run_queue_time",
                "voluntary_switches",
                "involuntary_switches",
                "migrations",
                "minor_faults",
                "major_faults",
                "run_queue_max");

        static Layout of(StructLayout counts, int leads) {
            return new Layout(
                    counts.size(),
                    counts.field("task").offset(),
                    counts.field("started").offset(),
                    counts.field("pid").offset(),
                    counts.field("generation").offset(),
                    counts.field("ns_pid").offset(),
                    counts.field("flags").offset(),
                    leads,
                    COUNTS.stream()
                            .mapToInt(name -> counts.field(name).offset())
                            .toArray());
        }
    }

    /** What was last seen of a thread. */
    private static final class Seen {
        long started;
        long process;
        final long[] values = new long[TaskCounts.FIELDS];
        long reading;
        boolean missing;
        long missingSince;

        /** Whether its end won't be told any more. Readings can be far apart: how long it is missing counts from the first without it. */
        boolean isLost(long latest) {
            if (!missing && reading != latest) {
                missing = true;
                missingSince = latest;
            }
            return missing && latest - missingSince > LOST_NANOS;
        }
    }

    /** A thread whose structure's address went to another before its end was told. */
    private record Successor(long task, long started) {}

    private final Processes processes;
    private final List<TaskAccount> accounts = new ArrayList<>();
    private final Map<Long, Seen> threads = new HashMap<>();
    private final Map<Successor, Seen> replaced = new HashMap<>();
    private Layout layout;
    private int endedCounts;
    private BpfLink iterator;
    private boolean begun;
    private long firstReading;
    private long lastReading;

    /** @param processes to be told of processes that only the agent's pid namespace numbers */
    public Tasks(Processes processes) {
        this.processes = processes;
    }

    /**
     * A reader of its own, with its own beginning.
     *
     * @param weight which of the processes that ended stand alone in an interval when there are many: those with most of this
     */
    public synchronized TaskAccount account(ToLongFunction<TaskCounts> weight) {
        var account = new TaskAccount(this, weight);
        accounts.add(account);
        return account;
    }

    /**
     * The iterator can be used, until {@link #detaching}. Further calls do nothing.
     *
     * @param counts layout of {@code struct task_counts}
     * @param ended layout of {@code struct task_ended_record}
     * @param leads {@code TASK_LEADS}
     */
    public synchronized void attached(BpfLink link, StructLayout counts, StructLayout ended, int leads) {
        if (iterator == null) {
            layout(counts, ended, leads);
            forget();
            iterator = link;
            refresh(); // where everything begins
        }
    }

    synchronized void layout(StructLayout counts, StructLayout ended, int leads) {
        layout = Layout.of(counts, leads);
        endedCounts = ended.field("counts").offset();
    }

    /** The iterator is about to be closed. What threads do from now on is not seen. */
    public synchronized void detaching() {
        iterator = null;
        forget();
    }

    private void forget() {
        threads.clear();
        replaced.clear();
        begun = false;
    }

    /** Who a process is, as far as records told; null if none did. */
    Processes.Info known(long process) {
        return processes.known(process);
    }

    /** When threads were last looked at, ns of {@link System#nanoTime}. */
    synchronized long lastReading() {
        return lastReading;
    }

    /**
     * Looks at all threads, if that was not done just now; does nothing without the iterator.
     *
     * @throws dev.kfr.bpf.BpfException if the kernel can't
     */
    public synchronized void refresh() {
        if (iterator == null || (begun && System.nanoTime() - lastReading < FRESH_NANOS)) {
            return;
        }
        long start = System.nanoTime();
        var alive = new HashSet<Long>();
        try (var arena = Arena.ofConfined();
                var run = iterator.iterate()) {
            var buffer = arena.allocate(BUFFER_BYTES, Long.BYTES);
            int kept = 0; // of a record that is not complete yet
            for (int read; (read = run.read(buffer.asSlice(kept))) > 0; ) {
                int used = take(buffer, kept + read, start, alive);
                kept += read - used;
                MemorySegment.copy(buffer, used, buffer, 0, kept);
            }
        }
        complete(start, alive);
    }

    /** Takes in the records that are complete; how many bytes that are. */
    int take(MemorySegment buffer, int length, long reading, Set<Long> alive) {
        int at = 0;
        for (; length - at >= layout.size; at += layout.size) {
            met(buffer, at, reading, alive);
        }
        return at;
    }

    void complete(long reading, Set<Long> alive) {
        if (!begun) {
            begun = true;
            firstReading = reading;
            accounts.forEach(account -> account.begin(reading));
        }
        lastReading = reading;
        accounts.forEach(account -> account.retain(alive));
        threads.values().removeIf(seen -> seen.isLost(reading));
        replaced.values().removeIf(seen -> seen.isLost(reading));
    }

    private void met(MemorySegment memory, long at, long reading, Set<Long> alive) {
        long task = memory.get(ValueLayout.JAVA_LONG, at + layout.task);
        long started = memory.get(ValueLayout.JAVA_LONG, at + layout.started);
        long process = process(memory, at);
        boolean leads = leads(memory, at);
        alive.add(process);
        introduce(process, memory.get(ValueLayout.JAVA_INT, at + layout.nsPid));
        var seen = threads.get(task);
        if (seen != null && !isSame(seen, started, process, leads)) {
            replaced.put(new Successor(task, seen.started), seen);
            seen = null;
        }
        boolean isNew = seen == null;
        if (isNew) {
            if (threads.size() >= MOST_THREADS) {
                return;
            }
            seen = new Seen();
            threads.put(task, seen);
        }
        seen.started = started;
        seen.process = process;
        seen.reading = reading;
        seen.missing = false;
        var change = update(seen.values, memory, at);
        if (change != null && (begun || !isNew)) { // the first reading is where all begins
            accounts.forEach(account -> account.add(process, change));
        }
    }

    /** A thread that takes over its process by exec takes over when it began, too. */
    private static boolean isSame(Seen seen, long started, long process, boolean leads) {
        return seen.started == started || (seen.process == process && leads);
    }

    private void introduce(long process, int nsPid) {
        if (nsPid != 0) {
            processes.seen(process, nsPid);
        }
    }

    /** {@code RECORD_TASK_ENDED}: what a thread did since it was last met, or if it never was, in all its life. */
    @Override
    public synchronized void decode(Record record) {
        if (layout == null || !begun) {
            return;
        }
        record.position(endedCounts, layout.size); // it is as long as it should be
        ended(record.memory(), record.position(endedCounts, layout.size));
    }

    void ended(MemorySegment memory, long at) {
        long task = memory.get(ValueLayout.JAVA_LONG, at + layout.task);
        long started = memory.get(ValueLayout.JAVA_LONG, at + layout.started);
        boolean leads = leads(memory, at);
        long process = process(memory, at);
        var seen = threads.get(task);
        if (seen != null && isSame(seen, started, process, leads)) {
            threads.remove(task);
        } else {
            seen = replaced.remove(new Successor(task, started));
        }
        if (seen == null && !isNews(process, started)) {
            return;
        }
        long known = seen != null ? seen.process : process;
        var change = update(seen != null ? seen.values : new long[TaskCounts.FIELDS], memory, at);
        if (change != null) {
            accounts.forEach(account -> account.add(known, change));
        }
        if (leads) {
            accounts.forEach(account -> account.ended(known));
        }
    }

    /**
     * Whether a thread that was never met belongs to what is counted. It does not if it had ended before the first look, though its structure
     * was freed after; nor if it is of a process that can't be seen from here.
     */
    private boolean isNews(long process, long started) {
        return started - firstReading >= 0 && processes.visible(process);
    }

    private long process(MemorySegment memory, long at) {
        return Processes.key(
                memory.get(ValueLayout.JAVA_INT, at + layout.pid),
                memory.get(ValueLayout.JAVA_INT, at + layout.generation));
    }

    private boolean leads(MemorySegment memory, long at) {
        return (memory.get(ValueLayout.JAVA_INT, at + layout.flags) & layout.leads) != 0;
    }

    /**
     * Brings what was seen up to date, and tells what has changed: null if nothing has, as of nearly all threads at any time. A counter that went
     * back is taken as unchanged.
     */
    private long[] update(long[] seen, MemorySegment memory, long at) {
        long[] change = null;
        for (int i = 0; i < TaskCounts.FIELDS; i++) {
            long now = memory.get(ValueLayout.JAVA_LONG, at + layout.counts[i]);
            long more = i == TaskCounts.MAX ? now : now - seen[i];
            seen[i] = now;
            if (more > 0) {
                change = change == null ? new long[TaskCounts.FIELDS] : change;
                change[i] = more;
            }
        }
        return change;
    }
}
