// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.memory;

import dev.kfr.agent.control.SubjectProbe.Rows;
import dev.kfr.agent.record.ProcessTable;
import dev.kfr.agent.record.Processes;
import dev.kfr.agent.record.RowProcess;
import dev.kfr.agent.record.TaskAccount;
import dev.kfr.agent.record.TaskCounts;
import dev.kfr.events.Scope;
import dev.kfr.events.memory.PageFaults;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.function.LongPredicate;
import java.util.function.Supplier;

/** Writes {@code kernel.PageFaults}: counts from the kernel's own counters, times from the programs that see major faults one by one. */
final class PageFaultRows implements Rows {
    /** How many processes stand alone; a host on which processes come and go has thousands in an interval. */
    private static final int ROWS = 1000;

    private static final int TIME = 0; // field of the table

    private static final Comparator<TaskCounts> MOST_FIRST = Comparator.comparingLong(TaskCounts::majorFaults)
            .thenComparingLong(TaskCounts::minorFaults)
            .reversed();

    private final TaskAccount account;
    private final Supplier<ProcessTable> times;
    private final Processes processes;

    /** @param times a table whose intervals run; null while nobody looks at major faults */
    PageFaultRows(TaskAccount account, Supplier<ProcessTable> times, Processes processes) {
        this.account = account;
        this.times = times;
        this.processes = processes;
    }

    @Override
    public void start() {
        account.startIntervals();
        waited(process -> false); // before this
    }

    @Override
    public void stop() {
        account.stopIntervals();
    }

    @Override
    public int write(Scope scope) {
        var wanted = processes.in(scope);
        var interval = account.nextInterval(ROWS, MOST_FIRST, wanted);
        var waited = waited(wanted);
        int written = 0;
        for (var row : interval.rows()) {
            if (row.counts().majorFaults() != 0 || row.counts().minorFaults() != 0) {
                write(row, interval.nanos(), waited.getOrDefault(row.process(), 0L));
                written++;
            }
        }
        return written;
    }

    /** Time in major faults by process; empty if nobody looks at them. */
    private Map<Long, Long> waited(LongPredicate wanted) {
        var result = new HashMap<Long, Long>();
        var table = times.get();
        if (table != null) {
            try {
                table.nextInterval(wanted).rows().forEach(row -> result.put(row.process(), row.get(TIME)));
            } catch (IllegalStateException closed) {
                // taken out of the kernel meanwhile
            }
        }
        return result;
    }

    private void write(TaskAccount.Row row, long interval, long waited) {
        var event = new PageFaults();
        if (row.process() == TaskAccount.OTHER) {
            event.processName = RowProcess.OTHERS;
        } else {
            RowProcess.fill(event, row.ended() != null ? row.ended() : processes.of(row.process()));
        }
        event.interval = interval;
        event.minor = (int) Math.min(row.counts().minorFaults(), Integer.MAX_VALUE);
        event.major = (int) Math.min(row.counts().majorFaults(), Integer.MAX_VALUE);
        event.majorTime = waited;
        event.commit();
    }
}
