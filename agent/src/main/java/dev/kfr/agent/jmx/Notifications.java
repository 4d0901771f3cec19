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
        OUT_OF_MEMORY_KILL("kernel.oomkill", "The kernel killed a process because memory had run out"),
        SIGNAL("kernel.signal", "SIGTERM, SIGINT or SIGHUP was sent to this JVM; the message names the sender"),
        LOSS("kernel.loss", "Events were lost; the message says how many and why"),
        PROBE("kernel.probe", "A probe was attached or detached, or could not be; the message says why");

        private final String type;
        private final String description;

        Kind(String type, String description) {
            this.type = type;
            this.description = description;
        }

        /** When it comes, in a sentence for an operator. */
        public String description() {
            return description;
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
