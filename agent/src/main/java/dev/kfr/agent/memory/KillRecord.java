// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.memory;

import dev.kfr.agent.record.CgroupPath;
import dev.kfr.agent.record.Layouts;
import dev.kfr.agent.record.Record;
import dev.kfr.bpf.StructLayout;

/** Reads {@code struct kill_record}. */
final class KillRecord {
    private final int resident;
    private final int victimPid;
    private final int victimNsPid;
    private final int scoreAdjust;
    private final int victimName;
    private final int cgroup;
    private final StructLayout path;

    KillRecord(Layouts layouts) {
        var struct = layouts.struct("kill_record");
        resident = struct.field("resident").offset();
        victimPid = struct.field("victim_pid").offset();
        victimNsPid = struct.field("victim_ns_pid").offset();
        scoreAdjust = struct.field("score_adjust").offset();
        victimName = struct.field("victim_name").offset();
        cgroup = struct.field("memory_cgroup").offset();
        path = layouts.struct("cgroup_path");
    }

    long resident(Record record) {
        return record.getLong(resident);
    }

    long victimPid(Record record) {
        return record.getUnsignedInt(victimPid);
    }

    /** As the agent's pid namespace sees it; 0 if it doesn't, or if it is the initial one. */
    long victimNsPid(Record record) {
        return record.getUnsignedInt(victimNsPid);
    }

    int scoreAdjust(Record record) {
        return record.getInt(scoreAdjust);
    }

    /** Where in the record the victim's name is. */
    int victimName() {
        return victimName;
    }

    String memoryCgroup(Record record) {
        return CgroupPath.of(record.memory(), record.position(cgroup, path.size()), path);
    }
}
