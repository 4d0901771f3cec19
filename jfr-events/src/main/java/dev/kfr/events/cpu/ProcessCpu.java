// SPDX-License-Identifier: Apache-2.0
package dev.kfr.events.cpu;

import dev.kfr.events.EventTimes;
import dev.kfr.events.PeriodicKernelEvent;
import java.lang.invoke.MethodHandles;
import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.Percentage;
import jdk.jfr.Timespan;

/** What a process used of the CPUs, as the scheduler counted it. */
@Name("kernel.ProcessCpu")
@Label("Process CPU")
@Category({"Kernel", "CPU"})
@Description(
        "CPU time of a process, and how long it had to wait for it; threads of the kernel are processes of their own")
public final class ProcessCpu extends PeriodicKernelEvent {
    private static final EventTimes TIMES = EventTimes.of(MethodHandles.lookup());

    @Label("CPU Time")
    @Description("Time that its threads were on a CPU; of a thread that runs right now, as of the last scheduler tick")
    @Timespan(Timespan.NANOSECONDS)
    public long cpuTime;

    @Label("CPU Load")
    @Description("CPU time as a share of what all CPUs of the host together had to give")
    @Percentage
    public float cpuLoad;

    @Label("Run Queue Time")
    @Description("Time that its threads could have run but had no CPU; each wait counts when it is over")
    @Timespan(Timespan.NANOSECONDS)
    public long runQueueTime;

    @Label("Longest Wait")
    @Description("Longest single wait of a thread for a CPU; only while kernel.RunQueueWait is recorded, else 0")
    @Timespan(Timespan.NANOSECONDS)
    public long runQueueMax;

    @Label("Voluntary Switches")
    @Description("How often its threads left a CPU to wait for something")
    public int voluntarySwitches;

    @Label("Involuntary Switches")
    @Description("How often the CPU was taken from its threads")
    public int involuntarySwitches;

    @Label("Migrations")
    @Description("How often its threads were moved from one CPU to another")
    public int migrations;

    @Override
    public void times(long startTicks, long durationTicks) {
        TIMES.set(this, startTicks, durationTicks);
    }
}
