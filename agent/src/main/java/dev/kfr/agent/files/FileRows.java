// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.files;

import dev.kfr.agent.control.SubjectProbe.Rows;
import dev.kfr.agent.record.Processes;
import dev.kfr.agent.record.RowProcess;
import dev.kfr.events.Scope;
import dev.kfr.events.files.FileStatistics;
import java.util.function.Supplier;

/** Writes {@code kernel.FileStatistics}. */
final class FileRows implements Rows {
    private static final int ROWS = 100;

    private final Supplier<FileTable> table;
    private final Processes processes;

    FileRows(Supplier<FileTable> table, Processes processes) {
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
        var interval = counted.nextInterval(ROWS, processes.in(scope));
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
            event.opens = (int) Math.min(counts.opens(), Integer.MAX_VALUE);
            event.reads = (int) Math.min(counts.reads(), Integer.MAX_VALUE);
            event.writes = (int) Math.min(counts.writes(), Integer.MAX_VALUE);
            event.bytesRead = counts.bytesRead();
            event.bytesWritten = counts.bytesWritten();
            event.readTime = counts.readTime();
            event.writeTime = counts.writeTime();
            event.commit();
        }
        return interval.rows().size();
    }
}
