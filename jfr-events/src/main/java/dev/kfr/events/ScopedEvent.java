// SPDX-License-Identifier: Apache-2.0
package dev.kfr.events;

import java.util.ArrayList;
import java.util.List;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.SettingDefinition;
import jdk.jfr.StackTrace;

/**
 * An event about something that the kernel saw, in all of the host or in a part of it. Its times are set before each commit with {@link
 * #times}. An event object may be used again for the next event; it belongs to one thread.
 *
 * <p>JFR matches the settings of a class by the order in which it finds them, and looks in two ways, which differ in what they take
 * for a setting: a concrete class must not define more than one of its own, and no other method of an event class may take
 * a control and return a boolean.
 */
@StackTrace(false)
public abstract class ScopedEvent extends Event {
    private transient List<KernelSetting> seen;

    /**
     * Sets when the event began and how long it took, in ticks of JFR's clock. 0 as start means the time of the commit; an event
     * without extent has duration 0, which is stored as 1 tick.
     */
    public abstract void times(long startTicks, long durationTicks);

    /**
     * The controls of this event type, which JFR shows to an event alone. They are the same objects as long as the type is
     * registered; the list is empty while no recording has the event enabled. For an event object made for this purpose.
     */
    public final List<KernelSetting> settings() {
        seen = new ArrayList<>();
        times(1, Long.MAX_VALUE);
        shouldCommit();
        List<KernelSetting> result = List.copyOf(seen);
        seen = null;
        return result;
    }

    @SettingDefinition
    @Label("Scope")
    @Description(
            "Whose activity is recorded: host, container (this control group and below), jvm, or default (the agent's option)")
    protected boolean scope(ScopeSetting setting) {
        show(setting);
        return true;
    }

    /** For each setting's method, which then lets the event pass: settings are applied in the kernel, before there is an event. */
    protected final void show(KernelSetting setting) {
        if (seen != null) {
            seen.add(setting);
        }
    }
}
