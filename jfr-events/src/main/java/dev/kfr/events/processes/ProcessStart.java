// SPDX-License-Identifier: Apache-2.0
package dev.kfr.events.processes;

import dev.kfr.events.ArgumentsSetting;
import dev.kfr.events.EventTimes;
import dev.kfr.events.KernelEvent;
import java.lang.invoke.MethodHandles;
import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.SettingDefinition;

/** A process that began to run a program (exec). */
@Name("kernel.ProcessStart")
@Label("Process Start")
@Category({"Kernel", "Processes"})
@Description("A process that began to run a program (exec)")
public final class ProcessStart extends KernelEvent {
    private static final EventTimes TIMES = EventTimes.of(MethodHandles.lookup());

    @Label("Parent PID")
    @Description("The process that started it, as the agent's pid namespace numbers it if it can be seen there")
    public long parentPid;

    @Label("Executable")
    @Description("The program as the process sees it")
    public String executable;

    @Label("Command Line")
    @Description("The program and its arguments; empty unless the setting arguments is true")
    public String commandLine;

    @SettingDefinition
    @Label("Command Line")
    @Description("Whether the command line is recorded; it may hold secrets")
    boolean arguments(ArgumentsSetting setting) {
        show(setting);
        return true;
    }

    @Override
    public void times(long startTicks, long durationTicks) {
        TIMES.set(this, startTicks, durationTicks);
    }
}
