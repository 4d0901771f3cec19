// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent;

import java.util.Optional;

/**
 * Which optional modules of the JDK this JVM has; code that uses one lies in classes of its own, not touched without it.
 *
 * @param jfr whether there can be events ({@code jdk.jfr})
 * @param management whether there can be MBeans ({@code java.management})
 */
public record RuntimeModules(boolean jfr, boolean management) {
    /** What this JVM was started with. */
    public static RuntimeModules present() {
        return new RuntimeModules(has("jdk.jfr"), has("java.management"));
    }

    /** Whether the kernel's activity can be shown at all. */
    public boolean sufficient() {
        return jfr || management;
    }

    /** What is missing, its consequence and the remedy in one sentence; empty if nothing is. */
    public Optional<String> complaint() {
        if (jfr && management) {
            return Optional.empty();
        }
        if (!sufficient()) {
            return Optional.of(
                    "this Java runtime has neither module jdk.jfr nor java.management, one of which has to show"
                            + " what the kernel does: link it with --add-modules jdk.jfr,java.management");
        }
        return Optional.of(
                jfr
                        ? "this Java runtime has no module java.management: there are events and no MBeans"
                        : "this Java runtime has no module jdk.jfr: there are MBeans and no events");
    }

    private static boolean has(String module) {
        return ModuleLayer.boot().findModule(module).isPresent();
    }
}
