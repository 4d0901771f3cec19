// SPDX-License-Identifier: Apache-2.0
package dev.kfr.events.syscalls;

import dev.kfr.events.ErrorsSetting;
import dev.kfr.events.EventTimes;
import dev.kfr.events.KernelEvent;
import java.lang.invoke.MethodHandles;
import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Enabled;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.SettingDefinition;

/** A system call that failed with one of the errors that the setting picks. */
@Name("kernel.SyscallError")
@Label("Failed System Call")
@Category({"Kernel", "System Calls"})
@Description("A system call that failed with one of the errors that the setting picks")
@Enabled(false)
public final class SyscallError extends KernelEvent {
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
    @Label("Errors")
    @Description("Which errors are recorded: names such as ENOENT EACCES, or all but some such as all -EAGAIN -EINTR")
    boolean errors(ErrorsSetting setting) {
        show(setting);
        return true;
    }

    @Override
    public void times(long startTicks, long durationTicks) {
        TIMES.set(this, startTicks, durationTicks);
    }
}
