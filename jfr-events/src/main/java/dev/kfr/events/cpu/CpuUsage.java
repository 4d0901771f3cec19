// SPDX-License-Identifier: Apache-2.0
package dev.kfr.events.cpu;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Frequency;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.Percentage;
import jdk.jfr.Period;
import jdk.jfr.StackTrace;
import jdk.jfr.Timespan;

/** What a CPU did. */
@Name("kernel.CpuUsage")
@Label("CPU Usage")
@Category({"Kernel", "CPU"})
@Description("What a CPU of the host spent its time on, as in /proc/stat; the shares add up to 100 %")
@StackTrace(false)
@Period("10 s")
public final class CpuUsage extends Event {
    @Label("CPU")
    @Description("Number of the CPU")
    public int cpu;

    @Label("User")
    @Description("Share of time in programs, guests of virtual machines included")
    @Percentage
    public float user;

    @Label("System")
    @Description("Share of time in the kernel for programs")
    @Percentage
    public float system;

    @Label("Interrupts")
    @Description("Share of time in interrupts")
    @Percentage
    public float irq;

    @Label("Soft Interrupts")
    @Description("Share of time in soft interrupts: work that interrupts leave, such as network packets")
    @Percentage
    public float softirq;

    @Label("Idle")
    @Description("Share of time with nothing to do")
    @Percentage
    public float idle;

    @Label("I/O Wait")
    @Description("Share of time with nothing to do but threads that wait for input or output; a hint, not a measure")
    @Percentage
    public float ioWait;

    @Label("Stolen")
    @Description("Share of time that the hypervisor gave to others")
    @Percentage
    public float steal;

    @Label("Context Switches")
    @Description(
            "Switches from one thread to another per second; 0 while it is not known: inside a pid namespace, or if neither kernel.ProcessCpu nor kernel.PageFaults is recorded")
    @Frequency
    public float contextSwitches;

    @Label("Interval")
    @Description("The time that this row covers: since the previous row about the same CPU")
    @Timespan(Timespan.NANOSECONDS)
    public long interval;
}
