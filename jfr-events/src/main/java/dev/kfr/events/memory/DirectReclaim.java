// SPDX-License-Identifier: Apache-2.0
package dev.kfr.events.memory;

import dev.kfr.events.EventTimes;
import dev.kfr.events.KernelEvent;
import java.lang.invoke.MethodHandles;
import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.Threshold;

/** A thread that wanted memory and had to free some first, at least as long as the threshold. */
@Name("kernel.DirectReclaim")
@Label("Direct Reclaim")
@Category({"Kernel", "Memory"})
@Description("A thread that wanted memory and had to free some first, at least as long as the threshold")
@Threshold("1 ms")
public final class DirectReclaim extends KernelEvent {
    private static final EventTimes TIMES = EventTimes.of(MethodHandles.lookup());

    @Label("Pages Reclaimed")
    @Description("How many pages became free")
    public int pagesReclaimed;

    @Label("Order")
    @Description("What was wanted: 2 to the power of this many pages in a row")
    public int order;

    @Label("Cause")
    @Description("What was short of memory: host, or cgroup (a memory control group had reached its limit)")
    public String cause;

    @Override
    public void times(long startTicks, long durationTicks) {
        TIMES.set(this, startTicks, durationTicks);
    }
}
