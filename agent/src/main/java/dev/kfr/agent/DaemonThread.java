// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent;

import dev.kfr.bpf.linux.Threads;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The agent's threads: none keeps the JVM alive, nor anything of the service's thread that happened to be the first to need it. Those that run are
 * known by the kernel's ids, since what they do is neither recorded nor counted.
 */
public final class DaemonThread {
    private static final Set<Integer> RUNNING = ConcurrentHashMap.newKeySet();
    private static volatile Runnable listener = () -> {};

    private DaemonThread() {}

    /** A thread that has not been started, without context class loader and without what other threads hand down. */
    public static Thread of(String name, Runnable task) {
        var thread = Thread.ofPlatform()
                .name(name)
                .daemon()
                .inheritInheritableThreadLocals(false)
                .unstarted(() -> run(task));
        thread.setContextClassLoader(null); // the system class loader otherwise
        return thread;
    }

    private static void run(Runnable task) {
        int id = currentId();
        RUNNING.add(id);
        listener.run();
        try {
            task.run();
        } finally {
            RUNNING.remove(id);
            listener.run(); // its id may be another thread's soon
        }
    }

    private static int currentId() {
        try {
            return Threads.currentId();
        } catch (RuntimeException | LinkageError noSystemCalls) {
            return 0; // and nothing to leave out either
        }
    }

    /** Ids of those that run, in this process's own pid namespace, in ascending order. */
    public static int[] ids() {
        return RUNNING.stream()
                .mapToInt(Integer::intValue)
                .filter(id -> id > 0)
                .sorted()
                .toArray();
    }

    /** @param changed called on each thread that starts or ends, as soon as {@link #ids} says so; must not fail */
    public static void listener(Runnable changed) {
        listener = changed;
    }
}
