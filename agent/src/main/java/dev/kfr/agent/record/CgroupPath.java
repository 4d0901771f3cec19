// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.record;

import dev.kfr.bpf.StructLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;

/** {@code struct cgroup_path}: the names of a cgroup and of those that it is in, innermost first. */
public final class CgroupPath {
    private static final String NAMES = "names";

    private CgroupPath() {}

    /**
     * The path from the root of the hierarchy, as the kernel has it; {@code /} for the root.
     *
     * @param memory that holds the struct
     * @param position of the struct
     * @param path its layout
     */
    public static String of(MemorySegment memory, long position, StructLayout path) {
        int room = path.field(NAMES + "[0]").size();
        int end = path.field(NAMES).offset() + path.field(NAMES).size();
        var parts = new ArrayDeque<String>();
        for (int at = path.field(NAMES).offset(); at < end; at += room) {
            String name = name(memory.asSlice(position + at, room).toArray(ValueLayout.JAVA_BYTE));
            if (name.isEmpty()) {
                break;
            }
            parts.addFirst(name);
        }
        return "/" + String.join("/", parts);
    }

    private static String name(byte[] bytes) {
        int end = 0;
        while (end < bytes.length && bytes[end] != 0) {
            end++;
        }
        return new String(bytes, 0, end, StandardCharsets.UTF_8);
    }
}
