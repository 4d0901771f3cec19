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
 * in ten seconds. A cgroup that can't be seen from here (another container's, seen from inside one) or that was removed is {@code cgroup-ID}; it
 * is looked for again after a second, then ever more rarely.
 */
public final class Containers {
    private static final int CAPACITY = 4096;
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);
    private static final int LONGEST_WAIT_SHIFT = 8; // four minutes
    private static final int MOST_DIRECTORIES = 8_000;
    private static final long WALK_INTERVAL = TimeUnit.SECONDS.toNanos(10);

    private final AgentIdentity identity;
    private final Path proc;
    private final String own;
    private long lastWalk = System.nanoTime() - WALK_INTERVAL;

    /**
     * A name that is known, or the number of one that was not found.
     *
     * @param looks how often it was looked for in vain; 0: it is known
     * @param until System.nanoTime at which it is looked for again
     */
    private record Named(long cgroup, String name, int looks, long until) {
        static Named known(long cgroup, String name) {
            return new Named(cgroup, name, 0, 0);
        }

        static Named unknown(long cgroup, int looks) {
            long wait = SECOND << Math.min(looks - 1, LONGEST_WAIT_SHIFT);
            return new Named(cgroup, "cgroup-" + cgroup, looks, System.nanoTime() + wait);
        }

        boolean holds() {
            return looks == 0 || System.nanoTime() - until < 0;
        }
    }

    private final Map<Long, Named> names = new RecentlyUsed<>(CAPACITY);

    /** In front of the map, for the record path: no lock and nothing allocated. Entries are immutable, so races only cost a look-up. */
    private final Named[] latest = new Named[64];

    public Containers(AgentIdentity identity) {
        this(identity, Path.of("/proc"));
    }

    Containers(AgentIdentity identity, Path proc) {
        this.identity = identity;
        this.proc = proc;
        this.own = ownName();
        if (identity.cgroup() != 0) {
            remember(Named.known(identity.cgroup(), own));
        }
        if (identity.cgroupRoot() != null && identity.cgroupLevel() != AgentIdentity.UNKNOWN) {
            remember(Named.known(AgentIdentity.inode(identity.cgroupRoot()), ""));
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
    public String name(long cgroup, int pid) {
        if (cgroup == 0) {
            return "";
        }
        Named named = latest[slot(cgroup)];
        return named != null && named.cgroup == cgroup && named.holds() ? named.name : find(cgroup, pid);
    }

    private int slot(long cgroup) {
        return (int) (cgroup ^ cgroup >>> 32) & (latest.length - 1);
    }

    private synchronized String find(long cgroup, int pid) {
        Named named = names.get(cgroup);
        if (named == null || !named.holds()) {
            int looks = named == null ? 1 : named.looks + 1;
            String name = pid == 0 ? null : nameAtProcess(cgroup, pid);
            if (name == null) {
                walkIfDue();
                named = names.get(cgroup);
                boolean found = named != null && named.looks == 0;
                named = found ? named : Named.unknown(cgroup, looks);
            } else {
                named = Named.known(cgroup, name);
            }
        }
        remember(named);
        return named.name;
    }

    private void remember(Named named) {
        names.put(named.cgroup, named);
        latest[slot(named.cgroup)] = named;
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

    private void walkIfDue() {
        Path root = identity.cgroupRoot();
        if (root != null && System.nanoTime() - lastWalk >= WALK_INTERVAL) {
            walk(root);
            lastWalk = System.nanoTime();
        }
    }

    private void walk(Path root) {
        try {
            Files.walkFileTree(root, new SimpleFileVisitor<>() {
                private int left = MOST_DIRECTORIES;

                @Override
                public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes) {
                    String path = "/" + root.relativize(directory);
                    long cgroup = AgentIdentity.inode(directory);
                    Named before = names.get(cgroup);
                    if (before == null || before.looks > 0) {
                        names.put(cgroup, Named.known(cgroup, nameOf(List.of("0::" + path))));
                    }
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
