// SPDX-License-Identifier: Apache-2.0
package dev.kfr.bpf;

import dev.kfr.bpf.linux.BpfAttributes;
import dev.kfr.bpf.linux.BpfCommand;
import dev.kfr.bpf.linux.Capabilities;
import dev.kfr.bpf.linux.Cpus;
import dev.kfr.bpf.linux.Descriptor;
import dev.kfr.bpf.linux.Errno;
import dev.kfr.bpf.linux.MemoryLock;
import dev.kfr.bpf.linux.PageSize;

/** Creates maps as their specs say: {@code BPF_MAP_CREATE}, with what older kernels refuse left out. */
final class MapCreation {
    // offsets in union bpf_attr
    private static final int TYPE = 0;
    private static final int KEY_SIZE = 4;
    private static final int VALUE_SIZE = 8;
    private static final int MAX_ENTRIES = 12;
    private static final int FLAGS = 16;
    private static final int INNER_MAP_FD = 20;
    private static final int NAME = 28;
    private static final int BTF_FD = 48;
    private static final int BTF_KEY_TYPE_ID = 52;
    private static final int BTF_VALUE_TYPE_ID = 56;
    private static final int EXTRA = 64;

    private MapCreation() {}

    /** What the kernel will make of a spec: sizes that depend on the machine are filled in. */
    static MapSpec forThisMachine(MapSpec spec) {
        return switch (spec.type()) {
            case RING_BUFFER -> {
                int wanted = Math.max(spec.maxEntries(), PageSize.bytes());
                int powerOfTwo = Integer.highestOneBit(wanted);
                yield spec.withMaxEntries(powerOfTwo == wanted ? wanted : powerOfTwo << 1);
            }
            case PERF_EVENT_ARRAY -> spec.maxEntries() == 0 ? spec.withMaxEntries(Cpus.possible()) : spec;
            default -> spec;
        };
    }

    /**
     * Creates a map.
     *
     * @param btf the object's types in the kernel, or null
     */
    static Descriptor create(MapSpec spec, Descriptor btf) {
        MemoryLock.lift();
        if (!spec.type().mapOfMaps()) {
            return create(spec, btf, 0);
        }
        // the kernel only takes its shape; it need not live on
        try (var template = create(forThisMachine(spec.inner()), btf)) {
            return create(spec, btf, template.number());
        }
    }

    private static Descriptor create(MapSpec spec, Descriptor btf, int inner) {
        try (var attributes = new BpfAttributes()) {
            attributes
                    .setInt(TYPE, spec.type().kernelType())
                    .setInt(KEY_SIZE, spec.keySize())
                    .setInt(VALUE_SIZE, spec.valueSize())
                    .setInt(MAX_ENTRIES, spec.maxEntries())
                    .setInt(FLAGS, spec.flags())
                    .setInt(INNER_MAP_FD, inner)
                    .setName(NAME, spec.name())
                    .setLong(EXTRA, spec.extra());
            boolean typed = btf != null && (spec.keyTypeId() != 0 || spec.valueTypeId() != 0);
            if (typed) {
                setTypes(attributes, btf.number(), spec.keyTypeId(), spec.valueTypeId());
            }
            long result = attributes.call(BpfCommand.MAP_CREATE);
            if (typed && (result == -Errno.EINVAL || result == -Errno.ENOTSUPP)) {
                // not every kernel takes types for every kind of map; they only describe
                setTypes(attributes, 0, 0, 0);
                result = attributes.call(BpfCommand.MAP_CREATE);
            }
            if (result < 0) {
                throw failure(spec, result);
            }
            return Descriptor.of("create map", result);
        }
    }

    private static void setTypes(BpfAttributes attributes, int btf, int keyTypeId, int valueTypeId) {
        attributes.setInt(BTF_FD, btf).setInt(BTF_KEY_TYPE_ID, keyTypeId).setInt(BTF_VALUE_TYPE_ID, valueTypeId);
    }

    private static BpfException failure(MapSpec spec, long result) {
        String operation = "create map " + spec.name();
        if (result == -Errno.EPERM
                && MemoryLock.limitsBpf()
                && Capabilities.ofCurrentThread().mayTrace()) {
            return new BpfException(
                    BpfException.Reason.NO_SPACE,
                    operation,
                    "this kernel limits BPF memory by RLIMIT_MEMLOCK, and the limit is too low",
                    Errno.EPERM,
                    Errno.name(Errno.EPERM),
                    "");
        }
        String detail = spec.type() + " of " + spec.maxEntries() + " entries, key " + spec.keySize() + ", value "
                + spec.valueSize() + " bytes";
        return Errno.failure(operation, result, detail);
    }
}
