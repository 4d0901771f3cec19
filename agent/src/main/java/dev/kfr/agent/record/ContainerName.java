// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.record;

import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The short name of a container, pod, service or other cgroup, from the path of its cgroup.
 *
 * <p>The innermost container counts. Container ids are cut to the 12 digits that the tools of all runtimes print and accept; a Kubernetes container
 * has its pod in front, {@code pod5f2e1c3a/0123456789ab}. Then come systemd's services and scopes, then slices, then the last part of the path.
 * The root is "". Names never hold a whole container id.
 *
 * <p>Paths are those that runc and crun make with either cgroup driver for Docker, containerd, CRI-O, Podman and Kubernetes, and those of LXC,
 * LXD, Incus, systemd-nspawn, Garden and Amazon ECS.
 */
final class ContainerName {
    private static final int SHORT_ID = 12;
    private static final int SHORT_POD = 8;

    /**
     * A bare id, or with the runtime in front: {@code docker-}, {@code cri-containerd-}, {@code crio-}, {@code libpod-}, {@code libpod-payload-},
     * {@code slice:cri-containerd:}; {@code .scope} if systemd made the cgroup.
     */
    private static final Pattern CONTAINER = Pattern.compile("(.*[-:_])?([0-9a-f]{64})(?:\\.scope)?");

    /** The process that watches a container from outside: {@code libpod-conmon-}, {@code crio-conmon-}. */
    private static final String MONITOR = "conmon";

    /** A task's container on Amazon ECS: the id of the task and a number. */
    private static final Pattern TASK_CONTAINER = Pattern.compile("([0-9a-f]{32})-\\d+");

    private static final Pattern POD =
            Pattern.compile("(?:[a-z-]*kubepods[a-z-]*-)?pod([0-9a-f]{8}[-_0-9a-f]*)(?:\\.slice.*)?");

    /** Parts whose name is the container's. */
    private static final List<Pattern> NAMED = List.of(
            Pattern.compile("lxc\\.payload[.@](.+)"),
            Pattern.compile("machine-(.+)\\.scope"),
            Pattern.compile("systemd-nspawn@(.+)\\.service"));

    /** Parts below which containers are, each by its name. */
    private static final Set<String> PARENTS = Set.of("lxc", "lxc.payload", "garden");

    /** Kinds of systemd's units, those that say most first. */
    private static final List<String> UNITS = List.of(".service", ".scope", ".slice");

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
        return LONG_ID.matcher(unescape(otherCgroup(parts)))
                .replaceAll(id -> id.group().substring(0, SHORT_ID));
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
            boolean monitor = id.group(1) != null && id.group(1).contains(MONITOR);
            return monitor ? "" : id.group(2).substring(0, SHORT_ID);
        }
        Matcher task = TASK_CONTAINER.matcher(part);
        if (task.matches()) {
            return task.group(1).substring(0, SHORT_ID);
        }
        for (var pattern : NAMED) {
            Matcher named = pattern.matcher(part);
            if (named.matches()) {
                return unescape(named.group(1));
            }
        }
        return PARENTS.contains(parent) ? part : "";
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
        for (String kind : UNITS) {
            for (int i = parts.length - 1; i >= 0; i--) {
                if (parts[i].endsWith(kind) || kind.equals(".service") && isScope(parts[i])) {
                    return parts[i];
                }
            }
        }
        return parts.length == 0 ? "" : parts[parts.length - 1];
    }

    /** A user's systemd is in the scope {@code init.scope} of its service, and that says more. */
    private static boolean isScope(String part) {
        return part.endsWith(".scope") && !part.equals("init.scope");
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
}
