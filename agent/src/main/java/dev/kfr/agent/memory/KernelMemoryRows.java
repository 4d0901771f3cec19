// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.memory;

import dev.kfr.agent.control.TableRows;
import dev.kfr.agent.record.ProcessCounts;
import dev.kfr.agent.record.ProcessTable;
import dev.kfr.agent.record.Processes;
import dev.kfr.agent.record.RowProcess;
import dev.kfr.events.Scope;
import dev.kfr.events.memory.KernelMemory;
import java.util.function.Supplier;

/** Writes {@code kernel.KernelMemory}. */
final class KernelMemoryRows extends TableRows<ProcessTable> {
    private final Processes processes;

    KernelMemoryRows(Supplier<ProcessTable> table, Processes processes) {
        super(table);
        this.processes = processes;
    }

    @Override
    protected int write(ProcessTable table, Scope scope) {
        var interval = table.nextInterval(processes.in(scope));
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
        event.allocations = count(counts.allocations());
        event.allocatedBytes = counts.allocatedBytes();
        event.frees = count(counts.frees());
        event.freedBytes = counts.freedBytes();
        event.commit();
    }
}
