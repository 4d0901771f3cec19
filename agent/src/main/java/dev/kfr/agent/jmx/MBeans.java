// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.jmx;

import java.util.List;

/**
 * The agent's MBeans in the platform MBean server. They appear as soon as somebody has started it, at the latest {@value #LATEST_MILLIS} ms after
 * the agent; until then nothing of it is touched, since that would freeze the service's choice of log manager and MBean server builder. All
 * work is done on a thread of its own, which ends with it.
 *
 * <p>Without module java.management there are none. Thread-safe.
 */
public final class MBeans implements AutoCloseable {
    static final long LATEST_MILLIS = 5_000;
    static final String AGENT = "kernel:type=Agent";

    /**
     * An MBean to be.
     *
     * @param type as in {@code kernel:type=Syscalls}
     * @param mxbean its interface
     * @param monitor what implements it
     */
    public record Bean(String type, Class<?> mxbean, Monitor monitor) {}

    private final Registration registration; // null: no module java.management

    private MBeans(Registration registration) {
        this.registration = registration;
    }

    /**
     * Registers them as soon as it may be.
     *
     * @param atOnce whether the service runs already, as after an attach: then nothing has to be waited for
     */
    public static MBeans register(List<Bean> beans, boolean atOnce) {
        if (ModuleLayer.boot().findModule("java.management").isEmpty()) {
            return new MBeans(null);
        }
        var registration = new Registration(beans);
        registration.start(atOnce ? 0 : LATEST_MILLIS);
        return new MBeans(registration);
    }

    /** Where to tell listeners of the Agent MBean. */
    public Notifications notifications() {
        return registration == null ? Notifications.NONE : registration.notifications();
    }

    /** Removes them, or gives up waiting. */
    @Override
    public void close() {
        if (registration != null) {
            registration.close();
        }
    }
}
