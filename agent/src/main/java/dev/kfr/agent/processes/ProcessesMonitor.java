// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.processes;

import static dev.kfr.agent.jmx.TextTable.bytes;
import static dev.kfr.agent.jmx.TextTable.count;
import static dev.kfr.agent.jmx.TextTable.rate;
import static dev.kfr.agent.jmx.TextTable.time;

import dev.kfr.agent.jmx.Counters;
import dev.kfr.agent.jmx.CountersMonitor;
import dev.kfr.agent.jmx.OneLook;
import dev.kfr.agent.jmx.Rates;
import dev.kfr.agent.jmx.Since;
import dev.kfr.agent.jmx.TextTable;
import dev.kfr.agent.record.EventCounters;
import java.io.File;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/** Behind {@code kernel:type=Processes}. Thread-safe. */
public final class ProcessesMonitor extends CountersMonitor implements ProcessesMXBean {
    private static final DateTimeFormatter CLOCK =
            DateTimeFormatter.ofPattern("HH:mm:ss.SSS").withZone(ZoneId.systemDefault());

    private record Look(long started, long executed, long exited, long running, double[] rates) {}

    private final Counters<EventCounters> counters;
    private final RecentExits exits;
    private final LongSupplier countRunning;
    private final boolean allCounted;
    private final OneLook<Look> look = new OneLook<>(this::look);
    private final Since since;
    private final Rates rates = new Rates(3);

    private long forksBefore;
    private long exitsBefore;
    private long runningBefore;

    /**
     * @param allCounted whether the processes that are counted are those that {@code /proc} shows: all of the host, and nothing hides any.
     *     Otherwise starts and ends do not tell how many run
     */
    public ProcessesMonitor(Counters<EventCounters> counters, RecentExits exits, boolean allCounted) {
        this(counters, exits, allCounted, ProcessesMonitor::countRunning);
    }

    ProcessesMonitor(
            Counters<EventCounters> counters, RecentExits exits, boolean allCounted, LongSupplier countRunning) {
        super(counters);
        this.counters = counters;
        this.exits = exits;
        this.allCounted = allCounted;
        this.countRunning = countRunning;
        this.since = new Since(counters);
    }

    private static long countRunning() {
        String[] names = new File("/proc").list((proc, name) -> Character.isDigit(name.charAt(0)));
        return names == null ? 0 : names.length;
    }

    private synchronized Look look() {
        EventCounters now = counters.demand();
        if (now == null || counters.since() == null) { // not counted yet, or not any more
            // the look from which the first rates count
            return new Look(0, 0, 0, countRunning.getAsLong(), rates.read(System.nanoTime(), 0, 0, 0));
        }
        if (allCounted && since.changed()) {
            countAll(now);
        }
        // exits first: a process that starts and ends in between must not count as an end without a start
        long exited = now.exits();
        long executed = now.execs();
        long started = now.forks();
        return new Look(
                started,
                executed,
                exited,
                allCounted ? runningBefore + started - forksBefore - (exited - exitsBefore) : countRunning.getAsLong(),
                rates.read(System.nanoTime(), started, executed, exited));
    }

    /** Counts the processes that there are as counting begins, in a moment in which none starts or ends, if there is one. */
    private void countAll(EventCounters now) {
        final int attempts = 5;
        for (int i = 0; i < attempts; i++) {
            exitsBefore = now.exits();
            forksBefore = now.forks();
            runningBefore = countRunning.getAsLong();
            if (now.forks() == forksBefore && now.exits() == exitsBefore) {
                return;
            }
        }
    }

    @Override
    public <R> R during(Supplier<R> request) {
        return look.during(request);
    }

    @Override
    public long getStarted() {
        return look.get().started;
    }

    @Override
    public long getExecuted() {
        return look.get().executed;
    }

    @Override
    public long getExited() {
        return look.get().exited;
    }

    @Override
    public long getRunning() {
        return look.get().running;
    }

    @Override
    public double getStartedPerSecond() {
        return look.get().rates[0];
    }

    @Override
    public double getExecutedPerSecond() {
        return look.get().rates[1];
    }

    @Override
    public double getExitedPerSecond() {
        return look.get().rates[2];
    }

    @Override
    public List<ExitRow> getRecentExits() {
        look.get(); // starts the counters, and with them the reports of exits
        return exits.latest(tableSize.get());
    }

    @Override
    public String show() {
        return look.during(() -> {
            Look now = look.get();
            var table = new TextTable(
                    "Processes that ended last",
                    "time",
                    ">pid",
                    "process",
                    "container",
                    ">uid",
                    ">lived",
                    "end",
                    ">CPU time",
                    ">resident");
            for (ExitRow row : getRecentExits()) {
                table.row(
                        CLOCK.format(row.time().toInstant()),
                        row.pid(),
                        row.name(),
                        row.container(),
                        row.uid(),
                        time(row.lifetime()),
                        row.signal().isEmpty() ? "exit " + row.exitCode() : row.signal(),
                        time(row.cpuTime()),
                        bytes(row.maxResidentSize()));
            }
            return "Processes since " + Since.text(counters) + ": " + count(now.started) + " started ("
                    + rate(now.rates[0]) + "/s), " + count(now.executed) + " executed, " + count(now.exited)
                    + " ended, " + count(now.running) + " running\n\n" + table;
        });
    }
}
