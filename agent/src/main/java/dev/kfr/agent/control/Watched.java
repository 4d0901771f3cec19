// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.control;

/** Whose activity the scopes {@code jvm} and {@code container} mean. */
public sealed interface Watched {
    /** An agent's: its own process and its own container. */
    Watched SELF = new Self();

    /** This process. */
    record Self() implements Watched {}

    /**
     * Another process, which the scope {@code jvm} then means.
     *
     * @param pid in this process's own pid namespace
     */
    record OtherProcess(int pid) implements Watched {}

    /**
     * A container, which the scope {@code container} then means.
     *
     * @param name as in the field {@code container} of events, its whole id, or the path of a cgroup
     */
    record OtherContainer(String name) implements Watched {}
}
