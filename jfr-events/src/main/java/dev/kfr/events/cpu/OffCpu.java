// SPDX-License-Identifier: Apache-2.0
package dev.kfr.events.cpu;

import dev.kfr.events.EventTimes;
import dev.kfr.events.KernelEvent;
import dev.kfr.events.WaitingSetting;
import java.lang.invoke.MethodHandles;
import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Enabled;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.SettingDefinition;
import jdk.jfr.Threshold;

/** A thread that waited for something else than a CPU at least as long as the threshold. */
@Name("kernel.OffCpu")
@Label("Off CPU")
@Category({"Kernel", "CPU"})
@Description("A thread that was blocked at least as long as the threshold, from leaving its CPU until it was woken")
@Enabled(false)
@Threshold("20 ms")
public final class OffCpu extends KernelEvent {
    private static final EventTimes TIMES = EventTimes.of(MethodHandles.lookup());

    @Label("State")
    @Description("How it was blocked: interruptible, uninterruptible (by signals; often input and output), or stopped")
    public String state;

    @Label("System Call")
    @Description("The system call in which it was blocked; empty if it was in none, as for a page fault")
    public String syscall;

    @Label("Woken By")
    @Description(
            "Process and thread that woke it, or 'interrupt' (a timer, a device, the network); empty if the kernel does not tell")
    public String wokenBy;

    @SettingDefinition
    @Label("Waiting Threads")
    @Description(
            "Whether threads are recorded too that wait by design, such as those parked in futex, epoll_wait or nanosleep")
    boolean waiting(WaitingSetting setting) {
        show(setting);
        return true;
    }

    @Override
    public void times(long startTicks, long durationTicks) {
        TIMES.set(this, startTicks, durationTicks);
    }
}
