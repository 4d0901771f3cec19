// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.syscalls;

import static dev.kfr.agent.jmx.TextTable.count;
import static dev.kfr.agent.jmx.TextTable.rate;
import static dev.kfr.agent.jmx.TextTable.time;

import dev.kfr.agent.jmx.Counters;
import dev.kfr.agent.jmx.CountersMonitor;
import dev.kfr.agent.jmx.OneLook;
import dev.kfr.agent.jmx.Rates;
import dev.kfr.agent.jmx.Since;
import dev.kfr.agent.jmx.TextTable;
import dev.kfr.agent.record.AgentIdentity;
import dev.kfr.agent.record.Processes;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** Behind {@code kernel:type=Syscalls}. Thread-safe. */
public final class SyscallsMonitor extends CountersMonitor implements SyscallsMXBean {
    private static final int CALLS = 0;
    private static final int ERRORS = 1;
    private static final int TOTAL_TIME = 2;

    private final Counters<SyscallTable> counters;
    private final Processes processes;
    private final SyscallNames names;
    private final Supplier<AgentIdentity> identity;
    private final OneLook<SyscallTotals> look = new OneLook<>(() -> look(true));
    private final Rates rates = new Rates(3);

    public SyscallsMonitor(
            Counters<SyscallTable> counters,
            Processes processes,
            SyscallNames names,
            Supplier<AgentIdentity> identity) {
        super(counters);
        this.counters = counters;
        this.processes = processes;
        this.names = names;
        this.identity = identity;
    }

    /** @param all also by process and with histograms, or only what the counters need */
    private SyscallTotals look(boolean all) {
        SyscallTotals totals = totals(counters.demand(), all);
        rates(totals);
        return totals;
    }

    private SyscallTotals totals(SyscallTable table, boolean all) {
        AgentIdentity self = identity.get();
        if (table != null) {
            try {
                return table.totals(process -> self.is(Processes.pid(process), Processes.generation(process)), all);
            } catch (IllegalStateException closed) {
                // taken out of the kernel meanwhile: as if there had been none
            }
        }
        return new SyscallTotals(process -> false);
    }

    @Override
    public <R> R during(Supplier<R> request) {
        return look.during(request);
    }

    private SyscallTotals counted() {
        return look.getOr(() -> look(false));
    }

    @Override
    public long getCalls() {
        return counted().calls();
    }

    @Override
    public long getErrors() {
        return counted().errors();
    }

    @Override
    public long getTotalTime() {
        return counted().totalTime();
    }

    @Override
    public double getCallsPerSecond() {
        return rates()[CALLS];
    }

    @Override
    public double getErrorsPerSecond() {
        return rates()[ERRORS];
    }

    @Override
    public double getTotalTimePerSecond() {
        return rates()[TOTAL_TIME];
    }

    private double[] rates() {
        return rates(counted());
    }

    private double[] rates(SyscallTotals totals) {
        return rates.read(System.nanoTime(), totals.calls(), totals.errors(), totals.totalTime());
    }

    @Override
    public Map<String, SyscallRow> getTopSyscalls() {
        List<SyscallTable.Row> all = look.get().bySyscall();
        return byName(all.subList(0, Math.min(all.size(), tableSize.get())));
    }

    @Override
    public Map<String, SyscallRow> getSyscallsOfThisJvm() {
        return byName(look.get().ofThisJvm());
    }

    private Map<String, SyscallRow> byName(List<SyscallTable.Row> rows) {
        var map = new LinkedHashMap<String, SyscallRow>();
        for (SyscallTable.Row row : rows) {
            map.put(
                    names.name(row.id()),
                    new SyscallRow(row.count(), row.errors(), row.totalTime(), row.maxTime(), row.p50(), row.p99()));
        }
        return map;
    }

    @Override
    public List<ProcessRow> getTopProcesses() {
        var rows = new ArrayList<ProcessRow>();
        for (SyscallTable.Row row : look.get().topProcesses(tableSize.get())) {
            Processes.Info process = processes.of(row.process());
            rows.add(new ProcessRow(
                    process.pid(), process.name(), process.container(), row.count(), row.errors(), row.totalTime()));
        }
        return rows;
    }

    @Override
    public String show() {
        return look.during(() -> {
            return "System calls since " + Since.text(counters) + ": "
                    + count(getCalls()) + " calls (" + rate(getCallsPerSecond()) + "/s), " + count(getErrors())
                    + " failed, " + time(getTotalTime()) + " in all\n\n"
                    + syscalls("Top system calls of the host", getTopSyscalls())
                    + "\n" + topProcesses() + "\n"
                    + syscalls("System calls of this JVM", getSyscallsOfThisJvm());
        });
    }

    private String syscalls(String title, Map<String, SyscallRow> rows) {
        var table = new TextTable(title, "system call", ">calls", ">failed", ">total", ">median", ">99 %", ">longest");
        rows.entrySet().stream().limit(tableSize.get()).forEach(entry -> {
            SyscallRow row = entry.getValue();
            table.row(
                    entry.getKey(),
                    count(row.calls()),
                    count(row.errors()),
                    time(row.totalTime()),
                    time(row.p50()),
                    time(row.p99()),
                    time(row.maxTime()));
        });
        return table.toString();
    }

    private String topProcesses() {
        var table = new TextTable(
                "Processes with most time in system calls",
                ">pid",
                "process",
                "container",
                ">calls",
                ">failed",
                ">total");
        for (ProcessRow row : getTopProcesses()) {
            table.row(
                    row.pid(),
                    row.name(),
                    row.container(),
                    count(row.calls()),
                    count(row.errors()),
                    time(row.totalTime()));
        }
        return table.toString();
    }
}
