// SPDX-License-Identifier: Apache-2.0
package dev.kfr.jmc.rules;

import dev.kfr.events.EventTimes;
import dev.kfr.events.ScopedEvent;
import java.lang.invoke.MethodHandles;
import jdk.jfr.Name;
import jdk.jfr.Registered;
import jdk.jfr.StackTrace;

/**
 * A pause of the collector at a time that a test chooses: HotSpot's own event of this name has no class that could be
 * given one.
 */
@Name("jdk.GCPhasePause")
@Registered(false)
@StackTrace(false)
public final class GcPause extends ScopedEvent {
    private static final EventTimes TIMES = EventTimes.of(MethodHandles.lookup());

    public int gcId;

    @Override
    public void times(long startTicks, long durationTicks) {
        TIMES.set(this, startTicks, durationTicks);
    }
}
