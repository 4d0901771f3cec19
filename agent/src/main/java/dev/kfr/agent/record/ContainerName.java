// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.record;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The short name of a container, pod, service or other cgroup, from the path of a cgroup as proc(5) has it in {@code /proc/PID/cgroup}.
 *
 * <p>The innermost container counts. Container ids are cut to the 12 digits that the tools of all runtimes print and accept; a Kubernetes container
 * has its pod in front, {@code pod5f2e1c3a/0123456789ab}. Then come systemd's services and scopes, then slices, then the last part of the path.
 * The root is "".
 */
final class ContainerName {
    private static final int SHORT_ID = 12;
    private static final int SHORT_POD = 8;

    /** A bare id, or with the runtime in front; {@code .scope} if systemd made the cgroup. */
    private static final Pattern CONTAINER = Pattern.compile(
            "(?:.*:)?(?:(?:docker|cri-containerd|containerd|nerdctl|crio|libpod|podman|buildah)[-:])?([0-9a-f]{64})(?:\\.scope)?");

    /** A task's container on Amazon ECS: the id of the task and a number. */
    private static final Pattern TASK_CONTAINER = Pattern.compile("([0-9a-f]{32})-\\d+");

    private static final Pattern POD =
            Pattern.compile("(?:[a-z-]*kubepods[a-z-]*-)?pod([0-9a-f]{8}[-_0-9a-f]*)(?:\\.slice.*)?");
    private static final Pattern LXC = Pattern.compile("lxc\\.payload[.@](.+)");
    private static final Pattern MACHINE = Pattern.compile("machine-(.+)\\.scope");
    private static final Pattern LONG_ID = Pattern.compile("[0-9a-f]{32,}");

    private ContainerName() {}

    static String ofPath(String path) {
        String[] parts = path.split("/");
        String container = innermostContainer(parts);
        String pod = innermost(parts, POD, SHORT_POD);
        if (!container.isEmpty()) {
            return pod.isEmpty() ? container : "pod" + pod + "/" + container;
        }
        if (!pod.isEmpty()) {
            return "pod" + pod;
        }
        return otherCgroup(parts);
    }

    private static String innermostContainer(String[] parts) {
        for (int i = parts.length - 1; i >= 0; i--) {
            String name = container(i > 0 ? parts[i - 1] : "", parts[i]);
            if (!name.isEmpty()) {
                return name;
            }
        }
        return "";
    }

    private static String container(String parent, String part) {
        Matcher id = CONTAINER.matcher(part);
        if (id.matches()) {
            return id.group(1).substring(0, SHORT_ID);
        }
        Matcher task = TASK_CONTAINER.matcher(part);
        if (task.matches()) {
            return task.group(1).substring(0, SHORT_ID);
        }
        Matcher lxc = LXC.matcher(part);
        if (lxc.matches()) {
            return lxc.group(1);
        }
        if (parent.equals("lxc")) {
            return part;
        }
        Matcher machine = MACHINE.matcher(part);
        return machine.matches() ? unescape(machine.group(1)) : "";
    }

    private static String innermost(String[] parts, Pattern pattern, int length) {
        for (int i = parts.length - 1; i >= 0; i--) {
            Matcher matcher = pattern.matcher(parts[i]);
            if (matcher.matches()) {
                return matcher.group(1).substring(0, length);
            }
        }
        return "";
    }

    private static String otherCgroup(String[] parts) {
        String slice = "";
        for (int i = parts.length - 1; i >= 0; i--) {
            if (parts[i].endsWith(".service") || parts[i].endsWith(".scope")) {
                return unescape(parts[i]);
            }
            if (slice.isEmpty() && parts[i].endsWith(".slice")) {
                slice = unescape(parts[i]);
            }
        }
        if (!slice.isEmpty()) {
            return slice;
        }
        String last = parts.length == 0 ? "" : parts[parts.length - 1];
        if (last.equals("..")) {
            return "";
        }
        return LONG_ID.matcher(last).matches() ? last.substring(0, SHORT_ID) : last;
    }

    /** systemd writes characters that a unit's name can't have as {@code \x2d}; see systemd-escape(1). */
    private static String unescape(String unit) {
        if (unit.indexOf('\\') < 0) {
            return unit;
        }
        var text = new StringBuilder(unit.length());
        for (int i = 0; i < unit.length(); i++) {
            if (unit.startsWith("\\x", i) && i + 4 <= unit.length()) {
                int high = Character.digit(unit.charAt(i + 2), 16);
                int low = Character.digit(unit.charAt(i + 3), 16);
                if (high >= 0 && low >= 0) {
                    text.append((char) (high * 16 + low));
                    i += 3;
                    continue;
                }
            }
            text.append(unit.charAt(i));
        }
        return text.toString();
    }

    /**
     * The container that this process runs in, for a process that sees its own cgroup as the root (a cgroup namespace): runtimes bind files from
     * a directory named after the container or the pod into it, and {@code /proc/self/mountinfo} tells. "" if nothing tells.
     */
    static String ofMounts(Iterable<String> mountinfo) {
        String pod = "";
        for (String line : mountinfo) {
            String[] fields = line.split(" ");
            if (fields.length < 5) {
                continue;
            }
            String[] source = fields[3].split("/");
            for (int i = 1; i < source.length; i++) {
                if (source[i - 1].endsWith("containers")
                        && LONG_ID.matcher(source[i]).matches()) {
                    return source[i].substring(0, SHORT_ID);
                }
                if (source[i - 1].equals("pods") && source[i].length() >= SHORT_POD) {
                    pod = "pod" + source[i].substring(0, SHORT_POD);
                }
            }
        }
        return pod;
    }
}
