// SPDX-License-Identifier: Apache-2.0
package dev.kfr.events.processes;

import dev.kfr.events.EventTimes;
import dev.kfr.events.KernelEvent;
import java.lang.invoke.MethodHandles;
import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Label;
import jdk.jfr.Name;

/** A signal that was sent to another process, SIGCHLD excepted. */
@Name("kernel.Signal")
@Label("Signal")
@Category({"Kernel", "Processes"})
@Description("A signal that was sent to another process, SIGCHLD excepted")
public final class Signal extends KernelEvent {
    private static final EventTimes TIMES = EventTimes.of(MethodHandles.lookup());

    @Label("Signal")
    @Description("Name of the signal, such as SIGTERM")
    public String signal;

    @Label("Target PID")
    @Description("The process that it was sent to")
    public long targetPid;

    @Label("Target")
    @Description("Name of that process as the kernel knows it")
    public String targetName;

    @Label("Target PID Namespace")
    @Description("'host' if only the host knows the target by this id; otherwise empty")
    public String targetPidNamespace;

    @Label("Origin")
    @Description(
            "Who sent it: process, kernel or timer; process id and name above are the sender's only if a process did")
    public String origin;

    @Label("Result")
    @Description("What became of it, such as delivered or ignored")
    public String result;

    @Override
    public void times(long startTicks, long durationTicks) {
        TIMES.set(this, startTicks, durationTicks);
    }
}
