// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.control;

import java.util.List;

/**
 * Both ends of each system call, which several subjects share: a program on the busiest hooks that there are is there once.
 */
public final class SyscallHooks {
    /** The eBPF object that holds the programs. */
    public static final String OBJECT = "syscalls";

    /** The beginning: gives calls their duration. */
    public static final Hook ENTER = Hook.of(OBJECT, "sys_enter", "btf", "raw", "classic");

    /** The end: counts and records them. */
    public static final Hook EXIT = Hook.of(OBJECT, "sys_exit", "btf", "raw", "classic");

    /** What everything that has a duration needs. The end comes first: no call is seen to begin and not to end. */
    public static final List<Hook> BOTH = List.of(EXIT, ENTER);

    private SyscallHooks() {}
}
