// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.cpu;

import static dev.kfr.agent.jmx.TextTable.count;
import static dev.kfr.agent.jmx.TextTable.rate;
import static dev.kfr.agent.jmx.TextTable.time;

import dev.kfr.agent.cpu.ProcStat.Usage;
import dev.kfr.agent.cpu.RunQueue.Waits;
import dev.kfr.agent.jmx.Counters;
import dev.kfr.agent.jmx.CountersMonitor;
import dev.kfr.agent.jmx.OneLook;
import dev.kfr.agent.jmx.Rates;
import dev.kfr.agent.jmx.Since;
import dev.kfr.agent.jmx.TextTable;
import dev.kfr.agent.record.Histogram;
import dev.kfr.agent.record.Processes;
import dev.kfr.agent.record.TaskAccount;
import dev.kfr.agent.record.TaskCounts;
import dev.kfr.agent.record.Tasks;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** Behind {@code kernel:type=Cpu}. Thread-safe. */
public final class CpuMonitor extends CountersMonitor implements CpuMXBean {
    private static final Comparator<TaskAccount.Row> MOST_TIME = Comparator.comparing(
            TaskAccount.Row::counts,
            Comparator.comparingLong(TaskCounts::cpuTime).reversed());
    private static final double PERCENT = 100;
    private static final long INTERVAL_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final long FIRST_INTERVAL_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

    private record Look(TaskAccount.Totals totals, double[] rates) {}

    private final Counters<TaskAccount> counters;
    private final Counters<RunQueue> latency;
    private final Processes processes;
    private final CpuStatReader stat;
    private final OneLook<Look> look = new OneLook<>(this::look);
    private final Rates rates = new Rates(6);
    private ProcStat last = ProcStat.NOTHING;
    private Map<Integer, Usage> usage = Map.of();
    private boolean settled; // an interval is known, with its switches

    /**
     * @param counters of what processes use
     * @param latency counters of waits for a CPU, which cost more and are asked for by themselves
     */
    public CpuMonitor(
            Counters<TaskAccount> counters,
            Counters<RunQueue> latency,
            Processes processes,
            Tasks tasks,
            Supplier<RunQueue> runQueue) {
        super(counters);
        this.counters = counters;
        this.latency = latency;
        this.processes = processes;
        this.stat = new CpuStatReader(tasks, runQueue);
    }

    private Look look() {
        TaskAccount account = counters.demand();
        var totals = account == null || counters.since() == null ? TaskAccount.Totals.NONE : account.totals();
        TaskCounts all = totals.all();
        return new Look(
                totals,
                rates.read(
                        System.nanoTime(),
                        all.cpuTime(),
                        all.runQueueTime(),
                        all.switches(),
                        all.migrations(),
                        all.voluntarySwitches(),
                        all.involuntarySwitches()));
    }

    private TaskCounts all() {
        return look.get().totals.all();
    }

    @Override
    public <R> R during(Supplier<R> request) {
        return look.during(request);
    }

    @Override
    public long getCpuTime() {
        return all().cpuTime();
    }

    @Override
    public long getRunQueueTime() {
        return all().runQueueTime();
    }

    @Override
    public long getContextSwitches() {
        return all().switches();
    }

    @Override
    public long getVoluntarySwitches() {
        return all().voluntarySwitches();
    }

    @Override
    public long getInvoluntarySwitches() {
        return all().involuntarySwitches();
    }

    @Override
    public long getMigrations() {
        return all().migrations();
    }

    @Override
    public double getCpuTimePerSecond() {
        return look.get().rates[0];
    }

    @Override
    public double getRunQueueTimePerSecond() {
        return look.get().rates[1];
    }

    @Override
    public double getContextSwitchesPerSecond() {
        return look.get().rates[2];
    }

    @Override
    public double getVoluntarySwitchesPerSecond() {
        return look.get().rates[4];
    }

    @Override
    public double getInvoluntarySwitchesPerSecond() {
        return look.get().rates[5];
    }

    @Override
    public double getMigrationsPerSecond() {
        return look.get().rates[3];
    }

