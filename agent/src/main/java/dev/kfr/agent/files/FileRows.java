// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.files;

import dev.kfr.agent.control.TableRows;
import dev.kfr.agent.record.Processes;
import dev.kfr.agent.record.RowProcess;
import dev.kfr.events.Scope;
import dev.kfr.events.files.FileStatistics;
import java.util.function.Supplier;

/** Writes {@code kernel.FileStatistics}. */
final class FileRows extends TableRows<FileTable> {
    private static final int ROWS = 100;

    private final Processes processes;

    FileRows(Supplier<FileTable> table, Processes processes) {
        super(table);
        this.processes = processes;
    }

    @Override
    protected int write(FileTable table, Scope scope) {
        var interval = table.nextInterval(ROWS, processes.in(scope));
        for (var row : interval.rows()) {
            var counts = row.counts();
            var event = new FileStatistics();
            if (row.process() != FileTable.OVERFLOW) {
                RowProcess.fill(event, processes.of(row.process()));
            } else if (row.path().equals(FileTable.OTHER)) {
                event.processName = RowProcess.OTHERS;
            }
            event.interval = interval.nanos();
            event.path = row.path();
            event.opens = count(counts.opens());
            event.reads = count(counts.reads());
            event.writes = count(counts.writes());
            event.bytesRead = counts.bytesRead();
            event.bytesWritten = counts.bytesWritten();
            event.readTime = counts.readTime();
            event.writeTime = counts.writeTime();
            event.commit();
        }
        return interval.rows().size();
    }
}
