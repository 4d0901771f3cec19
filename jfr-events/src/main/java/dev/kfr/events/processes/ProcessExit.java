// SPDX-License-Identifier: Apache-2.0
package dev.kfr.events.processes;

import dev.kfr.events.EventTimes;
import dev.kfr.events.KernelEvent;
import java.lang.invoke.MethodHandles;
import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.Timespan;

/** A process that ended. */
@Name("kernel.ProcessExit")
@Label("Process Exit")
@Category({"Kernel", "Processes"})
@Description("A process that ended")
public final class ProcessExit extends KernelEvent {
    private static final EventTimes TIMES = EventTimes.of(MethodHandles.lookup());

    @Label("Lifetime")
    @Description("Time since the process was started")
    @Timespan(Timespan.NANOSECONDS)
    public long lifetime;

    @Label("Exit Code")
    @Description("What the process returned; 0 if a signal ended it")
    public int exitCode;

    @Label("Signal")
    @Description("The signal that ended it, such as SIGKILL; empty if it ended by itself")
    public String signal;

    @Label("CPU Time")
    @Description("CPU time of all its threads, as of the last scheduler tick")
    @Timespan(Timespan.NANOSECONDS)
    public long cpuTime;

    @Label("Max Resident")
    @Description("The most memory that it had at once")
    @DataAmount(DataAmount.BYTES)
    public long maxResidentSize;

    @Label("Parent PID")
    @Description("The process that it belonged to, as the agent's pid namespace numbers it if it can be seen there")
    public long parentPid;

    @Override
    public void times(long startTicks, long durationTicks) {
        TIMES.set(this, startTicks, durationTicks);
    }
}
