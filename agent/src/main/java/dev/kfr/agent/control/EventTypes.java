// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.control;

import dev.kfr.events.KernelEvents;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Consumer;
import jdk.jfr.Event;
import jdk.jfr.FlightRecorder;

/**
 * Our event types and periodic hooks, as long as JFR knows them. To be made and closed on a thread of ours, after JFR has started: registering
 * the first type starts it, and takes a tenth of a second. Not thread-safe.
 */
public final class EventTypes implements AutoCloseable {
    private final Deque<Runnable> undo = new ArrayDeque<>();
    private final Consumer<Throwable> failures;

    /**
     * Registers all event types.
     *
     * @param failures told what a hook throws, on a thread of JFR
     */
    public EventTypes(Consumer<Throwable> failures) {
        this.failures = failures;
        try {
            for (Class<? extends Event> type : KernelEvents.ALL) {
                FlightRecorder.register(type);
                undo.push(() -> FlightRecorder.unregister(type));
            }
        } catch (RuntimeException | Error failure) {
            close();
            throw failure;
        }
    }

    /**
     * Has {@code hook} called at each period of an event type, on threads of JFR: hooks of several types may run at once. A hook must not wait for
     * a thread that calls {@code FlightRecorder}.
     */
    public void onPeriod(Class<? extends Event> type, Runnable hook) {
        Runnable harmless = () -> run(hook);
        FlightRecorder.addPeriodicEvent(type, harmless);
        undo.push(() -> FlightRecorder.removePeriodicEvent(harmless));
    }

    /** Takes back all of it, last things first. Recordings that are running keep what they hold. */
    @Override
    public void close() {
        while (!undo.isEmpty()) {
            run(undo.pop());
        }
    }

    /** JFR prints what comes out of a hook to the service's standard output. */
    private void run(Runnable step) {
        try {
            step.run();
        } catch (Throwable failure) {
            try {
                failures.accept(failure);
            } catch (Throwable ignored) {
                // There is nobody left to tell.
            }
        }
    }
}
