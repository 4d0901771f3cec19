// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.cpu;

import dev.kfr.agent.control.SubjectProbe.Rows;
import dev.kfr.agent.record.Processes;
import dev.kfr.agent.record.RowProcess;
import dev.kfr.agent.record.TaskAccount;
import dev.kfr.agent.record.TaskCounts;
import dev.kfr.bpf.linux.Cpus;
import dev.kfr.events.Scope;
import dev.kfr.events.cpu.ProcessCpu;
import java.util.Comparator;

/** Writes {@code kernel.ProcessCpu}. */
final class ProcessCpuRows implements Rows {
    /** How many processes stand alone, those with most CPU time; a host on which processes come and go has thousands in an interval. */
    private static final int ROWS = 1000;

    private final TaskAccount account;
    private final Processes processes;

    ProcessCpuRows(TaskAccount account, Processes processes) {
        this.account = account;
        this.processes = processes;
    }

    @Override
    public void start() {
        account.startIntervals();
    }

    @Override
    public void stop() {
        account.stopIntervals();
    }

    @Override
    public int write(Scope scope) {
        var interval = account.nextInterval(
                ROWS, Comparator.comparingLong(TaskCounts::cpuTime).reversed(), processes.in(scope));
        double available =
                Math.max(1, interval.nanos()) * (double) Cpus.online().cardinality();
        int written = 0;
        for (var row : interval.rows()) {
            if (isAboutCpus(row.counts())) {
                write(row, interval.nanos(), available);
                written++;
            }
        }
        return written;
    }

    /** Others than these see page faults in the same account. */
    private static boolean isAboutCpus(TaskCounts counts) {
        return counts.cpuTime() != 0 || counts.runQueueTime() != 0 || counts.switches() != 0;
    }

    private void write(TaskAccount.Row row, long interval, double available) {
        var counts = row.counts();
        var event = new ProcessCpu();
        if (row.process() == TaskAccount.OTHER) {
            event.processName = RowProcess.OTHERS;
        } else {
            RowProcess.fill(event, row.ended() != null ? row.ended() : processes.of(row.process()));
        }
        event.interval = interval;
        event.cpuTime = counts.cpuTime();
        event.cpuLoad = (float) Math.min(1, counts.cpuTime() / available);
        event.runQueueTime = counts.runQueueTime();
        event.runQueueMax = counts.runQueueMax();
        event.voluntarySwitches = count(counts.voluntarySwitches());
        event.involuntarySwitches = count(counts.involuntarySwitches());
        event.migrations = count(counts.migrations());
        event.commit();
    }

    private static int count(long value) {
        return (int) Math.min(value, Integer.MAX_VALUE);
    }
}
