// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.record;

import dev.kfr.bpf.BpfObject;
import dev.kfr.bpf.StructLayout;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The compiled objects, and from them layouts of what kernel and Java share: for tests that play the kernel. */
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

    /** As it is loaded on this machine. */
    public static BpfObject object(String name) {
        return OBJECTS.computeIfAbsent(name, CompiledLayouts::read);
    }

    private static BpfObject read(String name) {
        String architecture = System.getProperty("os.arch").equals("aarch64") ? "aarch64" : "x86_64";
        try (var in = BpfObject.class.getResourceAsStream("/bpf/" + architecture + "/" + name + ".bpf.o")) {
            return BpfObject.parse(name, in.readAllBytes());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
