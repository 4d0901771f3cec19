// SPDX-License-Identifier: Apache-2.0
package dev.kfr.events.agent;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.Period;
import jdk.jfr.StackTrace;

/** A probe that was attached or detached, or could not be; at each change and at the beginning of each chunk. */
@Name("kernel.ProbeStatus")
@Label("Probe Status")
@Category({"Kernel", "Agent"})
@Description(
        "A probe that was attached or detached, or could not be; at each change and at the beginning of each chunk")
@StackTrace(false)
@Period("beginChunk")
public final class ProbeStatus extends Event {
    @Label("Probe")
    @Description("Name of the probe")
    public String probe;

    @Label("State")
    @Description("ATTACHED, DETACHED or FAILED")
    public String state;

    @Label("Variant")
    @Description("The one of its programs that runs, such as sys_exit_btf, sys_exit_raw or sys_exit_classic")
    public String variant;

    @Label("Message")
    @Description("Why other variants or the probe itself failed, and what helps")
    public String message;
}
