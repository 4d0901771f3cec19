// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.record;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * Containers of processes: their short names, see {@link ContainerName}, and which are the agent's own. Thread-safe.
 *
 * <p>Paths of cgroups come from the kernel side, which tells each once, ahead of the first record of it; those of processes that no record told
 * of from {@code /proc/PID/cgroup}. Both are of one hierarchy, {@link AgentIdentity#controller}, and are brought to the same form, from its
 * root, so that the same container has the same name also for an agent in a cgroup namespace.
 */
public final class Containers {
    /** Twice what the kernel side remembers to have told ({@code named_cgroups}), so that nothing is forgotten here first. */
    private static final int CAPACITY = 16_384;

    /**
     * Where a process is.
     *
     * @param name of the container or cgroup; empty on the host
     * @param own whether that is the agent's own cgroup or below it
     */
    record Place(String name, boolean own) {}

    private record Known(long cgroup, Place place) {}

    private final AgentIdentity identity;
    private final Path proc;
    private final String below;
    private final Place own;
    private final Map<Long, Known> cgroups = new RecentlyUsed<>(CAPACITY);

    /** In front of the map, for the record path: no lock and nothing allocated. Entries are immutable, so races only cost a look-up. */
    private final Known[] latest = new Known[64];

    public Containers(AgentIdentity identity) {
        this(identity, Path.of("/proc"));
    }

    Containers(AgentIdentity identity, Path proc) {
        this.identity = identity;
        this.proc = proc;
        this.below = identity.cgroupPath().equals("/") ? "/" : identity.cgroupPath() + "/";
        this.own = place(identity.cgroupPath());
        if (identity.cgroup() != 0) {
            learn(identity.cgroup(), identity.cgroupPath());
        }
    }

    /** Name of the container or cgroup that this process is in; empty on the host. */
    public String own() {
        return own.name;
    }

    private Place place(String path) {
        return new Place(ContainerName.ofPath(path), path.equals(identity.cgroupPath()) || path.startsWith(below));
    }

    /**
     * Takes in where a cgroup is.
     *
     * @param cgroup its id
     * @param path from the root of the hierarchy
     */
    public synchronized void learn(long cgroup, String path) {
        remember(new Known(cgroup, place(path)));
    }

    /** Name of a cgroup by its id in the hierarchy that the agent tells cgroups by; 0: not known. */
    public String name(long cgroup) {
        return place(cgroup).name;
    }

    Place place(long cgroup) {
        Known known = latest[slot(cgroup)];
        return known != null && known.cgroup == cgroup ? known.place : find(cgroup);
    }

    private synchronized Place find(long cgroup) {
        Known known = cgroups.get(cgroup);
        if (known == null) {
            // a record that got lost; the kernel side tells again when it has forgotten this one
            return new Place(cgroup == 0 ? "" : "cgroup-" + cgroup, false);
        }
        remember(known);
        return known.place;
    }

    private void remember(Known known) {
        Known replaced = latest[slot(known.cgroup)];
        if (replaced != null) {
            cgroups.put(replaced.cgroup, replaced); // in use until now, which the map could not see
        }
        latest[slot(known.cgroup)] = known;
        cgroups.put(known.cgroup, known);
    }

    private int slot(long cgroup) {
        return (int) (cgroup ^ cgroup >>> 32) & (latest.length - 1);
    }

    /** Where a process in {@code /proc} is; on the host and not in the agent's container if there is no such process. */
    Place ofProcess(int pid) {
        String seen = CgroupFile.path(lines(proc.resolve(pid + "/cgroup")), identity.controller());
        return seen == null ? new Place("", false) : place(CgroupFile.absolute(seen, identity.cgroupNamespace()));
    }

    private static List<String> lines(Path file) {
        try {
            return Files.readAllLines(file, StandardCharsets.UTF_8);
        } catch (IOException | RuntimeException hidden) {
            return List.of();
        }
    }
}
