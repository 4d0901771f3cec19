// SPDX-License-Identifier: Apache-2.0
package dev.kfr.events.block;

import dev.kfr.events.EventTimes;
import dev.kfr.events.KernelEvent;
import java.lang.invoke.MethodHandles;
import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.Threshold;
import jdk.jfr.Timespan;

/** A request to a disk that took at least as long as the threshold, from its issue to the driver until its completion. */
@Name("kernel.BlockIo")
@Label("Slow Block I/O")
@Category({"Kernel", "Block"})
@Description(
        "A request to a disk that took at least as long as the threshold, from its issue to the driver until its completion; the process is the one that issued it, often a kernel worker")
@Threshold("10 ms")
public final class BlockIo extends KernelEvent {
    private static final EventTimes TIMES = EventTimes.of(MethodHandles.lookup());

    @Label("Device")
    @Description("The disk, named as in /proc/diskstats; requests to a partition are requests to its disk")
    public String device;

    @Label("Operation")
    @Description("What the request asks for: read, write, flush, discard, write zeroes and so on")
    public String operation;

    @Label("Bytes")
    @Description("How much was read, written or covered by the operation")
    @DataAmount(DataAmount.BYTES)
    public long bytes;

    @Label("Queue Time")
    @Description("How long the request waited before it was issued; not part of the duration")
    @Timespan(Timespan.NANOSECONDS)
    public long queueTime;

    @Label("Sector")
    @Description("Where on the disk, in sectors of 512 bytes; -1 if the operation is about no place")
    public long sector;

    @Label("Flags")
    @Description("What else the request says, such as sync, meta, fua, readahead or background; empty if nothing")
    public String flags;

    @Label("Error")
    @Description("Why the request failed, such as EIO; empty if it did not")
    public String error;

    @Override
    public void times(long startTicks, long durationTicks) {
        TIMES.set(this, startTicks, durationTicks);
    }
}
