// SPDX-License-Identifier: Apache-2.0
package dev.kfr.events.cpu;

import dev.kfr.events.EventTimes;
import dev.kfr.events.KernelEvent;
import java.lang.invoke.MethodHandles;
import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.Threshold;

/** A thread that could have run and waited for a CPU at least as long as the threshold. */
@Name("kernel.RunQueueWait")
@Label("Run Queue Wait")
@Category({"Kernel", "CPU"})
@Description(
        "A thread that could have run but waited for a CPU at least as long as the threshold, since it was woken or preempted")
@Threshold("10 ms")
public final class RunQueueWait extends KernelEvent {
    private static final EventTimes TIMES = EventTimes.of(MethodHandles.lookup());

    @Label("CPU")
    @Description("Number of the CPU that the thread got in the end")
    public int cpu;

    @Label("Ran Instead")
    @Description("Process and thread that had this CPU last before; '(idle)' if none had")
    public String ranInstead;

    @Override
    public void times(long startTicks, long durationTicks) {
        TIMES.set(this, startTicks, durationTicks);
    }
}
