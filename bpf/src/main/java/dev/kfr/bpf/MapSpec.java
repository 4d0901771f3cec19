// SPDX-License-Identifier: Apache-2.0
package dev.kfr.bpf;

import java.util.SortedMap;

/**
 * A map as its object describes it: one of the section {@code .maps}, or a data section, which is an array with one
 * entry.
 *
 * @param name the variable's name, or the section's ({@code ".rodata"}, {@code ".data.settings"})
 * @param keySize bytes
 * @param valueSize bytes; for a per-CPU kind of one CPU's value
 * @param maxEntries as written, 0 if the object leaves it open; a ring buffer's size in bytes
 * @param flags {@code map_flags}
 * @param extra {@code map_extra}, as of Linux 5.16
 * @param keyTypeId BTF id of the key's type in {@link BpfObject#btfForKernel()}, 0 if there is none or the kernel
 *     does not want it for this kind of map
 * @param valueTypeId BTF id of the value's type, likewise
 * @param inner what the maps in a map of maps look like; null in every other map
 * @param initial entries of a map of maps that the object initialises: index to name of the map
 * @param content bytes of a data section at the start; empty for {@code .bss} (all zero) and maps of {@code .maps}.
 *     Not to be changed
 */
public record MapSpec(
        String name,
        MapType type,
        int keySize,
        int valueSize,
        int maxEntries,
        int flags,
        long extra,
        int keyTypeId,
        int valueTypeId,
        MapSpec inner,
        SortedMap<Integer, String> initial,
        byte[] content) {
    /** {@code BPF_F_NO_PREALLOC}. */
    public static final int NO_PREALLOCATION = 1;
    /** {@code BPF_F_RDONLY_PROG}: programs can't write; with the map frozen the verifier knows its content. */
    public static final int READ_ONLY_FOR_PROGRAMS = 1 << 7;
    /** {@code BPF_F_MMAPABLE}, Linux 5.5. */
    public static final int MAPPABLE = 1 << 10;

    /** The same map with another capacity. */
    public MapSpec withMaxEntries(int entries) {
        return new MapSpec(
                name, type, keySize, valueSize, entries, flags, extra, keyTypeId, valueTypeId, inner, initial, content);
    }

    /** The same data section with other bytes, of the same number. */
    public MapSpec withContent(byte[] bytes) {
        return new MapSpec(
                name,
                type,
                keySize,
                valueSize,
                maxEntries,
                flags,
                extra,
                keyTypeId,
                valueTypeId,
                inner,
                initial,
                bytes);
    }

    /** Whether this is a data section: global variables of the C program. */
    public boolean isData() {
        return name.startsWith(".");
    }

    /** Whether this holds constants: to be frozen once its content is written. */
    public boolean isConstant() {
        return isData() && (flags & READ_ONLY_FOR_PROGRAMS) != 0;
    }
}
