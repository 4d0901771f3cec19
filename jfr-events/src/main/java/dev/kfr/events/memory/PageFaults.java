// SPDX-License-Identifier: Apache-2.0
package dev.kfr.events.memory;

import dev.kfr.events.EventTimes;
import dev.kfr.events.PeriodicKernelEvent;
import java.lang.invoke.MethodHandles;
import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.Timespan;

/** Page faults of a process. */
@Name("kernel.PageFaults")
@Label("Page Faults")
@Category({"Kernel", "Memory"})
@Description("Page faults of a process: memory that was not there yet when the process used it")
public final class PageFaults extends PeriodicKernelEvent {
    private static final EventTimes TIMES = EventTimes.of(MethodHandles.lookup());

    @Label("Minor")
    @Description("Faults that the kernel could serve from memory")
    public int minor;

    @Label("Major")
    @Description("Faults that had to wait for a storage device")
    public int major;

    @Label("Major Time")
    @Description(
            "Time that the process's threads waited in major faults; only while kernel.MajorPageFault is recorded, on x86-64")
    @Timespan(Timespan.NANOSECONDS)
    public long majorTime;

    @Override
    public void times(long startTicks, long durationTicks) {
        TIMES.set(this, startTicks, durationTicks);
    }
}
