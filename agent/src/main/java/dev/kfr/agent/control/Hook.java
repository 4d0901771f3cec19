// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.control;

import dev.kfr.bpf.BpfLink;
import dev.kfr.bpf.BpfProgram;
import dev.kfr.bpf.PerfEvent;
import dev.kfr.bpf.linux.KernelVersion;
import java.util.ArrayList;
import java.util.List;

/**
 * A place in the kernel that programs are attached to, and the programs that can serve it.
 *
 * @param name as users see it, such as {@code sys_exit}
 * @param object the eBPF object that holds the programs, such as {@code syscalls}
 * @param variants names of the programs, in order of preference; they do the same
 * @param event what programs of a perf event are attached to; null for others, which say themselves where they belong
 */
public record Hook(String name, String object, List<String> variants, PerfEvent event) {
    /** Suffix of a variant on a classic tracepoint: slower, and exact where the kernel skips runs of the others. */
    static final String CLASSIC = "_classic";

    /** A hook whose variants are named after it: {@code of("syscalls", "sys_exit", "btf", "raw", "classic")}. */
    public static Hook of(String object, String name, String... suffixes) {
        return new Hook(
                name,
                object,
                List.of(suffixes).stream().map(suffix -> name + "_" + suffix).toList(),
                null);
    }

    /** A hook of a perf event, whose variants are named after it likewise. */
    public static Hook of(PerfEvent event, String object, String name, String... suffixes) {
        return new Hook(name, object, of(object, name, suffixes).variants, event);
    }

    public Hook {
        variants = List.copyOf(variants);
    }

    /**
     * Whether variants on classic tracepoints are the better choice: from Linux 7.0 on tracepoints run preemptibly, and the kernel skips
     * runs of a program on a raw one while the same program is active on that CPU. See docs/kernels.md.
     */
    public static boolean classicFirst(KernelVersion kernel) {
        return kernel.atLeast(7, 0);
    }

    /** The variants in the order in which they are tried. */
    List<String> order(boolean classicFirst) {
        var order = new ArrayList<>(variants);
        if (classicFirst) {
            order.sort((a, b) -> Boolean.compare(b.endsWith(CLASSIC), a.endsWith(CLASSIC)));
        }
        return List.copyOf(order);
    }

    /** Attaches a program that was loaded to serve it. */
    BpfLink attach(BpfProgram program) {
        return event == null ? program.attach() : program.attach(event);
    }

    /** Hooks are known by their names. (Linking the generated method costs the start of a JVM 40 ms.) */
    @Override
    public boolean equals(Object other) {
        return other instanceof Hook hook && hook.name.equals(name);
    }

    @Override
    public int hashCode() {
        return name.hashCode();
    }
}
