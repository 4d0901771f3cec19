// SPDX-License-Identifier: Apache-2.0
package dev.kfr.events.syscalls;

import dev.kfr.events.EventTimes;
import dev.kfr.events.PeriodicKernelEvent;
import java.lang.invoke.MethodHandles;
import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.Timespan;

/** How often a process called the kernel, by system call, and how long the calls took. */
@Name("kernel.SyscallStatistics")
@Label("System Call Statistics")
@Category({"Kernel", "System Calls"})
@Description("How often a process called the kernel, by system call, and how long the calls took")
public final class SyscallStatistics extends PeriodicKernelEvent {
    private static final EventTimes TIMES = EventTimes.of(MethodHandles.lookup());

    @Label("Call")
    @Description("Name of the system call; '(other)' stands for all calls of the process that have no row of their own")
    public String syscall;

    @Label("Count")
    @Description("Calls that ended in the interval")
    public int count;

    @Label("Errors")
    @Description("Calls among them that failed")
    public int errors;

    @Label("Total Time")
    @Description("Time that all these calls took, waiting included")
    @Timespan(Timespan.NANOSECONDS)
    public long totalTime;

    @Label("Max")
    @Description("The longest call")
    @Timespan(Timespan.NANOSECONDS)
    public long maxTime;

    @Label("Median")
    @Description("Half of the calls took at most this long")
    @Timespan(Timespan.NANOSECONDS)
    public long p50;

    @Label("P99")
    @Description("99 of 100 calls took at most this long")
    @Timespan(Timespan.NANOSECONDS)
    public long p99;

    @Override
    public void times(long startTicks, long durationTicks) {
        TIMES.set(this, startTicks, durationTicks);
    }
}
