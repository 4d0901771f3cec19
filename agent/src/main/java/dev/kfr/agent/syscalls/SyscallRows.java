// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.syscalls;

import dev.kfr.agent.control.SubjectProbe.Rows;
import dev.kfr.agent.record.Processes;
import dev.kfr.agent.record.RowProcess;
import dev.kfr.events.Scope;
import dev.kfr.events.syscalls.SyscallStatistics;
import java.util.function.Supplier;

/** Writes {@code kernel.SyscallStatistics}. */
final class SyscallRows implements Rows {
    private static final int ROWS = 100;

    private final Supplier<SyscallTable> table;
    private final Processes processes;
    private final SyscallNames names;

    SyscallRows(Supplier<SyscallTable> table, Processes processes, SyscallNames names) {
        this.table = table;
        this.processes = processes;
        this.names = names;
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
        var interval = counted.nextInterval(ROWS, processes.in(scope));
        for (var row : interval.rows()) {
            var event = new SyscallStatistics();
            if (row.process() == 0 && row.id() == SyscallTable.OTHER) {
                event.processName = RowProcess.OTHERS;
            } else {
                RowProcess.fill(event, processes.of(row.process()));
            }
            event.interval = interval.nanos();
            event.syscall = row.id() == SyscallTable.OTHER ? "(other)" : names.name(row.id());
            event.count = (int) Math.min(row.count(), Integer.MAX_VALUE);
            event.errors = (int) Math.min(row.errors(), Integer.MAX_VALUE);
            event.totalTime = row.totalTime();
            event.maxTime = row.maxTime();
            event.p50 = row.p50();
            event.p99 = row.p99();
            event.commit();
        }
        return interval.rows().size();
    }
}
