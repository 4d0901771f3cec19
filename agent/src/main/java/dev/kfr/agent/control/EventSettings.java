// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.control;

import dev.kfr.events.ErrorSet;
import dev.kfr.events.Scope;
import dev.kfr.events.ThrottleSetting;
import java.util.Set;

/**
 * What the running recordings together ask of one event type.
 *
 * @param enabled whether any recording wants it; if not, the other components say nothing
 * @param threshold ns, the shortest duration that is recorded; {@code Long.MAX_VALUE} for infinity. Where JFR's ticks are no nanoseconds it is
 *     up to 0.01 % below what was asked for: JFR itself looks at each event that is committed, and decides exactly.
 * @param scope whose activity is recorded
 * @param perSecond how many events may pass, {@link ThrottleSetting#UNLIMITED} if as many as come
 * @param waiting whether calls that wait by design are recorded
 * @param arguments whether command lines are recorded
 * @param errors which errors are recorded
 */
public record EventSettings(
        boolean enabled,
        long threshold,
        Scope scope,
        double perSecond,
        boolean waiting,
        boolean arguments,
        ErrorSet errors) {
    private static final long NANOS_PER_SECOND = 1_000_000_000;

    /** Of an event that nobody records. */
    static final EventSettings OFF = new EventSettings(
            false, Long.MAX_VALUE, Scope.JVM, ThrottleSetting.UNLIMITED, false, false, new ErrorSet(false, Set.of()));

    /** The throttle as the kernel side takes it: how many events may pass in a {@link #ratePeriod}; 0 if there is none. */
    public int rate() {
        return perSecond == ThrottleSetting.UNLIMITED ? 0 : Math.clamp(Math.round(perSecond), 1, Integer.MAX_VALUE);
    }

    /** The period of {@link #rate}, ns: a second, or what makes a rate exact that is no whole number of events a second. */
    public long ratePeriod() {
        return rate() == 0 ? NANOS_PER_SECOND : Math.round(rate() / perSecond * NANOS_PER_SECOND);
    }
}
