// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.memory;

import static dev.kfr.agent.jmx.TextTable.bytes;
import static dev.kfr.agent.jmx.TextTable.count;
import static dev.kfr.agent.jmx.TextTable.rate;

import dev.kfr.agent.jmx.Counters;
import dev.kfr.agent.jmx.CountersMonitor;
import dev.kfr.agent.jmx.OneLook;
import dev.kfr.agent.jmx.Rates;
import dev.kfr.agent.jmx.Since;
import dev.kfr.agent.jmx.TextTable;
import dev.kfr.agent.record.ProcessCounts;
import dev.kfr.agent.record.ProcessTable;
import dev.kfr.agent.record.ProcessTotals;
import dev.kfr.agent.record.Processes;
import dev.kfr.agent.record.TaskAccount;
import dev.kfr.agent.record.TaskCounts;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Date;
import java.util.List;
import java.util.function.Supplier;

/** Behind {@code kernel:type=Memory}. Two looks, as who reads only page faults is not to pay for counting the kernel's memory. Thread-safe. */
public final class MemoryMonitor extends CountersMonitor implements MemoryMXBean {
    private record Faults(TaskAccount.Totals totals, double[] rates) {}

    private record Kernel(ProcessTotals totals, KernelMemoryCounts all, double[] rates) {}

    private final Counters<TaskAccount> faultCounters;
    private final Counters<ProcessTable> kernelCounters;
    private final OutOfMemoryKills kills;
    private final Processes processes;
    private final OneLook<Faults> faults = new OneLook<>(this::lookAtFaults);
    private final OneLook<Kernel> kernel = new OneLook<>(this::lookAtKernel);
    private final Rates faultRates = new Rates(2);
    private final Rates kernelRates = new Rates(4);
    private final Rates killRates = new Rates(1);

    public MemoryMonitor(
            Counters<TaskAccount> faultCounters,
            Counters<ProcessTable> kernelCounters,
            OutOfMemoryKills kills,
            Processes processes) {
        super(faultCounters);
        this.faultCounters = faultCounters;
        this.kernelCounters = kernelCounters;
        this.kills = kills;
        this.processes = processes;
    }

    private Faults lookAtFaults() {
        var now = faultCounters.demand();
        var totals = now == null || faultCounters.since() == null ? TaskAccount.Totals.NONE : now.totals();
        var all = totals.all();
        return new Faults(totals, faultRates.read(System.nanoTime(), all.minorFaults(), all.majorFaults()));
    }

    private Kernel lookAtKernel() {
        var totals = totals(kernelCounters.demand());
        var all = KernelMemoryCounts.of(totals.all());
        return new Kernel(
                totals,
                all,
                kernelRates.read(
                        System.nanoTime(), all.allocatedBytes(), all.freedBytes(), all.allocations(), all.frees()));
    }

    private static ProcessTotals totals(ProcessTable now) {
        if (now != null) {
            try {
                return now.totals();
            } catch (IllegalStateException closed) {
                // taken out of the kernel meanwhile: as if there had been none
            }
        }
        return ProcessTotals.none(KernelMemoryCounts.FIELDS.size());
    }

    @Override
    public <R> R during(Supplier<R> request) {
        return faults.during(() -> kernel.during(request));
    }

    @Override
    public long getKernelAllocatedBytes() {
        return kernel.get().all.allocatedBytes();
    }

    @Override
    public long getKernelFreedBytes() {
        return kernel.get().all.freedBytes();
    }

    @Override
    public long getKernelAllocations() {
        return kernel.get().all.allocations();
    }

    @Override
    public long getKernelFrees() {
        return kernel.get().all.frees();
    }

    @Override
    public long getKernelAllocationsForgotten() {
        return kernel.get().all.forgotten();
    }

    @Override
    public long getMinorFaults() {
        return faults.get().totals.all().minorFaults();
    }

    @Override
    public long getMajorFaults() {
        return faults.get().totals.all().majorFaults();
    }

    @Override
    public long getOutOfMemoryKills() {
        return kills.count();
    }

    @Override
    public double getKernelAllocatedBytesPerSecond() {
        return kernel.get().rates[0];
    }

    @Override
    public double getKernelFreedBytesPerSecond() {
        return kernel.get().rates[1];
    }

