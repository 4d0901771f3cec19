// SPDX-License-Identifier: Apache-2.0
package dev.kfr.events;

import dev.kfr.events.agent.ChunkEnd;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import jdk.jfr.Event;

/**
 * Gives an event its true start time and duration. HotSpot adds the private fields {@code startTime} and {@code duration}, in ticks of
 * JFR's clock, to each concrete event class when it loads it, and {@code commit()} uses what they hold. No specification
 * says so, hence {@link #supported()}: where the fields are missing an event has the time of its commit.
 *
 * <p>A record, because the JIT compiler takes only the final fields of records for constants.
 */
public record EventTimes(VarHandle startTime, VarHandle duration) {
    /** Finds the fields of the class that asks; neither is there if one is missing. */
    public static EventTimes of(MethodHandles.Lookup eventClass) {
        try {
            Class<?> type = eventClass.lookupClass();
            return new EventTimes(
                    eventClass.findVarHandle(type, "startTime", long.class),
                    eventClass.findVarHandle(type, "duration", long.class));
        } catch (ReflectiveOperationException missing) {
            return new EventTimes(null, null);
        }
    }

    /** Whether events can carry the kernel's times on this JVM. */
    public static boolean supported() {
        return ChunkEnd.TIMES.startTime != null;
    }

    /**
     * The current ticks of JFR's clock, or 0 if they can't be known: the JVM lacks the fields, or our event types are not registered.
     * Takes some 30 ns; nothing that it allocates survives.
     */
    public static long currentTicks() {
        if (!supported()) {
            return 0;
        }
        var event = new ChunkEnd();
        event.begin();
        return (long) ChunkEnd.TIMES.startTime.get(event);
    }

    /**
     * Sets both times of an event of the class that this was made for.
     *
     * @param startTicks 0: the time of the commit
     * @param durationTicks 0 counts as 1, because {@code commit()} would take it as not set
     */
    public void set(Event event, long startTicks, long durationTicks) {
        if (startTime != null) {
            startTime.set(event, startTicks);
            duration.set(event, startTicks == 0 ? 0 : Math.max(1, durationTicks));
        }
    }
}
