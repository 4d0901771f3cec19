// SPDX-License-Identifier: Apache-2.0
package dev.kfr.events;

import jdk.jfr.Description;
import jdk.jfr.Label;
import jdk.jfr.SettingDefinition;

/** A single event, caused by a thread of a process. */
public abstract class KernelEvent extends ScopedEvent {

    @Label("PID")
    @Description("Process id, as the agent's pid namespace numbers it if it can be seen there")
    public long pid;

    @Label("Process")
    @Description("Name of the process as the kernel knows it, up to 15 bytes")
    public String processName;

    @Label("TID")
    @Description("Thread id; the thread that caused the event")
    public long osThreadId;

    @Label("Thread")
    @Description("Name of the thread as the kernel knows it, up to 15 bytes")
    public String threadName;

    @Label("Java Thread")
    @Description("The thread as Java knows it, if it is a platform thread of this JVM")
    public Thread javaThread;

    @Label("UID")
    @Description("Id of the user that the process runs as")
    public long uid;

    @Label("Container")
    @Description("Short name of the container or control group; empty for processes of the host itself")
    public String container;

    @Label("PID Namespace")
    @Description(
            "'host' if only the host knows the process by this id, as it lies outside the agent's pid namespace; otherwise empty")
    public String pidNamespace;

    @SettingDefinition
    @Label("Throttle")
    @Description(
            "How many of these events may be recorded, such as 100/s, or off; the rest is counted in kernel.EventLoss")
    protected boolean throttle(ThrottleSetting.Unlimited setting) {
        show(setting);
        return true;
    }
}
