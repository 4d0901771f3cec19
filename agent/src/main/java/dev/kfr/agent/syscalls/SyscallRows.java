// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.syscalls;

import dev.kfr.agent.control.TableRows;
import dev.kfr.agent.record.Processes;
import dev.kfr.agent.record.RowProcess;
import dev.kfr.events.Scope;
import dev.kfr.events.syscalls.SyscallStatistics;
import java.util.function.Supplier;

/** Writes {@code kernel.SyscallStatistics}. */
final class SyscallRows extends TableRows<SyscallTable> {
    private static final int ROWS = 100;

    private final Processes processes;
    private final SyscallNames names;

    SyscallRows(Supplier<SyscallTable> table, Processes processes, SyscallNames names) {
        super(table);
        this.processes = processes;
        this.names = names;
    }

    @Override
    protected int write(SyscallTable table, Scope scope) {
        var interval = table.nextInterval(ROWS, processes.in(scope), processes.in(Scope.JVM));
        for (var row : interval.rows()) {
            var event = new SyscallStatistics();
            if (row.process() == 0 && row.id() == SyscallTable.OTHER) {
                event.processName = RowProcess.OTHERS;
            } else {
                RowProcess.fill(event, processes.of(row.process()));
            }
            event.interval = interval.nanos();
            event.syscall = row.id() == SyscallTable.OTHER ? "(other)" : names.name(row.id());
            event.count = count(row.count());
            event.errors = count(row.errors());
            event.totalTime = row.totalTime();
            event.maxTime = row.maxTime();
            event.p50 = row.p50();
            event.p99 = row.p99();
            event.commit();
        }
        return interval.rows().size();
    }
}