    @Override
    public List<ProcessRow> getTopProcesses() {
        var rows = new ArrayList<ProcessRow>();
        look.get().totals.running().stream()
                .sorted(MOST_TIME)
                .limit(tableSize.get())
                .forEach(each -> {
                    Processes.Info process = processes.of(each.process());
                    TaskCounts c = each.counts();
                    rows.add(new ProcessRow(
                            process.pid(),
                            process.name(),
                            process.container(),
                            c.cpuTime(),
                            c.runQueueTime(),
                            c.voluntarySwitches(),
                            c.involuntarySwitches(),
                            c.migrations()));
                });
        return rows;
    }

    @Override
    public Map<String, CpuRow> getCpus() {
        look.get(); // has switches noted, and keeps the counters running
        var rows = new LinkedHashMap<String, CpuRow>();
        usage().forEach((cpu, used) -> rows.put(
                Integer.toString(cpu),
                new CpuRow(
                        PERCENT * used.user(),
                        PERCENT * used.system(),
                        PERCENT * used.irq(),
                        PERCENT * used.softirq(),
                        PERCENT * used.idle(),
                        PERCENT * used.ioWait(),
                        PERCENT * used.steal(),
                        used.switchesPerSecond())));
        return rows;
    }

    /** Of the last second or longer; the first looks get what there is: since boot, then since counting began. */
    private synchronized Map<Integer, Usage> usage() {
        var now = last;
        long age = System.nanoTime() - last.nanoTime();
        if (last == ProcStat.NOTHING) {
            now = stat.read();
            usage = now.sinceBoot();
        } else if (age >= INTERVAL_NANOS || !settled && age >= FIRST_INTERVAL_NANOS) {
            now = stat.read();
            usage = now.since(last);
            settled = last.tellsSwitches();
        } else if (!last.tellsSwitches()) {
            now = stat.read(); // a better beginning of the next interval
        }
        last = now;
        return usage;
    }

    private Waits waits() {
        RunQueue queue = latency.demand();
        if (queue != null) {
            try {
                return queue.waits();
            } catch (IllegalStateException closed) {
                // taken out of the kernel meanwhile: as if there had been none
            }
        }
        return Waits.NONE;
    }

    @Override
    public Map<Long, Long> getRunQueueLatency() {
        return Histogram.byPowersOfTwo(waits().histogram());
    }

    @Override
    public String show() {
        return look.during(() -> {
            var now = look.get();
            var all = now.totals.all();
            return "CPU since " + Since.text(counters) + "\n"
                    + "  " + time(all.cpuTime()) + " of CPU time (" + time((long) now.rates[0]) + "/s), "
                    + time(all.runQueueTime()) + " waiting for a CPU (" + time((long) now.rates[1]) + "/s), "
                    + count(all.switches()) + " context switches (" + rate(now.rates[2]) + "/s), "
                    + count(all.migrations()) + " migrations (" + rate(now.rates[3]) + "/s)\n\n"
                    + cpus() + "\n" + topProcesses() + "\n" + latencies();
        });
    }

    private String cpus() {
        var table = new TextTable(
                "CPUs, share of their time",
                ">cpu",
                ">user",
                ">system",
                ">irq",
                ">softirq",
                ">idle",
                ">I/O wait",
                ">stolen",
                ">switches/s");
        getCpus()
                .forEach((cpu, row) -> table.row(
                        cpu,
                        percent(row.user()),
                        percent(row.system()),
                        percent(row.irq()),
                        percent(row.softirq()),
                        percent(row.idle()),
                        percent(row.ioWait()),
                        percent(row.steal()),
                        rate(row.contextSwitchesPerSecond())));
        return table.toString();
    }

    private static String percent(double value) {
        return String.format(Locale.ROOT, "%.1f %%", value);
    }

    private String topProcesses() {
        var table = new TextTable(
                "Processes with most CPU time",
                ">CPU time",
                ">waiting for CPU",
                ">voluntary",
                ">involuntary",
                ">migrations",
                ">pid",
                "process",
                "container");
        for (ProcessRow row : getTopProcesses()) {
            table.row(
                    time(row.cpuTime()),
                    time(row.runQueueTime()),
                    count(row.voluntarySwitches()),
                    count(row.involuntarySwitches()),
                    count(row.migrations()),
                    row.pid(),
                    row.name(),
                    row.container());
        }
        return table.toString();
    }

    private String latencies() {
        var table = new TextTable("Waits for a CPU", ">shorter than", ">waits");
        getRunQueueLatency()
                .forEach((bound, waits) -> table.row(bound == Long.MAX_VALUE ? "" : time(bound), count(waits)));
        return table.toString();
    }
}
