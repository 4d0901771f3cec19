// SPDX-License-Identifier: Apache-2.0
package dev.kfr.events.syscalls;

import dev.kfr.events.EventTimes;
import dev.kfr.events.KernelEvent;
import dev.kfr.events.WaitingSetting;
import java.lang.invoke.MethodHandles;
import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.SettingDefinition;
import jdk.jfr.Threshold;

/** A system call that took at least as long as the threshold. */
@Name("kernel.Syscall")
@Label("Slow System Call")
@Category({"Kernel", "System Calls"})
@Description("A system call that took at least as long as the threshold")
@Threshold("20 ms")
public final class Syscall extends KernelEvent {
    private static final EventTimes TIMES = EventTimes.of(MethodHandles.lookup());

    @Label("Call")
    @Description("Name of the system call")
    public String syscall;

    @Label("Result")
    @Description("What the call returned; negative: an error")
    public long returnValue;

    @Label("Error")
    @Description("Why the call failed, such as ENOENT; empty if it did not")
    public String error;

    @Label("Arguments")
    @Description("The six raw arguments in hexadecimal")
    public String arguments;

    @SettingDefinition
    @Label("Waiting Calls")
    @Description("Whether calls that wait by design are recorded too, such as futex, epoll_wait, poll and nanosleep")
    boolean waiting(WaitingSetting setting) {
        show(setting);
        return true;
    }

    @Override
    public void times(long startTicks, long durationTicks) {
        TIMES.set(this, startTicks, durationTicks);
    }
}
