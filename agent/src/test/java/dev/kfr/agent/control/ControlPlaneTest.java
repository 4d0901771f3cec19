// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.kfr.agent.control.ProbeStatusRow.State;
import dev.kfr.agent.record.Decoder;
import dev.kfr.agent.record.Layouts;
import dev.kfr.agent.record.ProcessEnds;
import dev.kfr.agent.record.Text;
import dev.kfr.agent.syscalls.SyscallNames;
import dev.kfr.agent.syscalls.SyscallsProbe;
import dev.kfr.bpf.NeedsKernel;
import dev.kfr.events.Scope;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;

/** The control plane without Flight Recorder: counters for readers of MBeans. */
@NeedsKernel
class ControlPlaneTest {
    private static final Duration READERS_LAST = Duration.ofSeconds(3);
    private static final Duration LIMIT = Duration.ofSeconds(60);

    private final Queue<String> changes = new ConcurrentLinkedQueue<>();

    @Test
    void countersStopWhenNobodyHasReadThemForSomeTime() throws Exception {
        var setup = new ControlPlane.Setup(
                1 << 16, 64, Scope.JVM, Demand.Mode.ON_DEMAND, READERS_LAST, false, false, Watched.SELF);
        try (var plane = new ControlPlane(setup, new Changes())) {
            plane.start((identity, processes, counters) ->
                    List.of(new SyscallsProbe(64, processes, SyscallNames.ofThisMachine())));
            assertNull(plane.demand("syscalls").since(), "counting since");
            plane.demand("syscalls").read();
            await("sys_exit", plane, State.ATTACHED);
            await("sys_enter", plane, State.ATTACHED);
            assertNotNull(since(plane), "counting since");
            await("sys_exit", plane, State.DETACHED);
            await("sys_enter", plane, State.DETACHED);
            await("process_exit", plane, State.ATTACHED);
        }
        assertEquals(
                List.of("sys_exit ATTACHED", "sys_enter ATTACHED", "sys_exit DETACHED", "sys_enter DETACHED"),
                changes.stream().filter(change -> change.startsWith("sys_")).toList());
    }

    private static Object since(ControlPlane plane) throws InterruptedException {
        long end = System.nanoTime() + READERS_LAST.toNanos();
        Object since = plane.demand("syscalls").since();
        while (since == null && System.nanoTime() < end) {
            Thread.sleep(1);
            since = plane.demand("syscalls").since();
        }
        return since;
    }

    private void await(String probe, ControlPlane plane, State state) throws InterruptedException {
        long end = System.nanoTime() + LIMIT.toNanos();
        while (plane.statuses().stream().noneMatch(row -> row.probe().equals(probe) && row.state() == state)) {
            if (System.nanoTime() > end) {
                throw new AssertionError(probe + " is not " + state + ": " + plane.statuses());
            }
            Thread.sleep(5);
        }
    }

    private final class Changes implements ControlPlane.Listener {
        @Override
        public void probe(ProbeStatusRow status) {
            changes.add(status.probe() + " " + status.state());
        }

        @Override
        public void ended(ProcessEnds.End end) {}

        @Override
        public void lost(String message) {}

        @Override
        public void problem(String message) {
            changes.add(message);
        }

        @Override
        public Map<String, Decoder> listeners(Layouts layouts, Text text) {
            return Map.of();
        }
    }
}
