// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.record;

import dev.kfr.bpf.BpfObject;
import dev.kfr.bpf.StructLayout;
import java.io.IOException;
import java.io.UncheckedIOException;

/** Layouts of what kernel and Java share, from the compiled object: for tests that play the kernel. */
public final class CompiledLayouts {
    private static final BpfObject SYSCALLS = read("/bpf/x86_64/syscalls.bpf.o");

    private CompiledLayouts() {}

    public static StructLayout of(String struct) {
        return SYSCALLS.struct(struct);
    }

    private static BpfObject read(String resource) {
        try (var in = BpfObject.class.getResourceAsStream(resource)) {
            return BpfObject.parse(resource, in.readAllBytes());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