    @Override
    public double getKernelAllocationsPerSecond() {
        return kernel.get().rates[2];
    }

    @Override
    public double getKernelFreesPerSecond() {
        return kernel.get().rates[3];
    }

    @Override
    public double getMinorFaultsPerSecond() {
        return faults.get().rates[0];
    }

    @Override
    public double getMajorFaultsPerSecond() {
        return faults.get().rates[1];
    }

    @Override
    public double getOutOfMemoryKillsPerSecond() {
        return killRates.read(System.nanoTime(), kills.count())[0];
    }

    @Override
    public List<ProcessRow> getTopProcesses() {
        var order = Comparator.comparingLong(TaskCounts::majorFaults)
                .thenComparingLong(TaskCounts::minorFaults)
                .reversed();
        return faults.get().totals.running().stream()
                .filter(row -> row.counts().minorFaults() != 0 || row.counts().majorFaults() != 0)
                .sorted(Comparator.comparing(TaskAccount.Row::counts, order))
                .limit(tableSize.get())
                .map(this::row)
                .toList();
    }

    private ProcessRow row(TaskAccount.Row row) {
        var process = processes.of(row.process());
        return new ProcessRow(
                process.pid(),
                process.name(),
                process.container(),
                row.counts().minorFaults(),
                row.counts().majorFaults());
    }

    @Override
    public List<KernelMemoryRow> getTopKernelMemory() {
        var rows = new ArrayList<KernelMemoryRow>();
        for (ProcessCounts counts : kernel.get().totals.top(tableSize.get(), KernelMemoryCounts::inUse)) {
            rows.add(row(counts));
        }
        return rows;
    }

    private KernelMemoryRow row(ProcessCounts counts) {
        var c = KernelMemoryCounts.of(counts);
        var name = KernelMemoryCounts.nameOf(counts.process());
        if (name != null) {
            return new KernelMemoryRow(0, name, "", c.allocations(), c.allocatedBytes(), c.frees(), c.freedBytes());
        }
        var process = processes.of(counts.process());
        return new KernelMemoryRow(
                process.pid(),
                process.name(),
                process.container(),
                c.allocations(),
                c.allocatedBytes(),
                c.frees(),
                c.freedBytes());
    }

    @Override
    public Date getKernelCountingSince() {
        return Since.date(kernelCounters);
    }

    @Override
    public String show() {
        return during(() -> {
            var now = faults.get();
            var head = "Memory since " + Since.text(faultCounters) + "\n  "
                    + count(now.totals.all().majorFaults()) + " major page faults (" + rate(now.rates[1]) + "/s), "
                    + count(now.totals.all().minorFaults()) + " minor (" + rate(now.rates[0]) + "/s); "
                    + count(kills.count()) + " processes killed since memory ran out\n\n";
            return head + topProcesses() + "\n"
                    + (kernelCounters.since() == null
                            ? "Kernel memory is counted while its attributes are read\n"
                            : kernelMemory());
        });
    }

    private String topProcesses() {
        var table =
                new TextTable("Processes with most page faults", ">major", ">minor", ">pid", "process", "container");
        for (ProcessRow row : getTopProcesses()) {
            table.row(count(row.majorFaults()), count(row.minorFaults()), row.pid(), row.name(), row.container());
        }
        return table.toString();
    }

    private String kernelMemory() {
        var now = kernel.get();
        var head = "Kernel memory since " + Since.text(kernelCounters) + "\n  "
                + count(now.all.allocations()) + " allocations of " + bytes(now.all.allocatedBytes()) + " ("
                + bytes((long) now.rates[0]) + "/s), " + count(now.all.frees()) + " freed, "
                + bytes(now.all.freedBytes()) + " (" + bytes((long) now.rates[1]) + "/s)\n\n";
        var table = new TextTable(
                "Processes for which most kernel memory is in use",
                ">allocations",
                ">allocated",
                ">frees",
                ">freed",
                ">pid",
                "process",
                "container");
        for (KernelMemoryRow row : getTopKernelMemory()) {
            table.row(
                    count(row.allocations()),
                    bytes(row.allocatedBytes()),
                    count(row.frees()),
                    bytes(row.freedBytes()),
                    row.pid(),
                    row.name(),
                    row.container());
        }
        return head + table;
    }
}
