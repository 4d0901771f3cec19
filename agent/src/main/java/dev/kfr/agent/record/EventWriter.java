// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.record;

import dev.kfr.events.KernelEvent;

/**
 * From a record to an event in the recording: fills what all events of processes have in common, and commits with the kernel's times.
 *
 * <p>Made for one eBPF object, whose layouts it knows. Confined to the thread that drains the ring.
 */
public final class EventWriter {
    private static final String ONLY_HOST = "host";
    private static final String SEEN_HERE = "";

    private final Layouts layouts;
    private final Surroundings around;
    private final Delivery delivery;
    private final Text.Reading arguments = Text::commandLine;
    private final Text.Reading argumentsCut = bytes -> Text.commandLine(bytes) + " " + Paths.CUT;

    private final int commLength;
    private final int start;
    private final int duration;
    private final int threadGeneration;
    private final int pid;
    private final int tid;
    private final int nsPid;
    private final int nsTid;
    private final int uid;
    private final int cgroup;
    private final int threadName;
    private final int processName;

    public EventWriter(Layouts layouts, Surroundings around, Delivery delivery) {
        this.layouts = layouts;
        this.around = around;
        this.delivery = delivery;
        var header = layouts.struct("header");
        commLength = header.field("thread_name").size();
        start = header.field("start").offset();
        duration = header.field("duration").offset();
        threadGeneration = header.field("thread_generation").offset();
        pid = header.field("pid").offset();
        tid = header.field("tid").offset();
        nsPid = header.field("ns_pid").offset();
        nsTid = header.field("ns_tid").offset();
        uid = header.field("uid").offset();
        cgroup = header.field("cgroup").offset();
        threadName = header.field("thread_name").offset();
        processName = header.field("process_name").offset();
    }

    /** The layouts of the records. */
    public Layouts layouts() {
        return layouts;
    }

    /**
     * Fills what is common to all events of processes.
     *
     * @param subject number of the subject that the event is counted for
     * @return whether a recording wants the event; if not it is counted as such and there is nothing more to do
     */
    public boolean begin(KernelEvent event, Record record, int subject) {
        if (!event.isEnabled()) {
            delivery.unwanted(subject, 1);
            return false;
        }
        long hostPid = record.getUnsignedInt(pid);
        long pidHere = record.getUnsignedInt(nsPid);
        long hostTid = record.getUnsignedInt(tid);
        long tidHere = record.getUnsignedInt(nsTid);
        event.pid = pid(hostPid, pidHere);
        event.osThreadId = pid(hostTid, tidHere);
        event.pidNamespace = pidNamespace(pidHere);
        event.uid = record.getUnsignedInt(uid);
        event.threadName = name(record, threadName);
        event.processName = name(record, processName);
        event.container = around.containers().name(record.getLong(cgroup));
        event.javaThread = hostPid == around.ownPid()
                ? around.threads().find((int) event.osThreadId, record.getInt(threadGeneration))
                : null;
        return true;
    }

    /** Records the event with the kernel's times. */
    public void commit(KernelEvent event, Record record, int subject) {
        var clock = around.clock();
        event.times(
                clock.ticks(record.getLong(start)),
                clock.durationTicks(record.getLong(start), record.getLong(duration)));
        if (event.shouldCommit()) {
            event.commit();
            delivery.recorded(subject, 1);
        } else if (event.isEnabled()) {
            delivery.tooShort(subject, 1);
        } else {
            delivery.unwanted(subject, 1);
        }
    }

    /** The id to show of a process or thread: as the agent's pid namespace has it, else the host's. */
    public long pid(long host, long here) {
        return here != 0 ? here : host;
    }

    /** Whose number {@link #pid} is: {@code host} if the process can't be seen from here, else empty. */
    public String pidNamespace(long here) {
        return around.inPidNamespace() && here == 0 ? ONLY_HOST : SEEN_HERE;
    }

    /** The text of a fixed field of {@code COMM_LEN} bytes. */
    public String name(Record record, int offset) {
        return name(record, offset, commLength);
    }

    /** The text of a fixed field of {@code length} bytes, which ends at the first NUL. */
    public String name(Record record, int offset, int length) {
        return around.text().terminated(record, offset, length);
    }

    /** The arguments of a program, which the kernel has one after the other, each followed by NUL. */
    public String commandLine(Record record, int offset, int length, boolean cut) {
        return around.text()
                .of(record.memory(), record.position(offset, length), length, cut ? argumentsCut : arguments);
    }
}
