// SPDX-License-Identifier: Apache-2.0
package dev.kfr.events;

import java.util.ArrayList;
import java.util.List;
import jdk.jfr.Event;
import jdk.jfr.FlightRecorder;
import jdk.jfr.Period;

/** Our event types, registered for the time of a test, those with a period with a hook as the agent has it. */
final class Registered implements AutoCloseable {
    private final List<Class<? extends Event>> types;
    private final List<Runnable> hooks = new ArrayList<>();

    Registered(List<Class<? extends Event>> types) {
        this.types = types;
        types.forEach(FlightRecorder::register);
        for (Class<? extends Event> type : types) {
            if (type.isAnnotationPresent(Period.class)) {
                // Not a lambda: JFR tells hooks apart by identity, and a lambda without state is one object.
                hooks.add(new Runnable() {
                    @Override
                    public void run() {}
                });
                FlightRecorder.addPeriodicEvent(type, hooks.getLast());
            }
        }
    }

    Registered() {
        this(KernelEvents.ALL);
    }

    @Override
    public void close() {
        hooks.forEach(FlightRecorder::removePeriodicEvent);
        types.forEach(FlightRecorder::unregister);
    }
}
