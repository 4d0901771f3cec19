// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.record;

import java.util.List;

/** {@code /proc/PID/cgroup}: a line {@code number:controllers:path} for each hierarchy, without controllers for v2; see cgroups(7). */
final class CgroupFile {
    private CgroupFile() {}

    /** The path in the v1 hierarchy of a controller, or with "" in the v2 hierarchy; null if there is no such hierarchy. */
    static String path(List<String> lines, String controller) {
        for (String line : lines) {
            int first = line.indexOf(':');
            int second = line.indexOf(':', first + 1);
            if (second < 0 || !line.startsWith("/", second + 1)) {
                continue;
            }
            for (String name : line.substring(first + 1, second).split(",")) {
                if (name.equals(controller)) {
                    return line.substring(second + 1);
                }
            }
        }
        return null;
    }

    /** The path that says most: that of the hierarchy asked for, unless it is a root and another one isn't. */
    static String bestPath(List<String> lines, String controller) {
        String path = path(lines, controller);
        if (path != null && !path.equals("/")) {
            return path;
        }
        for (String line : lines) {
            int slash = line.indexOf(":/");
            if (slash >= 0 && line.length() > slash + 2) {
                return line.substring(slash + 1);
            }
        }
        return "/";
    }
}
