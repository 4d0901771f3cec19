// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.record;

import java.util.List;
import java.util.function.Consumer;

/** Tells those who keep something of processes that one has ended: {@code struct process_exit_record}, whether it is an event or not. */
public final class ProcessEnds implements Decoder {
    private static final int SIGNAL_MASK = 0x7f;

    private final Text text;
    private final List<Consumer<End>> listeners;
    private final int commLength;
    private final int start;
    private final int pid;
    private final int nsPid;
    private final int generation;
    private final int uid;
    private final int cgroup;
    private final int name;
    private final int lifetime;
    private final int cpuTime;
    private final int maxResident;
    private final int exitCode;

    /**
     * The end of a process.
     *
     * @param process see {@link Processes#key}
     * @param pid of the initial pid namespace
     * @param nsPid of the agent's pid namespace, 0 if it can't be seen there or the agent is in the initial one
     * @param time of the end, ns of CLOCK_MONOTONIC
     * @param lifetime ns
     * @param cpuTime ns, of all threads
     * @param maxResident bytes
     * @param exitCode what it returned, 0 if a signal ended it
     * @param signal number of the signal that ended it, 0 if it ended by itself
     */
    public record End(
            long process,
            int pid,
            int nsPid,
            int generation,
            long uid,
            long cgroup,
            String name,
            long time,
            long lifetime,
            long cpuTime,
            long maxResident,
            int exitCode,
            int signal) {}

    /** @param listeners called on the thread that drains the ring */
    public ProcessEnds(Layouts layouts, Text text, List<Consumer<End>> listeners) {
        this.text = text;
        this.listeners = List.copyOf(listeners);
        var header = layouts.struct("header");
        commLength = header.field("process_name").size();
        start = header.field("start").offset();
        pid = header.field("pid").offset();
        nsPid = header.field("ns_pid").offset();
        generation = header.field("generation").offset();
        uid = header.field("uid").offset();
        cgroup = header.field("cgroup").offset();
        name = header.field("process_name").offset();
        var record = layouts.struct("process_exit_record");
        lifetime = record.field("lifetime").offset();
        cpuTime = record.field("cpu_time").offset();
        maxResident = record.field("max_resident").offset();
        exitCode = record.field("exit_code").offset();
    }

    @Override
    public void decode(Record record) {
        int status = record.getInt(exitCode);
        var end = new End(
                Processes.key(record.getInt(pid), record.getInt(generation)),
                record.getInt(pid),
                record.getInt(nsPid),
                record.getInt(generation),
                record.getUnsignedInt(uid),
                record.getLong(cgroup),
                text.terminated(record, name, commLength),
                record.getLong(start),
                record.getLong(lifetime),
                record.getLong(cpuTime),
                record.getLong(maxResident),
                (status >> 8) & 0xff,
                status & SIGNAL_MASK);
        listeners.forEach(listener -> listener.accept(end));
    }
}
