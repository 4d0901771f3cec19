// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.record;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kfr.agent.record.ContainerSearch.Found;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ContainerSearchTest {
    private static final String ID = "0123456789abcdef".repeat(4);
    private static final String POD =
            "/kubepods.slice/kubepods-pod5f2e1c3a_0000_0000_0000_000000000000.slice/cri-containerd-" + ID + ".scope";

    @TempDir
    private Path proc;

    private void process(int pid, String cgroup) throws Exception {
        Files.writeString(
                Files.createDirectories(proc.resolve(Integer.toString(pid))).resolve("cgroup"), "0::" + cgroup + "\n");
    }

    private Found find(String name) {
        return new ContainerSearch(new AgentIdentity(1, 1, -1, 0, 0, "", 1, "/", "/"), proc).find(name);
    }

    @Test
    void findsAContainerByTheNameOfEventsAndByItsWholeId() throws Exception {
        process(10, "/");
        process(11, "/docker/" + ID);
        for (var name : new String[] {"0123456789ab", ID, "/docker/" + ID}) {
            assertEquals(new Found(11, 2), find(name), name);
        }
    }

    @Test
    void aContainerIsAllThatIsBelowIt() throws Exception {
        process(11, "/docker/" + ID + "/init.scope");
        process(12, "/docker/" + ID + "/system.slice/nginx.service");
        assertEquals(new Found(11, 2), find("0123456789ab"));
        assertEquals(new Found(12, 4), find("/docker/" + ID + "/system.slice/nginx.service"));
    }

    @Test
    void aPodIsAllItsContainers() throws Exception {
        process(11, POD);
        assertEquals(new Found(11, 3), find("pod5f2e1c3a/0123456789ab"));
        assertEquals(new Found(11, 3), find("0123456789ab"));
        assertEquals(new Found(11, 2), find("pod5f2e1c3a"));
    }

    @Test
    void findsAUnitOfSystemd() throws Exception {
        process(11, "/system.slice/nginx.service");
        assertEquals(new Found(11, 2), find("nginx.service"));
        assertEquals(new Found(11, 1), find("system.slice"));
    }

    @Test
    void whatIsNotThereIsAnsweredWithWhatIs() throws Exception {
        process(11, "/system.slice/nginx.service");
        process(12, "/");
        var message = assertThrows(IllegalArgumentException.class, () -> find("apache.service"))
                .getMessage();
        assertEquals("there is no container apache.service with processes; there are nginx.service", message);
    }

    @Test
    void severalOfOneNameHaveToBeToldApart() throws Exception {
        process(11, "/a.slice/x.service");
        process(12, "/b.slice/x.service");
        var message = assertThrows(IllegalArgumentException.class, () -> find("x.service"))
                .getMessage();
        assertTrue(message.endsWith("/a.slice/x.service, /b.slice/x.service"), message);
    }
}
