// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.cpu;

import dev.kfr.agent.jmx.Described;
import java.util.Date;
import java.util.List;
import java.util.Map;

/** {@code kernel:type=Cpu}. */
@Described("Who uses the host's CPUs, from the scheduler's own counters. Counting starts at the first read.")
public interface CpuMXBean {
    /** One process, with all its threads. */
    record ProcessRow(
            @Described("process id as the agent sees it, or the host's") long pid,
            @Described("name of the process") String name,
            @Described("container or control group, empty on the host") String container,
            @Described("time on a CPU, in ns") long cpuTime,
            @Described("time that its threads could have run but had no CPU, in ns") long runQueueTime,
            @Described("how often its threads left a CPU to wait for something") long voluntarySwitches,
            @Described("how often the CPU was taken from its threads") long involuntarySwitches,
            @Described("how often its threads were moved to another CPU") long migrations) {}

    /** One CPU; shares of its time in percent. */
    record CpuRow(
            @Described("time in programs, in percent") double user,
            @Described("time in the kernel for programs, in percent") double system,
            @Described("time in interrupts, in percent") double irq,
            @Described("time in soft interrupts, in percent") double softirq,
            @Described("time with nothing to do, in percent") double idle,
            @Described("time with nothing to do but threads that wait for input or output, in percent") double ioWait,
            @Described("time that the hypervisor gave to others, in percent") double steal,
            @Described("switches between threads per second; 0 if not known") double contextSwitchesPerSecond) {}

    @Described("CPU time of all processes since counting began, in ns; without idle and interrupted time")
    long getCpuTime();

    @Described(
            "Time that threads could have run but had no CPU, since counting began, in ns; each wait counts when it is over")
    long getRunQueueTime();

    @Described("How often threads gave up a CPU or it was taken from them, since counting began")
    long getContextSwitches();

    @Described("How often threads left a CPU to wait for something, since counting began")
    long getVoluntarySwitches();

    @Described("How often the CPU was taken from threads, since counting began")
    long getInvoluntarySwitches();

    @Described("How often threads were moved from one CPU to another, since counting began")
    long getMigrations();

    @Described("CPU time per second, in ns, over the last second, or since the reading before if that is longer ago")
    double getCpuTimePerSecond();

    @Described(
            "Time that threads waited for a CPU per second, in ns, over the last second, or since the reading before if that is longer ago")
    double getRunQueueTimePerSecond();

    @Described("Context switches per second over the last second, or since the reading before if that is longer ago")
    double getContextSwitchesPerSecond();

    @Described(
            "Voluntary context switches per second over the last second, or since the reading before if that is longer ago")
    double getVoluntarySwitchesPerSecond();

    @Described(
            "Involuntary context switches per second over the last second, or since the reading before if that is longer ago")
    double getInvoluntarySwitchesPerSecond();

    @Described("Migrations per second over the last second, or since the reading before if that is longer ago")
    double getMigrationsPerSecond();

    @Described("Running processes with most CPU time since counting began")
    List<ProcessRow> getTopProcesses();

    @Described(
            "What each CPU spent its time on over the last second, or since the reading before if that is longer ago; at the first reading since boot")
    Map<String, CpuRow> getCpus();

    @Described(
            "How many waits of threads for a CPU took how long, from wake-up or preemption: the key is the time in ns that they"
                    + " stayed below, twice that of the row before. Counted from the first read of this attribute on, at a"
                    + " cost for each switch between threads")
    Map<Long, Long> getRunQueueLatency();

    @Described("How many rows the tables have")
    int getTableSize();

    void setTableSize(int rows);

    @Described("Since when the counters run; null if they don't")
    Date getCountingSince();

    @Described("The tables as text")
    String show();
}
