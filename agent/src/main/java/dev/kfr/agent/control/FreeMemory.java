// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.control;

import dev.kfr.bpf.BpfException;
import dev.kfr.bpf.BpfException.Reason;
import dev.kfr.bpf.linux.Errno;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * How much memory this process's cgroups leave it. The kernel does not kill a process because a map finds no memory; but while a large one takes all
 * there is, the next page that any thread of the service touches would have it killed. So the agent asks before.
 */
final class FreeMemory {
    /** Names of a hierarchy's files. */
    private record Names(String limit, String usage, String inactive, String active) {}

    private static final Names V1 =
            new Names("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file ", "total_active_file ");
    private static final Names V2 = new Names("memory.max", "memory.current", "inactive_file ", "active_file ");

    private FreeMemory() {}

    /**
     * @param bytes about to be taken
     * @throws BpfException NO_SPACE if that is more than half of what is free
     */
    static void require(String operation, long bytes) {
        long free = free(Path.of("/proc/self"));
        if (bytes > free / 2) {
            throw new BpfException(
                    Reason.NO_SPACE,
                    operation,
                    (bytes >> 20) + " MB are needed, and the memory limit of the cgroup leaves " + (free >> 20)
                            + " MB to the service",
                    Errno.ENOMEM,
                    Errno.name(Errno.ENOMEM),
                    "");
        }
    }

    /** Bytes that may still be taken; {@code Long.MAX_VALUE} if there is no limit or it can't be seen. */
    static long free(Path self) {
        long free = Long.MAX_VALUE;
        try {
            var mounts = Files.readAllLines(self.resolve("mountinfo"));
            for (var line : Files.readAllLines(self.resolve("cgroup"))) {
                var parts = line.split(":", 3); // 4:memory:/path, or 0::/path of v2
                boolean unified = parts[1].isEmpty();
                if (unified || List.of(parts[1].split(",")).contains("memory")) {
                    for (var group : groups(mounts, unified, Path.of(parts[2]))) {
                        free = Math.min(free, free(group, unified ? V2 : V1));
                    }
                }
            }
        } catch (IOException | RuntimeException hidden) {
            return free;
        }
        return free;
    }

    /** The directories of a cgroup and those above it, as far as they can be seen. */
    private static List<Path> groups(List<String> mounts, boolean unified, Path cgroup) {
        var groups = new ArrayList<Path>();
        for (var mount : mounts) {
            var fields = mount.split(" "); // 36 35 0:31 /root /mount/point options - type source options
            var type = mount.substring(mount.indexOf(" - ") + 3).split(" ");
            boolean found = unified
                    ? type[0].equals("cgroup2")
                    : type[0].equals("cgroup") && List.of(type[2].split(",")).contains("memory");
            if (found) {
                var top = Path.of(fields[4]);
                var root = Path.of(fields[3]);
                var group = cgroup.startsWith(root) ? top.resolve(root.relativize(cgroup)) : top;
                for (var each = group; each != null && each.startsWith(top); each = each.getParent()) {
                    groups.add(each);
                }
            }
        }
        return groups;
    }

    private static long free(Path group, Names files) throws IOException {
        if (!Files.isReadable(group.resolve(files.limit))) {
            return Long.MAX_VALUE; // a root has no limit
        }
        var limit = Files.readString(group.resolve(files.limit)).strip();
        if (limit.equals("max")) {
            return Long.MAX_VALUE;
        }
        long used = Long.parseLong(Files.readString(group.resolve(files.usage)).strip());
        for (var line : Files.readAllLines(group.resolve("memory.stat"))) {
            if (line.startsWith(files.inactive) || line.startsWith(files.active)) {
                used -= Long.parseLong(line.substring(line.indexOf(' ') + 1)); // the kernel takes these back
            }
        }
        return Math.max(0, Long.parseLong(limit) - used);
    }
}
