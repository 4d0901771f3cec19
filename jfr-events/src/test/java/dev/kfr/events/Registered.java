// SPDX-License-Identifier: Apache-2.0
package dev.kfr.events;

import java.util.List;
import jdk.jfr.Event;
import jdk.jfr.FlightRecorder;

/** Our event types, registered for the time of a test. */
final class Registered implements AutoCloseable {
    private final List<Class<? extends Event>> types;

    Registered(List<Class<? extends Event>> types) {
        this.types = types;
        types.forEach(FlightRecorder::register);
    }

    Registered() {
        this(KernelEvents.ALL);
    }

    @Override
    public void close() {
        types.forEach(FlightRecorder::unregister);
    }
}
