// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.control;

import dev.kfr.events.SettingsChange;
import jdk.jfr.FlightRecorder;
import jdk.jfr.FlightRecorderListener;
import jdk.jfr.Recording;

/**
 * Wakes the agent when JFR starts and whenever what the recordings ask for may have changed: a recording started or stopped, its settings
 * changed, whoever did it. Watching does not start JFR, and costs no thread.
 */
public final class RecorderWatch implements AutoCloseable {
    private final Runnable wake;
    private final FlightRecorderListener listener = new Listener();
    private volatile boolean started;

    /**
     * Begins to watch; calls {@code wake} before it returns if JFR runs already.
     *
     * @param wake called on threads of JFR that hold its locks, often several times for one change: only wakes another thread, and calls nothing of JFR
     */
    public RecorderWatch(Runnable wake) {
        this.wake = wake;
        SettingsChange.onChange(wake);
        FlightRecorder.addListener(listener);
    }

    /** Whether JFR has been started, so that event types can be registered without starting it. */
    public boolean started() {
        return started;
    }

    @Override
    public void close() {
        SettingsChange.onChange(null);
        FlightRecorder.removeListener(listener);
    }

    private void changed() {
        try {
            wake.run();
        } catch (Throwable ignored) {
            // JFR would print it to the service's standard output.
        }
    }

    private final class Listener implements FlightRecorderListener {
        @Override
        public void recorderInitialized(FlightRecorder recorder) {
            started = true;
            changed();
        }

        @Override
        public void recordingStateChanged(Recording recording) {
            changed();
        }
    }
}
