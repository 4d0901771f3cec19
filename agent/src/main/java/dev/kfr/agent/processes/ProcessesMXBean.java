// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.processes;

import dev.kfr.agent.jmx.Described;
import java.util.Date;
import java.util.List;

/** {@code kernel:type=Processes}. */
@Described("Processes of the host that start and end, as the kernel sees them. Counting starts at the first read.")
public interface ProcessesMXBean {
    /** A process that ended. */
    record ExitRow(
            @Described("when it ended") Date time,
            @Described("process id as the agent sees it, or the host's") long pid,
            @Described("name of the process") String name,
            @Described("container or control group, empty on the host") String container,
            @Described("user id") long uid,
            @Described("how long it lived, in ns") long lifetime,
            @Described("exit code; 0 if a signal ended it") int exitCode,
            @Described("signal that ended it, such as SIGKILL; empty if none did") String signal,
            @Described("CPU time of all its threads as of the last scheduler tick, in ns") long cpuTime,
            @Described("the most memory that it had resident, in bytes") long maxResidentSize) {}

    @Described("Processes (not threads) forked since counting began")
    long getStarted();

    @Described("Programs executed since counting began")
    long getExecuted();

    @Described("Processes (not threads) that ended since counting began")
    long getExited();

    @Described(
            "Processes that run now, as far as the agent can see them; where it sees and counts all, Started - Exited is how it changed")
    long getRunning();

    @Described("Forks per second over the last second, or since the reading before if that is longer ago")
    double getStartedPerSecond();

    @Described("Executed programs per second over the last second, or since the reading before if that is longer ago")
    double getExecutedPerSecond();

    @Described("Ends of processes per second over the last second, or since the reading before if that is longer ago")
    double getExitedPerSecond();

    @Described("Processes that ended, the last first")
    List<ExitRow> getRecentExits();

    @Described("How many rows RecentExits has, at most 1000")
    int getTableSize();

    void setTableSize(int rows);

    @Described("Since when the counters run; null if they don't")
    Date getCountingSince();

    @Described("The tables as text")
    String show();
}
