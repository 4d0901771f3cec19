// SPDX-License-Identifier: Apache-2.0
package dev.kfr.events.memory;

import dev.kfr.events.EventTimes;
import dev.kfr.events.KernelEvent;
import java.lang.invoke.MethodHandles;
import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Label;
import jdk.jfr.MemoryAddress;
import jdk.jfr.Name;
import jdk.jfr.Threshold;

/** A thread that used memory which had to be read from a storage device first, at least as long as the threshold. */
@Name("kernel.MajorPageFault")
@Label("Slow Page Fault")
@Category({"Kernel", "Memory"})
@Description(
        "A thread that used memory which had to be read from a storage device first, at least as long as the threshold; where the kernel does not tell the duration, any")
@Threshold("1 ms")
public final class MajorPageFault extends KernelEvent {
    private static final EventTimes TIMES = EventTimes.of(MethodHandles.lookup());

    @Label("Address")
    @Description("The address that was used")
    @MemoryAddress
    public long address;

    @Label("Path")
    @Description(
            "The file that is mapped there as the process sees it; empty for other memory, and on kernels before Linux 6.1")
    public String path;

    @Override
    public void times(long startTicks, long durationTicks) {
        TIMES.set(this, startTicks, durationTicks);
    }
}
