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
    private static final AgentIdentity ON_HOST = new AgentIdentity(1, 1, 1, 0, 0, "", 0, "/", "/");

    @TempDir
    private Path proc;

    private static Containers inContainer() {
        return new Containers(ON_HOST.withCgroup(5, "/docker/" + ID));
    }

    private void process(int pid, String cgroup) throws IOException {
        Path files = Files.createDirectories(proc.resolve(String.valueOf(pid)));
        Files.writeString(files.resolve("cgroup"), "4:memory:/elsewhere\n0::" + cgroup + "\n");
    }

    @Test
    void theKernelTellsThePath() {
        var containers = new Containers(ON_HOST);
        containers.learn(77, "/docker/" + ID);
        assertEquals("0123456789ab", containers.name(77));
    }

    @Test
    void theHostHasNoName() {
        var containers = new Containers(ON_HOST.withCgroup(1, "/"));
        assertEquals("", containers.own());
        assertEquals("", containers.name(1));
        assertEquals("", containers.name(0));
    }

    @Test
    void whatWasNotToldKeepsItsNumber() {
        assertEquals("cgroup-99", new Containers(ON_HOST).name(99));
    }

    @Test
    void whatIsInUseIsKeptHoweverManyOthersComeAndGo() {
        var containers = inContainer();
        for (int id = 100; id < 100_000; id++) {
            containers.learn(id, "/batch/job" + id);
            assertEquals("0123456789ab", containers.name(5), () -> "the agent's own");
        }
        assertEquals("job99999", containers.name(99_999));
        assertEquals("cgroup-100", containers.name(100), "gone for long");
    }

    @Test
    void anAgentThatSeesItsCgroupAsTheRootKnowsItsName() throws IOException {
        process(7, "/");
        process(8, "/init.scope");
        process(9, "/../" + ID.replace('0', 'f'));
        var identity = ON_HOST.withCgroup(5, "/kubepods/podaaaaaaaa-1111/" + ID);
        var containers = new Containers(identity, proc);
        assertEquals("podaaaaaaaa/0123456789ab", containers.own());
        assertEquals(new Containers.Place("podaaaaaaaa/0123456789ab", true), containers.ofProcess(7));
        assertEquals(new Containers.Place("podaaaaaaaa/0123456789ab", true), containers.ofProcess(8));
        assertEquals(new Containers.Place("podaaaaaaaa/f123456789ab", false), containers.ofProcess(9));
        assertEquals(new Containers.Place("", false), containers.ofProcess(10), "no such process");
    }

    @Test
    void itsContainerIsItsCgroupAndWhatIsBelow() {
        var containers = inContainer();
        containers.learn(6, "/docker/" + ID + "/below");
        containers.learn(7, "/docker/" + ID + "0");
        containers.learn(8, "/docker");
        assertEquals(true, containers.place(5).own(), "its own");
        assertEquals(true, containers.place(6).own(), "below");
        assertEquals(false, containers.place(7).own(), "a sibling whose name begins alike");
        assertEquals(false, containers.place(8).own(), "above");
    }
}
