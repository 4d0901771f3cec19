// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A cgroup of a test's own. Closing it removes it with all below, as soon as the processes in it have ended. */
public final class TestCgroup implements AutoCloseable {
    private static final Path ROOT = Path.of("/sys/fs/cgroup");
    private static final String MEMBERS = "cgroup.procs";

    /** A hierarchy of cgroups. */
    public enum Hierarchy {
        V1,
        V2
    }

    private final Hierarchy hierarchy;
    private final Path directory;

    private TestCgroup(Hierarchy hierarchy, Path directory) {
        this.hierarchy = hierarchy;
        this.directory = directory;
    }

    /** Makes a cgroup; where there is no such hierarchy, or none that this user may change, the test is skipped. */
    public static TestCgroup in(Hierarchy hierarchy, String name) throws IOException {
        var root = hierarchy == Hierarchy.V1 ? ROOT.resolve("memory") : unified();
        assumeTrue(Files.isWritable(root.resolve(MEMBERS)), "no cgroup hierarchy of " + hierarchy + " to write to");
        var unique = "kfr-" + name + "-" + ProcessHandle.current().pid();
        // below the test's own cgroup on v1, so that outside of it is not outside of everything
        var parent = root.resolve(hierarchy == Hierarchy.V1 ? ownPath() : "");
        return new TestCgroup(hierarchy, Files.createDirectory(parent.resolve(unique)));
    }

    /** Makes a cgroup that may have so much memory, in the hierarchy that limits memory here; where there is none, the test is skipped. */
    public static TestCgroup withMemory(String name, long bytes) throws IOException {
        boolean v1 = Files.exists(ROOT.resolve("memory"));
        if (!v1) {
            var control = unified().resolve("cgroup.subtree_control");
            assumeTrue(Files.isWritable(control), "no cgroup hierarchy that limits memory");
            Files.writeString(control, "+memory");
        }
        var group = in(v1 ? Hierarchy.V1 : Hierarchy.V2, name);
        Files.writeString(group.directory.resolve(v1 ? "memory.limit_in_bytes" : "memory.max"), Long.toString(bytes));
        return group;
    }

    /** Its path from the root of its hierarchy. */
    public String path() {
        var root = hierarchy == Hierarchy.V1 ? ROOT.resolve("memory") : unified();
        return "/" + root.relativize(directory);
    }

    private static Path unified() {
        return Files.exists(ROOT.resolve("cgroup.controllers")) ? ROOT : ROOT.resolve("unified");
    }

    private static String ownPath() throws IOException {
        return Files.readAllLines(Path.of("/proc/self/cgroup")).stream()
                .filter(line -> line.matches("\\d+:([^:]*,)?memory(,[^:]*)?:.*"))
                .map(line -> line.substring(line.lastIndexOf(':') + 2))
                .findFirst()
                .orElse("");
    }

    /** A cgroup in this one; goes with it. */
    public TestCgroup below(String name) throws IOException {
        return new TestCgroup(hierarchy, Files.createDirectory(directory.resolve(name)));
    }

    public Path directory() {
        return directory;
    }

    public String name() {
        return directory.getFileName().toString();
    }

    /** Begins a command that then runs in this cgroup, and of v2 in none of v1 but the roots. */
    public List<String> command() throws IOException {
        var members = Stream.concat(
                hierarchy == Hierarchy.V2 ? rootsOfV1().stream() : Stream.of(), Stream.of(directory.resolve(MEMBERS)));
        return List.of(
                "sh",
                "-c",
                members.map(file -> "echo $$ > " + file + " && ").collect(Collectors.joining()) + "exec \"$@\"",
                "sh");
    }

    private static List<Path> rootsOfV1() throws IOException {
        try (var hierarchies = Files.list(ROOT)) {
            return hierarchies
                    .filter(root -> Files.exists(root.resolve("cgroup.sane_behavior")))
                    .map(root -> root.resolve(MEMBERS))
                    .toList();
        }
    }

    /** Moves a process into this cgroup. */
    public void take(long pid) throws IOException {
        Files.writeString(directory.resolve(MEMBERS), Long.toString(pid));
    }

    @Override
    public void close() {
        try {
            KernelService.await(this::removed, () -> directory + " is in use");
        } catch (Exception interrupted) {
            throw new IllegalStateException(interrupted);
        }
    }

    private boolean removed() throws IOException {
        if (!Files.exists(directory)) {
            return true;
        }
        try (var all = Files.walk(directory)) {
            for (var each : all.filter(Files::isDirectory)
                    .sorted(Comparator.reverseOrder())
                    .toList()) {
                Files.delete(each);
            }
            return true;
        } catch (IOException | UncheckedIOException busy) {
            return false;
        }
    }
}
