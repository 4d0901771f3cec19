// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.record;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.function.ToIntFunction;

/**
 * Who the agent is, as the kernel side's {@code struct identity} needs it. Found without privileges from {@code /proc/self}; inside a pid or cgroup
 * namespace some of it can't be seen from there, is {@value #UNKNOWN}, and comes from a program in the kernel: {@link #withHostPid}, {@link
 * #withCgroup}.
 *
 * @param pid of this process as it sees itself
 * @param hostPid the same of the initial pid namespace; {@value #UNKNOWN} if not known
 * @param startTicks when this process started, in hundredths of a second after boot; {@value #UNKNOWN} if not known
 * @param pidNamespaceLevel 0: the initial one; {@value #UNKNOWN} if not known
 * @param pidNamespace inode of the pid namespace
 * @param controller of the cgroup v1 hierarchy that cgroups are told by, such as {@code memory}; empty for the v2 hierarchy
 * @param cgroup id of the own cgroup in that hierarchy; 0 if it can't be seen
 * @param cgroupLevel 0: the root of the hierarchy; {@value #UNKNOWN} if not known
 * @param cgroupRoot where that hierarchy is mounted; null if it isn't
 */
public record AgentIdentity(
        int pid,
        int hostPid,
        long startTicks,
        int pidNamespaceLevel,
        long pidNamespace,
        String controller,
        long cgroup,
        int cgroupLevel,
        Path cgroupRoot) {
    /** Not to be seen from user space. */
    public static final int UNKNOWN = -1;

    /** The v2 hierarchy in {@code cgroup_subsystem}. */
    public static final int V2 = -1;

    /** Inodes of the initial namespaces: include/linux/proc_ns.h. */
    private static final long INITIAL_PID_NAMESPACE = 0xEFFFFFFCL;

    private static final long INITIAL_CGROUP_NAMESPACE = 0xEFFFFFFBL;

    /** Hierarchies of v1 in which every container runtime makes a cgroup, best first. */
    private static final List<String> CONTROLLERS = List.of("memory", "pids", "cpu", "cpuacct", "devices", "freezer");

    /** Of the calling process. What can't be read is unknown; never throws. */
    public static AgentIdentity ofThisProcess() {
        return of(Path.of("/proc/self"), (int) ProcessHandle.current().pid());
    }

    static AgentIdentity of(Path self, int pid) {
        long pidNamespace = namespace(self.resolve("ns/pid"));
        boolean initial = pidNamespace == INITIAL_PID_NAMESPACE;
        List<String> cgroups = lines(self.resolve("cgroup"));
        List<String> mounts = lines(self.resolve("mountinfo"));
        String controller = controller(cgroups);
        String path = CgroupFile.path(cgroups, controller);
        Path root = mountPoint(mounts, controller);
        boolean initialCgroups = namespace(self.resolve("ns/cgroup")) == INITIAL_CGROUP_NAMESPACE;
        return new AgentIdentity(
                pid,
                initial ? pid : UNKNOWN,
                Generation.startTicks(self.resolve("stat").toString()),
                initial ? 0 : UNKNOWN,
                pidNamespace,
                controller,
                root == null || path == null ? 0 : inode(root.resolve(path.substring(1))),
                initialCgroups && path != null ? depth(path) : UNKNOWN,
                root);
    }

    /** Whether pids that the kernel side reports are those that this process sees in {@code /proc}. */
    public boolean inInitialPidNamespace() {
        return pidNamespaceLevel == 0;
    }

    /** Whether the kernel side's pid and generation mean this process. */
    public boolean is(int otherPid, int otherGeneration) {
        return otherPid == hostPid && (startTicks < 0 || Generation.matches(otherGeneration, startTicks));
    }

    /** With what the kernel said of this process. */
    public AgentIdentity withHostPid(int kernelsPid, int level) {
        return new AgentIdentity(
                pid, kernelsPid, startTicks, level, pidNamespace, controller, cgroup, cgroupLevel, cgroupRoot);
    }

    /** With what the kernel said of its cgroup in the hierarchy of {@link #controller}. */
    public AgentIdentity withCgroup(long id, int level) {
        return new AgentIdentity(
                pid, hostPid, startTicks, pidNamespaceLevel, pidNamespace, controller, id, level, cgroupRoot);
    }

    /**
     * Value of {@code identity.cgroup_subsystem}: index of the hierarchy in {@code css_set.subsys}, {@value #V2} for v2.
     *
     * @param constant value of a constant of the kernel's {@code enum cgroup_subsys_id}
     */
    public int cgroupSubsystem(ToIntFunction<String> constant) {
        return controller.isEmpty() ? V2 : constant.applyAsInt(controller + "_cgrp_id");
    }

    /** Where hosts have both kinds of hierarchies, containers are found in those of v1. */
    private static String controller(List<String> cgroups) {
        for (String candidate : CONTROLLERS) {
            if (CgroupFile.path(cgroups, candidate) != null) {
                return candidate;
            }
        }
        return "";
    }

    private static int depth(String path) {
        return (int) path.chars().filter(c -> c == '/').count() - (path.equals("/") ? 1 : 0);
    }

    /** {@code 36 35 0:31 /root /mount/point options - cgroup2 source options}; see proc(5). */
    private static Path mountPoint(List<String> mountinfo, String controller) {
        for (String line : mountinfo) {
            int dash = line.indexOf(" - ");
            String[] before = line.split(" ");
            if (dash < 0 || before.length < 5) {
                continue;
            }
            String[] after = line.substring(dash + 3).split(" ");
            boolean found = controller.isEmpty()
                    ? after[0].equals("cgroup2")
                    : after[0].equals("cgroup")
                            && after.length > 2
                            && Set.of(after[2].split(",")).contains(controller);
            if (found) {
                return Path.of(before[4]);
            }
        }
        return null;
    }

    private static long namespace(Path link) {
        try {
            String text = Files.readSymbolicLink(link).toString(); // pid:[4026531836]
            return Long.parseLong(text.substring(text.indexOf('[') + 1, text.indexOf(']')));
        } catch (IOException | RuntimeException hidden) {
            return 0;
        }
    }

    static long inode(Path path) {
        try {
            return (Long) Files.getAttribute(path, "unix:ino");
        } catch (IOException | RuntimeException hidden) {
            return 0;
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
