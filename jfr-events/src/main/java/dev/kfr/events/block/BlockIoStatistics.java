// SPDX-License-Identifier: Apache-2.0
package dev.kfr.events.block;

import dev.kfr.events.EventTimes;
import dev.kfr.events.ScopedEvent;
import java.lang.invoke.MethodHandles;
import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.Period;
import jdk.jfr.Timespan;

/** Requests that a disk completed in an interval, of one kind: how many, how much and how long they took. */
@Name("kernel.BlockIoStatistics")
@Label("Block I/O Statistics")
@Category({"Kernel", "Block"})
@Description("Requests that a disk completed in an interval, of one kind: how many, how much and how long they took")
@Period("10 s")
public final class BlockIoStatistics extends ScopedEvent {
    private static final EventTimes TIMES = EventTimes.of(MethodHandles.lookup());

    @Label("Device")
    @Description("The disk, named as in /proc/diskstats; requests to a partition are requests to its disk")
    public String device;

    @Label("Operation")
    @Description("What the requests asked for: read, write, flush, discard, write zeroes and so on")
    public String operation;

    @Label("Count")
    @Description("Requests completed, failed ones included")
    public int count;

    @Label("Errors")
    @Description("Requests among them that failed")
    public int errors;

    @Label("Bytes")
    @Description("How much was read, written or covered by the operation")
    @DataAmount(DataAmount.BYTES)
    public long bytes;

    @Label("Median")
    @Description("Half of the requests took at most this long, from issue to completion")
    @Timespan(Timespan.NANOSECONDS)
    public long p50;

    @Label("P99")
    @Description("99 of 100 requests took at most this long")
    @Timespan(Timespan.NANOSECONDS)
    public long p99;

    @Label("Max")
    @Description("The longest of the requests")
    @Timespan(Timespan.NANOSECONDS)
    public long max;

    @Label("Total Time")
    @Description("Sum of the times from issue to completion; more than the interval where requests overlap")
    @Timespan(Timespan.NANOSECONDS)
    public long totalTime;

    @Label("Queue Time")
    @Description("Sum of the times that requests waited before they were issued")
    @Timespan(Timespan.NANOSECONDS)
    public long queueTime;

    @Label("Interval")
    @Description("The time that this row covers: since the previous row about the same")
    @Timespan(Timespan.NANOSECONDS)
    public long interval;

    @Override
    public void times(long startTicks, long durationTicks) {
        TIMES.set(this, startTicks, durationTicks);
    }
}
