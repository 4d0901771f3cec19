// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.record;

import dev.kfr.bpf.BpfObject;
import dev.kfr.bpf.StructLayout;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Layouts of what kernel and Java share, from the compiled object: for tests that play the kernel. */
public final class CompiledLayouts {
    private static final Map<String, BpfObject> OBJECTS = new ConcurrentHashMap<>();

    private CompiledLayouts() {}

    public static StructLayout of(String struct) {
        return of("syscalls", struct);
    }

    /** @param object such as {@code syscalls} */
    public static StructLayout of(String object, String struct) {
        return object(object).struct(struct);
    }

    /** The value of a constant of an enum. */
    public static long constant(String object, String type, String constant) {
        return object(object).enumValue(type, constant);
    }

    private static BpfObject object(String name) {
        return OBJECTS.computeIfAbsent("/bpf/x86_64/" + name + ".bpf.o", CompiledLayouts::read);
    }

    private static BpfObject read(String resource) {
        try (var in = BpfObject.class.getResourceAsStream(resource)) {
            return BpfObject.parse(resource, in.readAllBytes());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
