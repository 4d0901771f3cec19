// SPDX-License-Identifier: Apache-2.0
package dev.kfr.events.agent;

import dev.kfr.events.EventTimes;
import java.lang.invoke.MethodHandles;
import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.Period;
import jdk.jfr.StackTrace;

/** The end of a chunk of the recording. Its periodic hook is the last moment at which events get into a file, so it is where all that waits is written; the event says what that came to. */
@Name("kernel.ChunkEnd")
@Label("Chunk End")
@Category({"Kernel", "Agent"})
@Description(
        "What was still on its way when a chunk of the recording ended, also at dump, stop and exit, and went into it")
@StackTrace(false)
@Period("endChunk")
public final class ChunkEnd extends Event {
    /** JFR's clock is read through this event type, too: see {@link EventTimes#currentTicks}. */
    public static final EventTimes TIMES = EventTimes.of(MethodHandles.lookup());

    @Label("Records")
    @Description("Records that were read from the ring buffer")
    public int records;

    @Label("Rows")
    @Description("Rows of periodic events that were written")
    public int rows;

    @Label("Complete")
    @Description("Whether all could be written within the time allowed")
    public boolean complete;
}
