// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.record;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;

/** Finds a container among those that have processes, by the name that events show. */
public final class ContainerSearch {
    private static final Pattern WHOLE_ID = Pattern.compile("[0-9a-f]{13,64}");
    private static final int SHORT_ID = 12;
    private static final int MOST_NAMED = 30;

    private final AgentIdentity identity;
    private final Path proc;

    /**
     * A container that was found.
     *
     * @param pid of a process in it, in this process's own pid namespace
     * @param level of the container's cgroup in its hierarchy; 0: the root
     */
    public record Found(int pid, int level) {}

    ContainerSearch(AgentIdentity identity, Path proc) {
        this.identity = identity;
        this.proc = proc;
    }

    /** Searches the processes of {@code /proc}. */
    public static ContainerSearch in(AgentIdentity identity) {
        return new ContainerSearch(identity, Path.of("/proc"));
    }

    /**
     * Finds one.
     *
     * @param wanted as in the field {@code container}, the part of it that is the container's id, the whole id, or the path of a cgroup from the
     *     root of its hierarchy
     * @throws IllegalArgumentException if there is none, or several; the message names those that there are
     */
    public Found find(String wanted) {
        var name = WHOLE_ID.matcher(wanted).matches() ? wanted.substring(0, SHORT_ID) : wanted;
        var found = new TreeMap<String, Found>();
        var others = new TreeSet<String>();
        for (var process : processes()) {
            var cgroup = cgroup(process);
            others.add(ContainerName.ofPath(cgroup));
            var path = outermost(cgroup, name);
            if (path != null) {
                found.putIfAbsent(path, new Found(process, level(path)));
            }
        }
        if (found.size() == 1) {
            return found.firstEntry().getValue();
        }
        if (found.isEmpty()) {
            others.remove("");
            var names = others.stream().limit(MOST_NAMED).toList();
            throw new IllegalArgumentException(
                    "there is no container " + wanted + " with processes; there are " + String.join(", ", names));
        }
        throw new IllegalArgumentException("there are several containers " + wanted + ", so say which by its path: "
                + String.join(", ", found.keySet()));
    }

    /** The cgroup nearest to the root that has the name: what runs inside a container may have made cgroups below. Null if none has. */
    private static String outermost(String cgroup, String name) {
        for (int end = cgroup.indexOf('/', 1); ; end = cgroup.indexOf('/', end + 1)) {
            var path = end < 0 ? cgroup : cgroup.substring(0, end);
            var container = ContainerName.ofPath(path);
            if (path.length() > 1 && (path.equals(name) || container.equals(name) || container.endsWith("/" + name))) {
                return path;
            }
            if (end < 0) {
                return null;
            }
        }
    }

    private static int level(String path) {
        return (int) path.chars().filter(c -> c == '/').count();
    }

    private List<Integer> processes() {
        try (var entries = Files.list(proc)) {
            return entries.map(entry -> entry.getFileName().toString())
                    .filter(name -> name.matches("[0-9]{1,9}"))
                    .map(Integer::valueOf)
                    .sorted()
                    .toList();
        } catch (IOException hidden) {
            return List.of();
        }
    }

    /** From the root of the hierarchy; the root itself if it can't be told. */
    private String cgroup(int process) {
        try {
            var lines = Files.readAllLines(proc.resolve(process + "/cgroup"), StandardCharsets.UTF_8);
            var seen = CgroupFile.path(lines, identity.controller());
            return seen == null ? "/" : CgroupFile.absolute(seen, identity.cgroupNamespace());
        } catch (IOException | RuntimeException ended) {
            return "/";
        }
    }
}
