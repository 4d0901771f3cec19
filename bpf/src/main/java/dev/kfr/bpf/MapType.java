// SPDX-License-Identifier: Apache-2.0
package dev.kfr.bpf;

/** Kinds of maps, those that tracing uses. The numbers are {@code enum bpf_map_type} of {@code linux/bpf.h}. */
public enum MapType {
    HASH(1),
    ARRAY(2),
    PERF_EVENT_ARRAY(4),
    PER_CPU_HASH(5),
    PER_CPU_ARRAY(6),
    STACK_TRACE(7),
    CGROUP_ARRAY(8),
    LRU_HASH(9),
    LRU_PER_CPU_HASH(10),
    LPM_TRIE(11),
    ARRAY_OF_MAPS(12),
    HASH_OF_MAPS(13),
    QUEUE(22),
    STACK(23),
    SOCKET_STORAGE(24),
    /** Linux 5.8. */
    RING_BUFFER(27),
    /** Linux 5.10. */
    INODE_STORAGE(28),
    /** Linux 5.11. */
    TASK_STORAGE(29),
    /** Linux 5.16. */
    BLOOM_FILTER(30),
    /** Linux 6.2. */
    CGROUP_STORAGE(32);

    private final int kernelType;

    MapType(int kernelType) {
        this.kernelType = kernelType;
    }

    /** The value for {@code map_type}. */
    public int kernelType() {
        return kernelType;
    }

    /** Whether each entry has one value for every possible CPU. */
    public boolean perCpu() {
        return this == PER_CPU_HASH || this == PER_CPU_ARRAY || this == LRU_PER_CPU_HASH;
    }

    /** Whether the values are maps. */
    public boolean mapOfMaps() {
        return this == ARRAY_OF_MAPS || this == HASH_OF_MAPS;
    }

    /** Whether the kernel accepts BTF ids of key and value when such a map is created. */
    boolean takesTypes() {
        return switch (this) {
            case PERF_EVENT_ARRAY, STACK_TRACE, CGROUP_ARRAY, ARRAY_OF_MAPS, HASH_OF_MAPS, QUEUE, STACK, RING_BUFFER ->
                false;
            default -> true;
        };
    }

    static MapType of(int kernelType) {
        for (MapType type : values()) {
            if (type.kernelType == kernelType) {
                return type;
            }
        }
        throw new BpfException(
                BpfException.Reason.INVALID, "parse map", "map type " + kernelType + " is none that tracing uses");
    }
}
