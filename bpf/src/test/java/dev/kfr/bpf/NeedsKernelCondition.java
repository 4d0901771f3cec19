// SPDX-License-Identifier: Apache-2.0
package dev.kfr.bpf;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Decides about {@link NeedsKernel}: this process's capabilities and the kernel's BTF. */
final class NeedsKernelCondition implements ExecutionCondition {
    // capability numbers of include/uapi/linux/capability.h
    private static final long SYS_ADMIN = 1L << 21;
    private static final long PERFMON_AND_BPF = 1L << 38 | 1L << 39;

    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
        String obstacle = obstacle();
        if (obstacle.isEmpty()) {
            return ConditionEvaluationResult.enabled("this process may load eBPF programs");
        }
        if ("true".equals(System.getenv("CI")) || "1".equals(System.getenv("KFR_REQUIRE_KERNEL"))) {
            throw new IllegalStateException("kernel tests are required but " + obstacle);
        }
        return ConditionEvaluationResult.disabled(obstacle);
    }

    private static String obstacle() {
        if (!Files.isReadable(Path.of("/sys/kernel/btf/vmlinux"))) {
            return "/sys/kernel/btf/vmlinux can't be read";
        }
        long capabilities;
        try (var status = Files.lines(Path.of("/proc/self/status"))) {
            capabilities = status.filter(line -> line.startsWith("CapEff:"))
                    .mapToLong(line -> Long.parseUnsignedLong(
                            line.substring("CapEff:".length()).strip(), 16))
                    .findFirst()
                    .orElse(0);
        } catch (IOException e) {
            return "the capabilities of this process can't be read: " + e.getMessage();
        }
        boolean sufficient = (capabilities & SYS_ADMIN) != 0 || (capabilities & PERFMON_AND_BPF) == PERFMON_AND_BPF;
        return sufficient ? "" : "this process has neither CAP_SYS_ADMIN nor both CAP_BPF and CAP_PERFMON";
    }
}
