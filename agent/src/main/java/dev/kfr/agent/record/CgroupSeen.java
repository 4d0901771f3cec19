// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.record;

import dev.kfr.bpf.StructLayout;

/** Learns the path of a cgroup: {@code RECORD_CGROUP}, which comes ahead of the first record of a process in it. */
public final class CgroupSeen implements Decoder {
    private final Containers containers;
    private final int cgroup;
    private final int position;
    private final StructLayout path;

    public CgroupSeen(Layouts layouts, Containers containers) {
        this.containers = containers;
        cgroup = layouts.struct("header").field("cgroup").offset();
        position = layouts.struct("cgroup_record").field("path").offset();
        path = layouts.struct("cgroup_path");
    }

    @Override
    public void decode(Record record) {
        containers.learn(
                record.getLong(cgroup), CgroupPath.of(record.memory(), record.position(position, path.size()), path));
    }
}
