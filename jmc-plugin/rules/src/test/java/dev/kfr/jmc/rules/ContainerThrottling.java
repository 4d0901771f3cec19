// SPDX-License-Identifier: Apache-2.0
package dev.kfr.jmc.rules;

import dev.kfr.events.EventTimes;
import dev.kfr.events.ScopedEvent;
import java.lang.invoke.MethodHandles;
import jdk.jfr.Name;
import jdk.jfr.Registered;
import jdk.jfr.StackTrace;
import jdk.jfr.Timespan;

/** The counters of a container's quota at a time that a test chooses; fields as in the JDK's event of this name. */
@Name("jdk.ContainerCPUThrottling")
@Registered(false)
@StackTrace(false)
public final class ContainerThrottling extends ScopedEvent {
    private static final EventTimes TIMES = EventTimes.of(MethodHandles.lookup());

    public long cpuElapsedSlices;
    public long cpuThrottledSlices;

    @Timespan(Timespan.NANOSECONDS)
    public long cpuThrottledTime;

    @Override
    public void times(long startTicks, long durationTicks) {
        TIMES.set(this, startTicks, durationTicks);
    }
}
