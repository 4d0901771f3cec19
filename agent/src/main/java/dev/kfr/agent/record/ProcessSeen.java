// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.record;

/**
 * Learns, inside a pid namespace, which number a process has there: {@code RECORD_PROCESS_SEEN}, which comes once for each thread that makes
 * calls. Without it a neighbour in the same container would be known by the host's number only, and have no name.
 */
public final class ProcessSeen implements Decoder {
    private final Text text;
    private final Processes processes;
    private final int pid;
    private final int nsPid;
    private final int generation;
    private final int uid;
    private final int cgroup;
    private final int name;
    private final int nameLength;

    public ProcessSeen(Layouts layouts, Text text, Processes processes) {
        this.text = text;
        this.processes = processes;
        var header = layouts.struct("header");
        pid = header.field("pid").offset();
        nsPid = header.field("ns_pid").offset();
        generation = header.field("generation").offset();
        uid = header.field("uid").offset();
        cgroup = header.field("cgroup").offset();
        name = header.field("process_name").offset();
        nameLength = header.field("process_name").size();
    }

    @Override
    public void decode(Record record) {
        processes.learn(
                record.getInt(pid),
                record.getInt(generation),
                record.getInt(nsPid),
                text.terminated(record, name, nameLength),
                record.getUnsignedInt(uid),
                record.getLong(cgroup));
    }
}
