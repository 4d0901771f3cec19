// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.record;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kfr.bpf.BpfCollection;
import dev.kfr.bpf.BpfObject;
import dev.kfr.bpf.NeedsKernel;
import dev.kfr.bpf.RingBuffer;
import dev.kfr.bpf.linux.Cpus;
import java.lang.foreign.ValueLayout;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The kernel's side of {@link Tasks}, with the real iterator. */
@NeedsKernel
class TasksKernelTest {
    private BpfCollection object;
    private RingBuffer ring;
    private Tasks tasks;
    private TaskAccount account;
    private Decoder decoder;

    @BeforeEach
    void attach() {
        BpfObject compiled = CompiledLayouts.object("cpu");
        object = BpfCollection.of(compiled)
                .maxEntries("event_counters", Cpus.possible())
                .open();
        var counting = object.global("counting").memory();
        counting.set(
                ValueLayout.JAVA_INT, compiled.struct("counting").field("tasks").offset(), 1);
        ring = RingBuffer.of(object.map("ring"));
        var identity = AgentIdentity.ofThisProcess();
        tasks = new Tasks(new Processes(1024, identity, new Containers(identity)));
        account = tasks.account(TaskCounts::cpuTime);
        object.load("task_free_raw").attach();
        var iterator = object.load("tasks_iter").attach();
        tasks.attached(iterator, compiled.struct("task_counts"), compiled.struct("task_ended_record"), (int)
                compiled.enumValue("task_flags", "TASK_LEADS"));
        decoder = tasks;
    }

    @AfterEach
    void close() {
        if (object != null) {
            tasks.detaching();
            ring.close();
            object.close();
        }
    }

    private void drain() {
        var record = new Record();
        ring.drain(
                (memory, offset, length) -> {
                    record.move(memory, offset, length);
                    decoder.decode(record);
                },
                Integer.MAX_VALUE);
    }

    private TaskAccount.Totals totals() throws InterruptedException {
        Thread.sleep(120); // a reading serves for 100 ms
        drain();
        return account.totals();
    }

    private static Map<Long, TaskCounts> byPid(TaskAccount.Totals totals) {
        return totals.running().stream()
                .collect(Collectors.toMap(row -> (long) Processes.pid(row.process()), TaskAccount.Row::counts));
    }

    @Test
    void seesWhatThisProcessDoes() throws Exception {
        final long tick = 10_000_000; // a thread that runs is counted as of the last tick
        long pid = ProcessHandle.current().pid();
        long earliest = processCpu();
        TaskCounts before = byPid(totals()).getOrDefault(pid, TaskCounts.of(new long[TaskCounts.FIELDS]));
        long latest = processCpu();
        long end = System.nanoTime() + 500_000_000;
        while (System.nanoTime() < end) {
            Thread.onSpinWait();
        }
        long atLeast = processCpu() - latest - 2 * tick;
        TaskCounts after = byPid(totals()).get(pid);
        long atMost = processCpu() - earliest + 2 * tick;
        long seen = after.cpuTime() - before.cpuTime();
        assertTrue(
                atLeast <= seen && seen <= atMost,
                () -> "the process's clock says " + atLeast + " to " + atMost + " ns, tasks say " + seen);
        assertTrue(after.voluntarySwitches() > before.voluntarySwitches());
    }

    private static long processCpu() {
        return ((com.sun.management.OperatingSystemMXBean)
                        java.lang.management.ManagementFactory.getOperatingSystemMXBean())
                .getProcessCpuTime();
    }

    @Test
    void countsAProcessThatBeganAndEndedBetweenTwoReadings() throws Exception {
        long before = totals().all().cpuTime();
        var start = System.nanoTime();
        var child = new ProcessBuilder("sh", "-c", "i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done").start();
        child.waitFor();
        long took = System.nanoTime() - start;
        long seen = 0;
        for (int i = 0; i < 20 && seen < took / 2; i++) { // its structure is freed a moment later
            seen = totals().all().cpuTime() - before;
        }
        long all = seen;
        assertTrue(all > took / 4, () -> "of " + took + " ns only " + all + " were counted");
    }
}
