// SPDX-License-Identifier: Apache-2.0
package dev.kfr.events;

import jdk.jfr.Description;
import jdk.jfr.Label;
import jdk.jfr.Period;
import jdk.jfr.Timespan;

/** What a process did since the last such event about the same; one event of a table that is written at each period. */
@Period("10 s")
public abstract class PeriodicKernelEvent extends ScopedEvent {

    @Label("PID")
    @Description("Process id, as the agent's pid namespace numbers it if it can be seen there")
    public long pid;

    @Label("Process")
    @Description("Name of the process as the kernel knows it, up to 15 bytes")
    public String processName = "";

    @Label("UID")
    @Description(
            "Id of the user that the process runs as; -1 if it is not known, or the row is about no single process")
    public long uid = -1;

    @Label("Container")
    @Description("Short name of the container or control group; empty for processes of the host itself")
    public String container = "";

    @Label("PID Namespace")
    @Description(
            "'host' if only the host knows the process by this id, as it lies outside the agent's pid namespace; otherwise empty")
    public String pidNamespace = "";

    @Label("Interval")
    @Description("The time that this row covers: since the previous row about the same process and subject")
    @Timespan(Timespan.NANOSECONDS)
    public long interval;
}
