// SPDX-License-Identifier: Apache-2.0
package dev.kfr.bpf;

import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What this machine offers to programs. Not each can have trampolines, kprobes or tracefs; where {@code KFR_REQUIRE_VARIANTS=1} is in the
 * environment (bin/kernels sets it) all are there, and a test may not do without.
 */
public final class Machine {
    private Machine() {}

    /** Whether everything that the kernel can have must be there. */
    public static boolean mustHaveVariants() {
        return "1".equals(System.getenv("KFR_REQUIRE_VARIANTS"));
    }

    /** Whether classic tracepoints can be attached to. */
    public static boolean hasTracefs() {
        return Files.exists(Path.of("/sys/kernel/tracing/events"))
                || Files.exists(Path.of("/sys/kernel/debug/tracing"));
    }

    /** Whether the kernel has kprobes. */
    public static boolean hasKprobes() {
        return Files.exists(Path.of("/sys/bus/event_source/devices/kprobe"));
    }
}
