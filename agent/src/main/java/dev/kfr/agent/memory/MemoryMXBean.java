// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.memory;

import dev.kfr.agent.jmx.Described;
import java.util.Date;
import java.util.List;

/** {@code kernel:type=Memory}. */
@Described(
        "Page faults, what the kernel allocates for its own use, and processes that were killed since memory ran out. Counting starts at the first"
                + " read; kernel memory is counted only if its attributes are read, since each allocation of the host pays for that.")
public interface MemoryMXBean {
    /** Page faults of one process. */
    record ProcessRow(
            @Described("process id as the agent sees it, or the host's") long pid,
            @Described("name of the process") String name,
            @Described("container or control group, empty on the host") String container,
            @Described("page faults that the kernel could serve from memory") long minorFaults,
            @Described("page faults that had to wait for a storage device") long majorFaults) {}

    /** Memory that the kernel allocated on behalf of one process. */
    record KernelMemoryRow(
            @Described("process id as the agent sees it, or the host's; 0: no process") long pid,
            @Described("name of the process; (interrupt): for no process, (ended): frees for processes that had ended")
                    String name,
            @Described("container or control group, empty on the host") String container,
            @Described("allocations") long allocations,
            @Described("bytes allocated") long allocatedBytes,
            @Described("how many of these allocations were freed, by whomever") long frees,
            @Described("bytes freed of these allocations") long freedBytes) {}

    @Described("Bytes that the kernel allocated for its own use since counting began: kmalloc and object caches")
    long getKernelAllocatedBytes();

    @Described("Bytes that were freed of what was allocated since counting began; bulk frees are not seen")
    long getKernelFreedBytes();

    @Described("Allocations of the kernel since counting began")
    long getKernelAllocations();

    @Described("How many of these allocations were freed; bulk frees are not seen")
    long getKernelFrees();

    @Described("Allocations whose frees will not be counted, since too many were to be remembered")
    long getKernelAllocationsForgotten();

    @Described("Page faults since counting began that the kernel could serve from memory")
    long getMinorFaults();

    @Described("Page faults since counting began that had to wait for a storage device")
    long getMajorFaults();

    @Described(
            "Processes that were killed since memory ran out, on the host or in a memory control group, since the agent started")
    long getOutOfMemoryKills();

    @Described("Bytes that the kernel allocated per second")
    double getKernelAllocatedBytesPerSecond();

    @Described("Bytes that the kernel freed per second")
    double getKernelFreedBytesPerSecond();

    @Described("Allocations of the kernel per second")
    double getKernelAllocationsPerSecond();

    @Described("How many of them were freed per second")
    double getKernelFreesPerSecond();

    @Described("Minor page faults per second")
    double getMinorFaultsPerSecond();

    @Described("Major page faults per second")
    double getMajorFaultsPerSecond();

    @Described("Processes that were killed since memory ran out, per second")
    double getOutOfMemoryKillsPerSecond();

    @Described("Running processes with most major faults, then minor ones")
    List<ProcessRow> getTopProcesses();

    @Described("Running processes for which most kernel memory is in use")
    List<KernelMemoryRow> getTopKernelMemory();

    @Described("How many rows tables have")
    int getTableSize();

    void setTableSize(int rows);

    @Described("When counting of page faults began; empty if it does not run")
    Date getCountingSince();

    @Described("When counting of kernel memory began; empty if it does not run")
    Date getKernelCountingSince();

    @Described("The tables as text; kernel memory only while it is counted")
    String show();
}
