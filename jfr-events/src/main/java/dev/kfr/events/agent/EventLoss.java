// SPDX-License-Identifier: Apache-2.0
package dev.kfr.events.agent;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.Period;
import jdk.jfr.StackTrace;
import jdk.jfr.Timespan;

/** How many events of a subject there were and how many of them are not in the recording: produced = recorded + throttled + lost. */
@Name("kernel.EventLoss")
@Label("Event Loss")
@Category({"Kernel", "Agent"})
@Description(
        "How many events of a subject there were and how many of them are not in the recording: produced = recorded + throttled + lost")
@StackTrace(false)
@Period("10 s")
public final class EventLoss extends Event {
    @Label("Subject")
    @Description("What the events are about: syscalls, files, processes and so on")
    public String subject;

    @Label("Produced")
    @Description("Events that the kernel side had to report")
    public int produced;

    @Label("Recorded")
    @Description("Events among them that were handed to JFR")
    public int recorded;

    @Label("Throttled")
    @Description("Events among them that the throttle setting held back")
    public int throttled;

    @Label("Lost")
    @Description("Events among them that could not be delivered")
    public int lost;

    @Label("Skipped Runs")
    @Description("Program runs that the kernel left out; what they would have reported is not known")
    public int skipped;

    @Label("Reason")
    @Description("Why events were lost and what helps; empty if none was")
    public String reason;

    @Label("Interval")
    @Description("The time that this row covers: since the previous row about the same")
    @Timespan(Timespan.NANOSECONDS)
    public long interval;
}
