// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.control;

import dev.kfr.agent.record.KernelClock;
import dev.kfr.events.ArgumentsSetting;
import dev.kfr.events.ErrorSet;
import dev.kfr.events.ErrorsSetting;
import dev.kfr.events.KernelEvent;
import dev.kfr.events.KernelEvents;
import dev.kfr.events.KernelSetting;
import dev.kfr.events.Scope;
import dev.kfr.events.ScopeSetting;
import dev.kfr.events.ScopedEvent;
import dev.kfr.events.ThrottleSetting;
import dev.kfr.events.WaitingSetting;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import jdk.jfr.Event;
import jdk.jfr.EventType;

/**
 * What the running recordings together ask for, as JFR has merged it; a snapshot.
 *
 * <p>JFR does not tell merged values, and merging again what {@code getRecordings()} says goes wrong. So events are asked: whether their type is
 * enabled, which controls of ours they are given, and by {@code shouldCommit()} which duration passes the threshold. Periods stay JFR's own
 * affair: it calls the hooks of periodic events when they are due.
 *
 * @param events one entry for each event type of {@link KernelEvents#ALL}
 * @param problems sentences for the operator about settings that could not be understood
 */
public record EffectiveSettings(Map<Class<? extends Event>, EventSettings> events, List<String> problems) {
    /** Where ticks are no nanoseconds, the rate between them is known to a few millionths; this errs on the safe side. */
    private static final double SLIGHTLY_LESS = 0.9999;

    /** Nothing is recorded. */
    public static final EffectiveSettings NONE = new EffectiveSettings(Map.of(), List.of());

    /**
     * Asks JFR. The event types must be registered. Not to be called from a callback of JFR.
     *
     * @param clock converts thresholds; refreshed here
     */
    public static EffectiveSettings read(KernelClock clock) {
        clock.refresh();
        Map<Class<? extends Event>, EventSettings> events = new LinkedHashMap<>();
        List<String> problems = new ArrayList<>();
        for (Class<? extends Event> type : KernelEvents.ALL) {
            events.put(type, read(type, clock, problems));
        }
        return new EffectiveSettings(Collections.unmodifiableMap(events), List.copyOf(problems));
    }

    /** The settings of one event type. */
    public EventSettings of(Class<? extends Event> type) {
        return events.getOrDefault(type, EventSettings.OFF);
    }

    /** Whether any recording wants one of these. */
    public boolean anyEnabled(List<Class<? extends Event>> types) {
        return types.stream().anyMatch(type -> of(type).enabled());
    }

    private static EventSettings read(Class<? extends Event> type, KernelClock clock, List<String> problems) {
        EventType eventType = EventType.getEventType(type);
        if (!eventType.isEnabled()) {
            return EventSettings.OFF;
        }
        Scope scope = Scope.HOST;
        double perSecond = ThrottleSetting.UNLIMITED;
        boolean waiting = false;
        boolean arguments = false;
        ErrorSet errors = new ErrorSet(true, Set.of());
        long threshold = 0;
        if (ScopedEvent.class.isAssignableFrom(type)) {
            ScopedEvent event = scratch(type);
            for (KernelSetting setting : event.settings()) {
                switch (setting) {
                    case ScopeSetting each -> scope = each.scope();
                    case ThrottleSetting each -> perSecond = each.perSecond();
                    case WaitingSetting each -> waiting = each.on();
                    case ArgumentsSetting each -> arguments = each.on();
                    case ErrorsSetting each -> errors = each.errors();
                }
                if (!setting.problem().isEmpty()) {
                    problems.add(eventType.getName() + ": " + setting.problem() + "; taken as " + setting.instead());
                }
            }
            threshold = event instanceof KernelEvent ? nanos(thresholdTicks(event), clock) : 0;
        }
        return new EventSettings(perSecond > 0, threshold, scope, perSecond, waiting, arguments, errors);
    }

    private static ScopedEvent scratch(Class<? extends Event> type) {
        try {
            return (ScopedEvent) type.getConstructor().newInstance();
        } catch (ReflectiveOperationException impossible) {
            throw new IllegalStateException("event type without public constructor: " + type.getName(), impossible);
        }
    }

    /** The shortest duration that JFR would record, found by halving; {@code Long.MAX_VALUE} if not even that is certain. */
    private static long thresholdTicks(ScopedEvent event) {
        long tooShort = 0;
        long enough = Long.MAX_VALUE;
        while (enough - tooShort > 1) {
            long middle = tooShort + (enough - tooShort) / 2;
            event.times(1, middle);
            if (event.shouldCommit()) {
                enough = middle;
            } else {
                tooShort = middle;
            }
        }
        return enough == 1 ? 0 : enough;
    }

    private static long nanos(long ticks, KernelClock clock) {
        if (ticks == Long.MAX_VALUE || clock.ticksAreNanoseconds()) {
            return ticks;
        }
        return (long) (clock.nanos(ticks) * SLIGHTLY_LESS);
    }
}
