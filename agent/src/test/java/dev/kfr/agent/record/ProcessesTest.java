// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.record;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kfr.events.Scope;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProcessesTest {
    private static final long START = 123_456; // hundredths of a second after boot
    private static final int GENERATION = (int) ((START * 10_000_000 + 3_000_000) >> 10);

    @TempDir
    private Path proc;

    private final AgentIdentity onHost = new AgentIdentity(10, 10, 1, 0, 0, "", 0, "/docker/one", "/");
    private final AgentIdentity inContainer =
            new AgentIdentity(1, AgentIdentity.UNKNOWN, 1, AgentIdentity.UNKNOWN, 4026532000L, "", 0, "/", "/");

    private Processes processes(AgentIdentity identity) {
        return new Processes(100, identity, new Containers(identity, proc), proc + "/");
    }

    private void process(int pid, String name, long start, String cgroup) throws IOException {
        Path directory = Files.createDirectories(proc.resolve(String.valueOf(pid)));
        Files.writeString(
                directory.resolve("stat"),
                pid + " (" + name + ") S 1 1 1 0 -1 4194560 9 0 0 0 5 3 0 0 20 0 1 0 " + start + " 1000 2000 18446\n");
        Files.writeString(directory.resolve("status"), "Name:\t" + name + "\nUmask:\t0022\nUid:\t1000\t0\t0\t0\n");
        Files.writeString(directory.resolve("cgroup"), "0::" + cgroup + "\n");
    }

    @Test
    void readsAProcessFromProc() throws IOException {
        process(42, "a (b) c", START, "/system.slice/cron.service");
        Processes.Info info = processes(onHost).of(42, GENERATION);
        assertEquals(new Processes.Info(42, "", "a (b) c", 1000, "cron.service"), info);
    }

    @Test
    void aProcessThatHasThePidNowIsNotTheOneThatHadIt() throws IOException {
        process(42, "later", START + 100, "/");
        var processes = processes(onHost);
        assertEquals(new Processes.Info(42, "", "", -1, ""), processes.of(42, GENERATION));
        assertFalse(processes.alive(42, GENERATION));
        process(42, "same", START, "/");
        assertTrue(processes.alive(42, GENERATION));
    }

    @Test
    void remembersWhatARecordToldOfAProcessThatEnded() {
        var processes = processes(onHost);
        processes.learn(42, GENERATION, 0, "sleep", 1000, 0);
        assertEquals(new Processes.Info(42, "", "sleep", 1000, ""), processes.of(42, GENERATION));
        assertEquals("", processes.of(42, GENERATION + 50_000).name());
    }

    @Test
    void theNameOfOneThatEndedJustNowIsInARecordOnItsWay() {
        var processes = processes(onHost);
        processes.recordsOnTheirWay(() -> processes.learn(42, GENERATION, 0, "sleep", 1000, 0));
        assertEquals(new Processes.Info(42, "", "sleep", 1000, ""), processes.of(42, GENERATION));
    }

    @Test
    void insideAContainerPidsAreThoseSeenThereOrTheHosts() throws IOException {
        process(7, "inner", START, "/");
        var processes = processes(inContainer);
        processes.learn(4242, GENERATION, 7, "inner", 1000, 0);
        processes.learn(4243, GENERATION, 0, "outer", 0, 0);
        assertEquals(new Processes.Info(7, "", "inner", 1000, ""), processes.of(4242, GENERATION));
        assertEquals(new Processes.Info(4243, "host", "outer", 0, ""), processes.of(4243, GENERATION));
        assertEquals(
                new Processes.Info(7, "host", "", -1, ""), processes.of(7, GENERATION), "7 is another pid outside");
    }

    @Test
    void theAgentsContainerIsItsCgroupAndWhatIsBelow() throws IOException {
        process(1, "own", START, "/docker/one");
        process(2, "below", START, "/docker/one/init.scope");
        process(3, "sibling", START, "/docker/one-more");
        process(4, "host", START, "/");
        var containers = new Containers(onHost, proc);
        containers.learn(77, "/docker/one/below/further");
        containers.learn(78, "/other/docker/one");
        var processes = new Processes(100, onHost, containers, proc + "/");
        processes.learn(5, GENERATION, 0, "ended", 0, 77);
        processes.learn(6, GENERATION, 0, "ended", 0, 78);
        var inside = IntStream.rangeClosed(1, 7)
                .filter(pid -> processes.in(Scope.CONTAINER).test(Processes.key(pid, GENERATION)))
                .boxed()
                .toList();
        assertEquals(List.of(1, 2, 5), inside, "processes in the agent's container");
    }

    @Test
    void forgetsWhatWasNotAskedForLongest() {
        var processes = processes(onHost);
        for (int pid = 1; pid <= 150; pid++) {
            processes.learn(pid, GENERATION, 0, "p" + pid, 0, 0);
        }
        assertEquals("", processes.of(1, GENERATION).name());
        assertEquals("p150", processes.of(150, GENERATION).name());
    }

    @Test
    void knowsItself() {
        AgentIdentity self = AgentIdentity.ofThisProcess();
        assertEquals(ProcessHandle.current().pid(), self.pid());
        assertTrue(self.pidNamespace() > 0, self.toString());
        long ticks = Generation.startTicks("/proc/self/stat");
        int generation = (int) ((ticks * 10_000_000 + 1) >> 10);
        if (self.inInitialPidNamespace()) {
            assertTrue(self.is(self.pid(), generation), self.toString());
            assertEquals(
                    ProcessHandle.current().info().command().orElseThrow().replaceAll(".*/", ""),
                    new Processes(10, self, new Containers(self))
                            .of(self.pid(), generation)
                            .name());
        }
        assertFalse(self.is(self.pid(), generation + 1_000_000));
        assertEquals(self.controller().isEmpty() ? -1 : 4, self.cgroupSubsystem(name -> 4));
    }

    @Test
    void aGenerationMatchesTheStartThatProcTellsInItsWrapToo() {
        for (long nanos : new long[] {0, 5_000_000, 123_456_789_012L, (1L << 42) + 17, 400L * 86_400 * 1_000_000_000}) {
            int generation = (int) (nanos >> 10);
            assertTrue(Generation.matches(generation, nanos / 10_000_000), nanos + " ns");
            assertFalse(Generation.matches(generation, nanos / 10_000_000 + 2), nanos + " ns");
            assertFalse(Generation.matches(generation, nanos / 10_000_000 - 2), nanos + " ns");
        }
    }
}
