// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.record;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which hierarchy of cgroups the agent tells containers by, and where in it its own namespace begins. */
class AgentIdentityTest {
    @TempDir
    private Path self;

    private AgentIdentity of(String... cgroups) throws IOException {
        Files.writeString(self.resolve("cgroup"), String.join("\n", cgroups) + "\n");
        return AgentIdentity.of(self, 42);
    }

    private static void assertHierarchy(String controller, String path, AgentIdentity identity) {
        assertEquals(controller, identity.controller(), "controller");
        assertEquals(path, identity.cgroupPath(), "path");
    }

    @Test
    void theOnlyHierarchyOfV2() throws IOException {
        assertHierarchy("", "/system.slice/web.service", of("0::/system.slice/web.service"));
    }

    @Test
    void memoryOnV1() throws IOException {
        assertHierarchy(
                "memory",
                "/docker/one",
                of("4:pids:/docker/one", "3:memory:/docker/one", "1:name=systemd:/docker/one"));
    }

    @Test
    void anotherOneWhereMemoryIsNotUsed() throws IOException {
        assertHierarchy("pids", "/web", of("4:pids:/web", "3:memory:/", "1:name=systemd:/system.slice/web"));
        assertHierarchy("pids", "/docker/one", of("4:pids:/docker/one", "2:cpu,cpuacct:/docker/one"));
    }

    @Test
    void onHybridHostsTheOneThatSaysSomething() throws IOException {
        assertHierarchy("memory", "/docker/one", of("3:memory:/docker/one", "0::/docker/one"));
        assertHierarchy("", "/user.slice", of("3:memory:/", "2:cpu:/", "0::/user.slice"));
        assertHierarchy("memory", "/", of("3:memory:/", "2:cpu:/", "0::/"));
    }

    @Test
    void theNamespaceBeginsWhereTheKernelsPathEndsInWhatIsSeen() throws IOException {
        assertEquals("/", of("0::/docker/one").withCgroup(5, "/docker/one").cgroupNamespace(), "the initial one");
        assertEquals("/docker/one", of("0::/").withCgroup(5, "/docker/one").cgroupNamespace(), "of a container");
        assertEquals(
                "/docker/one",
                of("0::/below").withCgroup(5, "/docker/one/below").cgroupNamespace(),
                "deeper");
        assertEquals("/", of("0::/../two").withCgroup(5, "/docker/two").cgroupNamespace(), "moved out of it");
    }
}
