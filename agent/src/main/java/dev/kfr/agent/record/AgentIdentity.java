// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.record;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.ToIntFunction;
import java.util.stream.Stream;

/**
 * Who the agent is, as the kernel side's {@code struct identity} needs it. Some of it is found without privileges in {@code /proc/self};
 * what can't be seen there from inside a namespace comes from a program in the kernel: {@link #withHostPid}, {@link #withCgroup}.
 *
 * @param pid of this process as it sees itself
 * @param hostPid the same of the initial pid namespace; {@value #UNKNOWN} if not known
 * @param startTicks when this process started, in hundredths of a second after boot; {@value #UNKNOWN} if not known
 * @param pidNamespaceLevel 0: the initial one; {@value #UNKNOWN} if not known
 * @param pidNamespace inode of the pid namespace
 * @param controller of the cgroup v1 hierarchy that cgroups are told by, such as {@code memory}; empty for the v2 hierarchy
 * @param cgroup id of the own cgroup in that hierarchy; 0 if not known
 * @param cgroupPath of the own cgroup, from the root of that hierarchy; {@code /}: the root, or not known
 * @param cgroupNamespace where the own cgroup namespace has its root in that hierarchy; {@code /} for the initial one
 */
public record AgentIdentity(
        int pid,
        int hostPid,
        long startTicks,
        int pidNamespaceLevel,
        long pidNamespace,
        String controller,
        long cgroup,
        String cgroupPath,
        String cgroupNamespace) {
    /** Not to be seen from user space. */
    public static final int UNKNOWN = -1;

    /** The v2 hierarchy in {@code cgroup_subsystem}. */
    public static final int V2 = -1;

    /** The v2 hierarchy among those of controllers. */
    private static final String V2_HIERARCHY = "";

    /** Inode of the initial pid namespace: include/linux/proc_ns.h. */
    private static final long INITIAL_PID_NAMESPACE = 0xEFFFFFFCL;

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
        String controller = controller(cgroups);
        return new AgentIdentity(
                pid,
                initial ? pid : UNKNOWN,
                Generation.startTicks(self.resolve("stat").toString()),
                initial ? 0 : UNKNOWN,
                pidNamespace,
                controller,
                0,
                path(cgroups, controller),
                "/");
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
                pid, kernelsPid, startTicks, level, pidNamespace, controller, cgroup, cgroupPath, cgroupNamespace);
    }

    /**
     * With what the kernel said of its cgroup in the hierarchy of {@link #controller}.
     *
     * @param id of the cgroup
     * @param path from the root of the hierarchy, which {@code /proc/self/cgroup} has from that of the namespace
     */
    public AgentIdentity withCgroup(long id, String path) {
        String seen = cgroupPath.equals("/") ? "" : cgroupPath;
        boolean below = !seen.startsWith("/..") && path.endsWith(seen);
        String namespace = below ? path.substring(0, path.length() - seen.length()) : "";
        return new AgentIdentity(
                pid,
                hostPid,
                startTicks,
                pidNamespaceLevel,
                pidNamespace,
                controller,
                id,
                path,
                namespace.isEmpty() ? "/" : namespace);
    }

    /**
     * Value of {@code identity.cgroup_subsystem}: index of the hierarchy in {@code css_set.subsys}, {@value #V2} for v2.
     *
     * @param constant value of a constant of the kernel's {@code enum cgroup_subsys_id}
     */
    public int cgroupSubsystem(ToIntFunction<String> constant) {
        return controller.isEmpty() ? V2 : constant.applyAsInt(controller + "_cgrp_id");
    }

    /**
     * The hierarchy that says something about this process: where hosts have both kinds, containers are usually found in those of v1, and
     * those that nobody uses have all processes in their root.
     */
    private static String controller(List<String> cgroups) {
        var present = CONTROLLERS.stream()
                .filter(candidate -> CgroupFile.path(cgroups, candidate) != null)
                .toList();
        return Stream.concat(present.stream(), Stream.of(V2_HIERARCHY))
                .filter(candidate -> !path(cgroups, candidate).equals("/"))
                .findFirst()
                .orElse(present.isEmpty() ? V2_HIERARCHY : present.getFirst());
    }

    private static String path(List<String> cgroups, String controller) {
        String path = CgroupFile.path(cgroups, controller);
        return path == null ? "/" : path;
    }

    private static long namespace(Path link) {
        try {
            String text = Files.readSymbolicLink(link).toString(); // pid:[4026531836]
            return Long.parseLong(text.substring(text.indexOf('[') + 1, text.indexOf(']')));
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
