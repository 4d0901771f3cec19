// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.control;

import java.util.List;

/**
 * Hooks of the life of processes. They run rarely, so some of them stay attached as long as the agent runs: what others remember of a thread or
 * process ends with it, and a signal that may end this JVM is told at once, as is a process that is killed for its memory.
 */
public final class LifeCycle {
    /** The eBPF object that holds the programs. */
    public static final String OBJECT = Kernel.BASE;

    /** A process is forked. */
    public static final Hook FORK = Hook.of(OBJECT, "process_fork", "btf", "raw", "classic");

    /** A process runs a program. */
    public static final Hook EXEC = Hook.of(OBJECT, "process_exec", "btf", "raw", "classic");

    /** A thread or process ends. */
    public static final Hook EXIT = Hook.of(OBJECT, "process_exit", "btf", "raw", "classic");

    /** A signal is sent. */
    public static final Hook SIGNAL = Hook.of(OBJECT, "signal", "btf", "raw");

    /** A process is killed since memory ran out. */
    public static final Hook KILL = Hook.of(OBJECT, "oom_kill", "btf", "raw");

    /** What stays attached. */
    static final List<Hook> HOOKS = List.of(EXIT, EXEC, SIGNAL, KILL);

    private LifeCycle() {}
}
