// SPDX-License-Identifier: Apache-2.0
package dev.kfr.events.memory;

import dev.kfr.events.EventTimes;
import dev.kfr.events.PeriodicKernelEvent;
import java.lang.invoke.MethodHandles;
import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Enabled;
import jdk.jfr.Label;
import jdk.jfr.Name;

/** Memory that the kernel allocated for its own use on behalf of a process, and freed of it. */
@Name("kernel.KernelMemory")
@Label("Kernel Memory")
@Category({"Kernel", "Memory"})
@Description(
        "Memory that the kernel allocated for its own use on behalf of a process (kmalloc and object caches), and freed of it; each allocation of the host pays for it")
@Enabled(false)
public final class KernelMemory extends PeriodicKernelEvent {
    private static final EventTimes TIMES = EventTimes.of(MethodHandles.lookup());

    @Label("Allocations")
    @Description("Allocations for the process; '(interrupt)' stands for those that were for no process")
    public int allocations;

    @Label("Allocated")
    @Description("What was allocated, rounded up as the kernel does it")
    @DataAmount(DataAmount.BYTES)
    public long allocatedBytes;

    @Label("Frees")
    @Description(
            "How many of the process's allocations since counting began were freed, by whomever; bulk frees are not seen")
    public int frees;

    @Label("Freed")
    @Description("What was freed of the process's allocations since counting began")
    @DataAmount(DataAmount.BYTES)
    public long freedBytes;

    @Override
    public void times(long startTicks, long durationTicks) {
        TIMES.set(this, startTicks, durationTicks);
    }
}
