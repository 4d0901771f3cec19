// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.record;

import java.util.ArrayDeque;
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

    /**
     * A path of this file, which is as seen from the reader's cgroup namespace, from the root of the hierarchy.
     *
     * @param seen such as {@code /below} or {@code /../sibling}
     * @param root where the namespace has its root; {@code /} if it is the initial one
     */
    static String absolute(String seen, String root) {
        var parts = new ArrayDeque<String>();
        for (String part : (root + seen).split("/")) {
            if (part.equals("..")) {
                parts.pollLast();
            } else if (!part.isEmpty()) {
                parts.addLast(part);
            }
        }
        return "/" + String.join("/", parts);
    }
}
