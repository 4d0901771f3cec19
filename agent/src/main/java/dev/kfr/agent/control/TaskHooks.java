// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.control;

import java.util.List;

/** What reads the kernel's own counters of threads: {@code tasks.bpf.h}. Several subjects are made of them. */
public final class TaskHooks {
    /** The eBPF object that holds the programs. */
    public static final String OBJECT = "cpu";

    /** Walks over all threads when it is read; attached, it costs nothing. */
    public static final Hook ITERATOR = Hook.of(OBJECT, "tasks", "iter");

    /** A thread's structure is freed: what it has used up is final. */
    public static final Hook FREE = Hook.of(OBJECT, "task_free", "btf", "raw");

    /** The end before the first look, so that no thread ends unseen. */
    public static final List<Hook> BOTH = List.of(FREE, ITERATOR);

    private TaskHooks() {}
}
