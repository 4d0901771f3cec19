// SPDX-License-Identifier: Apache-2.0
package dev.kfr.events;

/**
 * Tells that JFR gave settings to the controls of our events: a recording started, stopped or changed, ours or another tool's. Each
 * such change reaches at least the {@code scope} of every registered event, see {@link ScopeSetting}.
 */
public final class SettingsChange {
    private static final Runnable NOBODY = () -> {};
    private static volatile Runnable listener = NOBODY;

    private SettingsChange() {}

    /**
     * Has {@code wake} called after each change, several times for one change, on threads of JFR that hold its locks: it must return
     * at once, call nothing of JFR, and not throw. There is one listener; {@code null} removes it.
     */
    public static void onChange(Runnable wake) {
        listener = wake == null ? NOBODY : wake;
    }

    static void happened() {
        try {
            listener.run();
        } catch (Throwable ignored) {
            // JFR would print it to the service's standard output.
        }
    }
}
