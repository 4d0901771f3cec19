// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.memory;

import dev.kfr.agent.record.Decoder;
import dev.kfr.agent.record.EventWriter;
import dev.kfr.events.memory.DirectReclaim;
import dev.kfr.events.memory.MajorPageFault;
import dev.kfr.events.memory.OutOfMemoryKill;

/** Records of memory to the events of memory. */
final class MemoryDecoders {
    private final EventWriter writer;
    private final int subject;

    MemoryDecoders(EventWriter writer, int subject) {
        this.writer = writer;
        this.subject = subject;
    }

    Decoder majorPageFault() {
        var struct = writer.layouts().struct("major_fault_record");
        int size = struct.size();
        int address = struct.field("address").offset();
        int named = struct.field("named").offset();
        int pathFlags = struct.field("path_flags").offset();
        int pathLength = struct.field("path_length").offset();
        return record -> {
            var event = new MajorPageFault();
            if (writer.begin(event, record, subject)) {
                event.address = record.getLong(address);
                event.path = record.getInt(named) == 0
                        ? ""
                        : writer.layouts()
                                .paths()
                                .read(
                                        record,
                                        size,
                                        record.getUnsignedShort(pathLength),
                                        record.getUnsignedShort(pathFlags),
                                        0);
                writer.commit(event, record, subject);
            }
        };
    }

    Decoder directReclaim() {
        var struct = writer.layouts().struct("reclaim_record");
        int pages = struct.field("pages").offset();
        int order = struct.field("order").offset();
        int forCgroup = struct.field("for_cgroup").offset();
        return record -> {
            var event = new DirectReclaim();
            if (writer.begin(event, record, subject)) {
                event.pagesReclaimed = (int) Math.min(record.getLong(pages), Integer.MAX_VALUE);
                event.order = record.getInt(order);
                event.cause = record.getInt(forCgroup) == 0 ? "host" : "cgroup";
                writer.commit(event, record, subject);
            }
        };
    }

    Decoder outOfMemoryKill() {
        var kill = new KillRecord(writer.layouts());
        return record -> {
            var event = new OutOfMemoryKill();
            if (writer.begin(event, record, subject)) {
                long here = kill.victimNsPid(record);
                event.victimPid = writer.pid(kill.victimPid(record), here);
                event.victimPidNamespace = writer.pidNamespace(here);
                event.victimName = writer.name(record, kill.victimName());
                event.residentSize = kill.resident(record);
                event.oomScoreAdjust = kill.scoreAdjust(record);
                event.memoryCgroup = kill.memoryCgroup(record);
                writer.commit(event, record, subject);
            }
        };
    }
}
