// SPDX-License-Identifier: Apache-2.0
package dev.kfr.events.agent;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Enabled;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.Percentage;
import jdk.jfr.Period;
import jdk.jfr.StackTrace;
import jdk.jfr.Timespan;

/** What a program of ours in the kernel costs. Off by default: the kernel measures only if it does so for every BPF program of the host. */
@Name("kernel.ProbeStatistics")
@Label("Probe Statistics")
@Category({"Kernel", "Agent"})
@Description("What a program of Kernel Flight Recorder in the kernel costs")
@StackTrace(false)
@Enabled(false)
@Period("10 s")
public final class ProbeStatistics extends Event {
    @Label("Program")
    @Description("Name of the BPF program")
    public String program;

    @Label("Variant")
    @Description("Which program of the probe it is, such as sys_exit_btf, sys_exit_raw or sys_exit_classic")
    public String variant;

    @Label("Runs")
    @Description("How often it ran")
    public int runs;

    @Label("Run Time")
    @Description("Time that the runs took on all CPUs")
    @Timespan(Timespan.NANOSECONDS)
    public long runTime;

    @Label("Share of One CPU")
    @Description("Run time as a share of the interval")
    @Percentage
    public float cpuShare;

    @Label("Skipped Runs")
    @Description("Runs that the kernel left out because the program was active already on that CPU")
    public int skipped;

    @Label("Interval")
    @Description("The time that this row covers: since the previous row about the same")
    @Timespan(Timespan.NANOSECONDS)
    public long interval;
}
