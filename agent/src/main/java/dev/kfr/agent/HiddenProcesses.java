// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Whether {@code /proc} hides processes of other users (mount option {@code hidepid}, see proc(5)), and what is missing then. */
public final class HiddenProcesses {
    private HiddenProcesses() {}

    /** One sentence for the operator; empty if nothing is hidden. */
    public static Optional<String> reason(Path proc) {
        boolean seen = !Files.exists(proc.resolve("self/stat")) || Files.isReadable(proc.resolve("1/stat"));
        return seen
                ? Optional.empty()
                : Optional.of(
                        "names of processes in rows: /proc hides processes of other users (hidepid), so those that"
                                + " were there before the agent have no name. CAP_SYS_PTRACE shows them, or the group that the mount"
                                + " option gid names");
    }
}
