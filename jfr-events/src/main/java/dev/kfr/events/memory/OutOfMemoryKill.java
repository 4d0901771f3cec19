// SPDX-License-Identifier: Apache-2.0
package dev.kfr.events.memory;

import dev.kfr.events.EventTimes;
import dev.kfr.events.KernelEvent;
import java.lang.invoke.MethodHandles;
import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Label;
import jdk.jfr.Name;

/** A process that the kernel killed since memory had run out, on the host or in a memory control group. */
@Name("kernel.OutOfMemoryKill")
@Label("Out of Memory Kill")
@Category({"Kernel", "Memory"})
@Description(
        "A process that the kernel killed since memory had run out, on the host or in a memory control group; process and thread above are those that wanted memory")
public final class OutOfMemoryKill extends KernelEvent {
    private static final EventTimes TIMES = EventTimes.of(MethodHandles.lookup());

    @Label("Victim PID")
    @Description("The process that was killed")
    public long victimPid;

    @Label("Victim")
    @Description("Name of that process as the kernel knows it")
    public String victimName;

    @Label("Victim PID Namespace")
    @Description("'host' if only the host knows the victim by this id; otherwise empty")
    public String victimPidNamespace;

    @Label("Resident Size")
    @Description("Memory that the victim had in use, give or take some hundred kilobytes from Linux 6.2 on")
    @DataAmount(DataAmount.BYTES)
    public long residentSize;

    @Label("OOM Score Adjustment")
    @Description("How much the victim was protected (down to -1000) or offered (up to 1000)")
    public int oomScoreAdjust;

    @Label("Memory Cgroup")
    @Description("The victim's memory control group, from the root of the hierarchy")
    public String memoryCgroup;

    @Override
    public void times(long startTicks, long durationTicks) {
        TIMES.set(this, startTicks, durationTicks);
    }
}
