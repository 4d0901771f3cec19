// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.processes;

import dev.kfr.agent.processes.ProcessesMXBean.ExitRow;
import dev.kfr.agent.record.ProcessEnds;
import dev.kfr.agent.record.Processes;
import java.util.Date;
import java.util.concurrent.TimeUnit;

/** From the end of a process as the kernel tells it to a row for people. */
public final class ExitRows {
    private ExitRows() {}

    /** @param process what is known of the process */
    public static ExitRow of(ProcessEnds.End end, Processes.Info process) {
        long ago = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - end.time());
        return new ExitRow(
                new Date(System.currentTimeMillis() - ago),
                process.pid(),
                end.name(),
                process.container(),
                end.uid(),
                end.lifetime(),
                end.exitCode(),
                SignalNames.name(end.signal()),
                end.cpuTime(),
                end.maxResident());
    }
}
