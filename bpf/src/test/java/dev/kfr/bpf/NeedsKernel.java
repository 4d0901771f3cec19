// SPDX-License-Identifier: Apache-2.0
package dev.kfr.bpf;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Marks a test that loads eBPF programs into the running kernel. Where this process may not do so, or the kernel has
 * no BTF, the test is skipped; with {@code CI=true} or {@code KFR_REQUIRE_KERNEL=1} in the environment it fails
 * instead, so that a build that claims to be complete can't leave these tests out in silence.
 */
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(NeedsKernelCondition.class)
public @interface NeedsKernel {}
