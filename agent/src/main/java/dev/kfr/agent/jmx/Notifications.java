// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.jmx;

import java.time.Instant;

/**
 * What {@code kernel:type=Agent} tells its listeners without being asked. Returns at once and never throws: listeners are called on another thread, and
 * those that are slow miss notifications rather than hold up the reader. Any thread may call.
 */
public interface Notifications {
    /** Nobody can listen: module java.management is absent, or MBeans are switched off. */
    Notifications NONE = (kind, time, message) -> {};

    /** The kinds of notifications; {@link #type} is what listeners filter by. */
    enum Kind {
        /** The kernel killed a process because memory ran out. */
        OUT_OF_MEMORY_KILL("kernel.oomkill"),
        /** SIGTERM, SIGINT or SIGHUP was sent to this JVM. */
        SIGNAL("kernel.signal"),
        /** Events were lost. */
        LOSS("kernel.loss"),
        /** The state of a probe changed. */
        PROBE("kernel.probe");

        private final String type;

        Kind(String type) {
            this.type = type;
        }

        public String type() {
            return type;
        }
    }

    /**
     * Tells listeners.
     *
     * @param time when it happened
     * @param message a sentence for an operator
     */
    void tell(Kind kind, Instant time, String message);
}
