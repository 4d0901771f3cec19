// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.memory;

import dev.kfr.agent.control.SubjectProbe.Rows;
import dev.kfr.agent.record.ProcessCounts;
import dev.kfr.agent.record.ProcessTable;
import dev.kfr.agent.record.Processes;
import dev.kfr.agent.record.RowProcess;
import dev.kfr.events.Scope;
import dev.kfr.events.memory.KernelMemory;
import java.util.function.Supplier;

/** Writes {@code kernel.KernelMemory}. */
final class KernelMemoryRows implements Rows {
    private final Supplier<ProcessTable> table;
    private final Processes processes;

    KernelMemoryRows(Supplier<ProcessTable> table, Processes processes) {
        this.table = table;
        this.processes = processes;
    }

    @Override
    public void start() {
        table.get().startIntervals();
    }

    @Override
    public void stop() {
        var counted = table.get();
        if (counted != null) {
            counted.stopIntervals();
        }
    }

    @Override
    public int write(Scope scope) {
        var counted = table.get();
        if (counted == null) {
            return 0;
        }
        var interval = counted.nextInterval(processes.in(scope));
        interval.rows().forEach(row -> write(row, interval.nanos()));
        return interval.rows().size();
    }

    private void write(ProcessCounts row, long interval) {
        var counts = KernelMemoryCounts.of(row);
        var event = new KernelMemory();
        event.processName = KernelMemoryCounts.nameOf(row.process());
        if (event.processName == null) {
            RowProcess.fill(event, processes.of(row.process()));
        }
        event.interval = interval;
        event.allocations = (int) Math.min(counts.allocations(), Integer.MAX_VALUE);
        event.allocatedBytes = counts.allocatedBytes();
        event.frees = (int) Math.min(counts.frees(), Integer.MAX_VALUE);
        event.freedBytes = counts.freedBytes();
        event.commit();
    }
}
