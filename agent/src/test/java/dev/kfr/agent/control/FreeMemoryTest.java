// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.control;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What cgroups leave to a process, from files as the kernel shows them. */
class FreeMemoryTest {
    @TempDir
    private Path directory;

    private Path self;
    private Path mount;

    @BeforeEach
    void aProcessAndAMount() throws IOException {
        self = Files.createDirectory(directory.resolve("self"));
        mount = Files.createDirectory(directory.resolve("mount"));
    }

    @Test
    void whatIsCachedOfFilesCanBeTakenBack() throws IOException {
        process("4:memory:/service", "36 35 0:31 / " + mount + " rw - cgroup cgroup rw,memory");
        v1("service", 1000, 700, 150, 50);
        assertEquals(500, FreeMemory.free(self));
    }

    @Test
    void theTightestCgroupAboveCounts() throws IOException {
        process("0::/pod/service", "36 35 0:31 / " + mount + " rw - cgroup2 cgroup2 rw");
        v2("pod/service", "max", 300);
        v2("pod", "1000", 900);
        assertEquals(100, FreeMemory.free(self));
    }

    @Test
    void aContainerSeesItsOwnCgroupAsTheRoot() throws IOException {
        process("0::/", "36 35 0:31 / " + mount + " rw - cgroup2 cgroup2 rw");
        v2(".", "2000", 500);
        assertEquals(1500, FreeMemory.free(self));
    }

    @Test
    void aCgroupThatIsNotMountedHereIsLookedForAtTheTop() throws IOException {
        process("4:cpu,memory:/docker/1234", "36 35 0:31 /docker/1234 " + mount + " rw - cgroup cgroup rw,cpu,memory");
        v1(".", 1000, 400, 0, 0);
        assertEquals(600, FreeMemory.free(self));
    }

    @Test
    void withoutLimitOrWithoutSightThereIsNoBound() throws IOException {
        assertEquals(Long.MAX_VALUE, FreeMemory.free(self), "no files at all");
        process("0::/service", "36 35 0:31 / " + mount + " rw - cgroup2 cgroup2 rw");
        assertEquals(Long.MAX_VALUE, FreeMemory.free(self), "a cgroup without files");
        v2("service", "max", 300);
        assertEquals(Long.MAX_VALUE, FreeMemory.free(self), "no limit");
    }

    private void process(String cgroup, String mountinfo) throws IOException {
        Files.writeString(self.resolve("cgroup"), cgroup + "\n");
        Files.writeString(self.resolve("mountinfo"), mountinfo + "\n");
    }

    private void v1(String group, long limit, long usage, long inactive, long active) throws IOException {
        var path = Files.createDirectories(mount.resolve(group));
        Files.writeString(path.resolve("memory.limit_in_bytes"), limit + "\n");
        Files.writeString(path.resolve("memory.usage_in_bytes"), usage + "\n");
        Files.writeString(
                path.resolve("memory.stat"),
                "cache 1\ninactive_file 7\ntotal_inactive_file " + inactive + "\ntotal_active_file " + active + "\n");
    }

    private void v2(String group, String limit, long usage) throws IOException {
        var path = Files.createDirectories(mount.resolve(group));
        Files.writeString(path.resolve("memory.max"), limit + "\n");
        Files.writeString(path.resolve("memory.current"), usage + "\n");
        Files.writeString(path.resolve("memory.stat"), "anon 1\ninactive_file 0\nactive_file 0\n");
    }
}
