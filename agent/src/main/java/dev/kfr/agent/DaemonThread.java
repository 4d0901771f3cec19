// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent;

/** The agent's threads: none keeps the JVM alive, nor anything of the service's thread that happened to be the first to need it. */
public final class DaemonThread {
    private DaemonThread() {}

    /** A thread that has not been started, without context class loader and without what other threads hand down. */
    public static Thread of(String name, Runnable task) {
        var thread = Thread.ofPlatform()
                .name(name)
                .daemon()
                .inheritInheritableThreadLocals(false)
                .unstarted(task);
        thread.setContextClassLoader(null); // the system class loader otherwise
        return thread;
    }
}
