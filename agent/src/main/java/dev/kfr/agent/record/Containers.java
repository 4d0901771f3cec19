// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.record;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Short names of containers by the id of their cgroup, which is the inode of the cgroup's directory (kernfs). Names are cached; see {@link
 * ContainerName} for what they look like. Thread-safe.
 *
 * <p>An id that is not known is looked for at the process that it came with, and if that has ended, in the tree of directories, at most once
 * in ten seconds. A cgroup that can't be seen from here (another container's, seen from inside one) or that was removed is {@code cgroup-ID}.
 */
public final class Containers {
    private static final int CAPACITY = 4096;
    private static final int MOST_DIRECTORIES = 20_000;
    private static final long WALK_INTERVAL = TimeUnit.SECONDS.toNanos(10);

    private final AgentIdentity identity;
    private final Path proc;
    private final String own;
    private long lastWalk = System.nanoTime() - WALK_INTERVAL;

    private final Map<Long, String> names = new RecentlyUsed<>(CAPACITY);

    public Containers(AgentIdentity identity) {
        this(identity, Path.of("/proc"));
    }

    Containers(AgentIdentity identity, Path proc) {
        this.identity = identity;
        this.proc = proc;
        this.own = ownName();
        if (identity.cgroup() != 0) {
            names.put(identity.cgroup(), own);
        }
        if (identity.cgroupRoot() != null && identity.cgroupLevel() != AgentIdentity.UNKNOWN) {
            names.put(AgentIdentity.inode(identity.cgroupRoot()), "");
        }
    }

    /** Name of the container or cgroup that this process is in; empty on the host. */
    public String own() {
        return own;
    }

    private String ownName() {
        List<String> cgroups = lines(proc.resolve("self/cgroup"));
        String name = ContainerName.ofPath(CgroupFile.bestPath(cgroups, identity.controller()));
        boolean rootOfNamespace = name.isEmpty() && identity.cgroupLevel() == AgentIdentity.UNKNOWN;
        if (!rootOfNamespace) {
            return name;
        }
        String mounted = ContainerName.ofMounts(lines(proc.resolve("self/mountinfo")));
        if (!mounted.isEmpty()) {
            return mounted;
        }
        List<String> hostname = lines(proc.resolve("sys/kernel/hostname"));
        return hostname.isEmpty() ? "" : hostname.getFirst();
    }

    /**
     * Name of a cgroup.
     *
     * @param cgroup its id in the hierarchy that the agent tells cgroups by; 0: not known
     * @param pid a process in it, as this process sees it in {@code /proc}; 0 if there is none
     */
    public synchronized String name(long cgroup, int pid) {
        if (cgroup == 0) {
            return "";
        }
        String name = names.get(cgroup);
        if (name == null) {
            name = pid == 0 ? null : nameAtProcess(cgroup, pid);
            if (name == null) {
                name = nameInTree(cgroup);
            }
            names.put(cgroup, name);
        }
        return name;
    }

    /** Name of the container of a process in {@code /proc}; empty if there is no such process or it runs on the host. */
    public String ofProcess(int pid) {
        return nameOf(lines(proc.resolve(pid + "/cgroup")));
    }

    private String nameOf(List<String> cgroups) {
        String path = CgroupFile.bestPath(cgroups, identity.controller());
        boolean ownRoot = path.equals("/") && !cgroups.isEmpty() && identity.cgroupLevel() == AgentIdentity.UNKNOWN;
        return ownRoot ? own : ContainerName.ofPath(path);
    }

    /** The process may have moved, or another one has its pid now: only a path that leads to this id counts. */
    private String nameAtProcess(long cgroup, int pid) {
        List<String> cgroups = lines(proc.resolve(pid + "/cgroup"));
        String path = CgroupFile.path(cgroups, identity.controller());
        if (path == null || identity.cgroupRoot() == null) {
            return null;
        }
        boolean proven = AgentIdentity.inode(identity.cgroupRoot().resolve(path.substring(1))) == cgroup;
        return proven ? ContainerName.ofPath(path) : null;
    }

    private String nameInTree(long cgroup) {
        Path root = identity.cgroupRoot();
        long now = System.nanoTime();
        if (root != null && now - lastWalk >= WALK_INTERVAL) {
            walk(root);
            lastWalk = System.nanoTime();
        }
        String name = names.get(cgroup);
        return name == null ? "cgroup-" + cgroup : name;
    }

    private void walk(Path root) {
        try {
            Files.walkFileTree(root, new SimpleFileVisitor<>() {
                private int left = MOST_DIRECTORIES;

                @Override
                public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes) {
                    String path = "/" + root.relativize(directory);
                    names.putIfAbsent(AgentIdentity.inode(directory), nameOf(List.of("0::" + path)));
                    return --left > 0 ? FileVisitResult.CONTINUE : FileVisitResult.TERMINATE;
                }

                @Override
                public FileVisitResult visitFileFailed(Path file, IOException removed) {
                    return FileVisitResult.CONTINUE;
                }
            });
        } catch (IOException removed) {
            // a cgroup that goes away while it is read: what was seen before counts
        }
    }

    private static List<String> lines(Path file) {
        try {
            return Files.readAllLines(file, StandardCharsets.UTF_8);
        } catch (IOException | RuntimeException hidden) {
            return List.of();
        }
    }
}
