// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.syscalls;

import dev.kfr.agent.jmx.Described;
import java.util.Date;
import java.util.List;
import java.util.Map;

/** {@code kernel:type=Syscalls}. */
@Described("System calls of the host's processes, as the kernel sees them. Counting starts at the first read.")
public interface SyscallsMXBean {
    /** One system call. */
    record SyscallRow(
            @Described("calls that ended") long calls,
            @Described("calls among them that failed") long errors,
            @Described("time that all these calls took, waiting included, in ns") long totalTime,
            @Described("the longest call, in ns") long maxTime,
            @Described("half of the calls took at most this long, in ns") long p50,
            @Described("99 of 100 calls took at most this long, in ns") long p99) {}

    /** One process. */
    record ProcessRow(
            @Described("process id as the agent sees it, or the host's") long pid,
            @Described("name of the process") String name,
            @Described("container or control group, empty on the host") String container,
            @Described("calls that ended") long calls,
            @Described("calls among them that failed") long errors,
            @Described("time that all these calls took, waiting included, in ns") long totalTime) {}

    @Described("Calls that ended since counting began")
    long getCalls();

    @Described("Calls among them that failed")
    long getErrors();

    @Described("Time that all calls took, waiting included, in ns")
    long getTotalTime();

    @Described("Calls per second over the last second, or since the reading before if that is longer ago")
    double getCallsPerSecond();

    @Described("Failing calls per second over the last second, or since the reading before if that is longer ago")
    double getErrorsPerSecond();

    @Described(
            "Time that all calls took, waiting included, in ns per second over the last second, or since the reading before if that is longer ago")
    double getTotalTimePerSecond();

    @Described("System calls with most time, by name")
    Map<String, SyscallRow> getTopSyscalls();

    @Described("Running processes with most time in system calls")
    List<ProcessRow> getTopProcesses();

    @Described("System calls of this JVM, by name")
    Map<String, SyscallRow> getSyscallsOfThisJvm();

    @Described("How many rows TopSyscalls and TopProcesses have")
    int getTableSize();

    void setTableSize(int rows);

    @Described("Since when the counters run; null if they don't")
    Date getCountingSince();

    @Described("The tables as text")
    String show();
}
