// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.record;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ContainersTest {
    private static final String ID = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    @TempDir
    private Path directory;

    private final Path root;
    private final Path proc;

    ContainersTest(@TempDir Path directory) throws IOException {
        root = Files.createDirectories(directory.resolve("cgroup"));
        proc = Files.createDirectories(directory.resolve("proc"));
    }

    private Containers containers(int level) throws IOException {
        Path self = Files.createDirectories(proc.resolve("self"));
        Files.writeString(self.resolve("cgroup"), "0::/\n");
        return new Containers(new AgentIdentity(1, 1, 1, 0, 0, "", 0, level, root), proc);
    }

    private void process(int pid, String cgroup) throws IOException {
        Path files = Files.createDirectories(proc.resolve(String.valueOf(pid)));
        Files.writeString(files.resolve("cgroup"), "0::" + cgroup + "\n");
    }

    private long cgroup(String path) throws IOException {
        return (Long) Files.getAttribute(Files.createDirectories(root.resolve(path)), "unix:ino");
    }

    @Test
    void findsTheNameAtTheProcess() throws IOException {
        long id = cgroup("docker/" + ID);
        process(5, "/docker/" + ID);
        assertEquals("0123456789ab", containers(0).name(id, 5));
    }

    @Test
    void aProcessThatIsElsewhereNowDoesNotNameIt() throws IOException {
        long id = cgroup("docker/" + ID);
        cgroup("system.slice/cron.service");
        process(5, "/system.slice/cron.service");
        assertEquals("0123456789ab", containers(0).name(id, 5), "found in the tree");
    }

    @Test
    void findsTheNameInTheTreeIfTheProcessHasEnded() throws IOException {
        long id = cgroup("system.slice/cron.service");
        assertEquals("cron.service", containers(0).name(id, 4711));
    }

    @Test
    void theHostHasNoName() throws IOException {
        assertEquals("", containers(0).name(cgroup(""), 0));
        assertEquals("", containers(0).own());
        assertEquals("", containers(0).name(0, 0));
    }

    @Test
    void whatCannotBeSeenKeepsItsNumber() throws IOException {
        assertEquals("cgroup-99", containers(0).name(99, 0));
    }

    @Test
    void whatWasNotFoundIsLookedForAgain() throws Exception {
        var containers = containers(0);
        assertEquals("cgroup-99", containers.name(99, 0));
        long id = cgroup("system.slice/late.service");
        process(5, "/system.slice/late.service");
        String name = containers.name(id, 0);
        assertEquals("cgroup-" + id, name, "the tree was read just now");
        long end = System.nanoTime() + 10_000_000_000L;
        while (!name.equals("late.service") && System.nanoTime() < end) {
            name = containers.name(id, 5);
            Thread.onSpinWait();
        }
        assertEquals("late.service", name);
    }

    @Test
    void insideAContainerTheRootIsTheContainer() throws IOException {
        Files.createDirectories(proc.resolve("sys/kernel"));
        Files.writeString(proc.resolve("sys/kernel/hostname"), "web-1\n");
        assertEquals("web-1", containers(AgentIdentity.UNKNOWN).own());
    }
}
