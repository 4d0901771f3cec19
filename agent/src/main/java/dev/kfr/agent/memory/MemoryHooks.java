// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.memory;

import dev.kfr.agent.control.Hook;
import dev.kfr.bpf.PerfEvent;
import dev.kfr.bpf.linux.KernelVersion;
import java.util.ArrayList;
import java.util.List;

/** The places in the kernel that tell of memory. */
final class MemoryHooks {
    /** The eBPF object for threads that wait for memory. */
    static final String WAITS = "memory";

    /** The eBPF object for what the kernel allocates: apart, since its maps are large. */
    static final String ALLOCATIONS = "kernel_memory";

    /** The beginnings of page faults; other architectures than x86-64 don't tell of them. */
    static final List<Hook> FAULT_BEGINNINGS = System.getProperty("os.arch").equals("amd64")
            ? List.of(
                    Hook.of(WAITS, "page_fault_user", "btf", "raw"), Hook.of(WAITS, "page_fault_kernel", "btf", "raw"))
            : List.of();

    /** Major page faults, at their end. The file that is mapped can be asked for from Linux 6.1 on. */
    private static final Hook FAULT = Hook.of(PerfEvent.majorPageFaults(), WAITS, "major_fault", "perf_named", "perf");

    /** Threads that free memory, of the host or of a cgroup: each ends and begins. */
    static final List<Hook> RECLAIM = List.of(
            Hook.of(WAITS, "reclaim_end", "btf", "raw"),
            Hook.of(WAITS, "cgroup_reclaim_end", "btf", "raw"),
            Hook.of(WAITS, "reclaim_begin", "btf", "raw"),
            Hook.of(WAITS, "cgroup_reclaim_begin", "btf", "raw"));

    private static final KernelVersion ONE_EVENT_FOR_ALL_NODES = new KernelVersion(6, 1);

    private MemoryHooks() {}

    static List<Hook> faults() {
        var hooks = new ArrayList<>(FAULT_BEGINNINGS);
        hooks.add(FAULT);
        return hooks;
    }

    /** Frees come first: nothing is remembered that is freed unseen. */
    static List<Hook> allocations() {
        var hooks = new ArrayList<>(List.of(allocation("kfree"), allocation("kmem_cache_free")));
        hooks.add(allocation("kmalloc"));
        hooks.add(allocation("kmem_cache_alloc"));
        if (KernelVersion.running().compareTo(ONE_EVENT_FOR_ALL_NODES) < 0) {
            hooks.add(allocation("kmalloc_node"));
            hooks.add(allocation("kmem_cache_alloc_node"));
        }
        return hooks;
    }

    private static Hook allocation(String name) {
        return Hook.of(ALLOCATIONS, name, "btf", "raw");
    }
}
