// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.record;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.kfr.bpf.BpfObject;
import dev.kfr.bpf.StructLayout;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Sums of threads, with the test in the kernel's place. */
class TasksTest {
    private static final BpfObject OBJECT = CompiledLayouts.object("cpu");
    private static final StructLayout COUNTS = OBJECT.struct("task_counts");
    private static final int LEADS = 2;
    private static final long APP = Processes.key(100, 7);

    private final Processes processes = processes();
    private final Tasks tasks = new Tasks(processes);
    private final TaskAccount account = tasks.account(TaskCounts::cpuTime);
    private final MemorySegment memory = Arena.ofAuto().allocate(64L * COUNTS.size(), Long.BYTES);
    private int records;
    private long reading = System.nanoTime();

    TasksTest() {
        tasks.layout(COUNTS, OBJECT.struct("task_ended_record"), LEADS);
    }

    private static Processes processes() {
        var identity = AgentIdentity.ofThisProcess();
        return new Processes(16, identity, new Containers(identity));
    }

    private void set(long at, long task, long started, long process, int flags, long cpuTime, long switches) {
        memory.asSlice(at, COUNTS.size()).fill((byte) 0);
        setLong(at, "task", task);
        setLong(at, "started", started);
        memory.set(ValueLayout.JAVA_INT, at + COUNTS.field("pid").offset(), Processes.pid(process));
        memory.set(ValueLayout.JAVA_INT, at + COUNTS.field("generation").offset(), Processes.generation(process));
        memory.set(ValueLayout.JAVA_INT, at + COUNTS.field("flags").offset(), flags);
        setLong(at, "cpu_time", cpuTime);
        setLong(at, "voluntary_switches", switches);
    }

    private void setLong(long at, String field, long value) {
        memory.set(ValueLayout.JAVA_LONG, at + COUNTS.field(field).offset(), value);
    }

    private TasksTest thread(long task, long started, long process, int flags, long cpuTime, long switches) {
        set((long) records++ * COUNTS.size(), task, started, process, flags, cpuTime, switches);
        return this;
    }

    /** The kernel has been asked for all threads. */
    private void reading() {
        reading += 1_000_000_000;
        var alive = new HashSet<Long>();
        assertEquals(records * COUNTS.size(), tasks.take(memory, records * COUNTS.size(), reading, alive));
        tasks.complete(reading, alive);
        records = 0;
    }

    private void ended(long task, long started, long process, int flags, long cpuTime, long switches) {
        set(63L * COUNTS.size(), task, started, process, flags, cpuTime, switches);
        tasks.ended(memory, 63L * COUNTS.size());
    }

    private long cpuTime() {
        return account.totals().all().cpuTime();
    }

    @Test
    void whatHappenedBeforeTheFirstReadingDoesNotCount() {
        thread(1, 10, APP, LEADS, 5_000, 50).reading();
        assertEquals(0, cpuTime());
        thread(1, 10, APP, LEADS, 5_700, 53).reading();
        assertEquals(700, cpuTime());
        assertEquals(3, account.totals().all().voluntarySwitches());
    }

    @Test
    void addsUpThreadsOfAProcess() {
        thread(1, 10, APP, LEADS, 0, 0).thread(2, 11, APP, 0, 0, 0).reading();
        thread(1, 10, APP, LEADS, 100, 1)
                .thread(2, 11, APP, 0, 30, 2)
                .thread(3, 12, APP, 0, 5, 4)
                .reading();
        var rows = account.totals().running();
        assertEquals(1, rows.size());
        assertEquals(APP, rows.getFirst().process());
        assertEquals(135, rows.getFirst().counts().cpuTime());
        assertEquals(7, rows.getFirst().counts().switches());
    }

    @Test
    void countsTheRestOfAThreadThatEnds() {
        thread(1, 10, APP, LEADS, 0, 0).thread(2, 11, APP, 0, 40, 0).reading();
        thread(1, 10, APP, LEADS, 0, 0).thread(2, 11, APP, 0, 60, 0).reading();
        thread(1, 10, APP, LEADS, 0, 0).reading(); // not met any more, and not told yet
        assertEquals(20, cpuTime());
        ended(2, 11, APP, 0, 75, 0);
        assertEquals(35, cpuTime());
        thread(1, 10, APP, LEADS, 0, 0).reading();
        assertEquals(35, cpuTime());
    }

    @Test
    void countsTheRestOfAThreadThatIsToldOfLateAlsoWhereReadingsAreFarApart() {
        thread(1, 10, APP, LEADS, 0, 0).reading();
        long started = reading + 1;
        thread(1, 10, APP, LEADS, 0, 0).thread(2, started, APP, 0, 60, 0).reading();
        reading += 120_000_000_000L;
        thread(1, 10, APP, LEADS, 0, 0).reading();
        ended(2, started, APP, 0, 75, 0);
        assertEquals(75, cpuTime());
    }

    @Test
    void forgetsAThreadWhoseEndIsNeverTold() {
        thread(1, 10, APP, LEADS, 0, 0).thread(2, 11, APP, 0, 40, 0).reading();
        thread(1, 10, APP, LEADS, 0, 0).reading();
        reading += 60_000_000_000L;
        thread(1, 10, APP, LEADS, 0, 0).reading();
        ended(2, 11, APP, 0, 75, 0);
        assertEquals(0, cpuTime());
    }

    @Test
    void aThreadThatCameAndWentIsItsProcesssAlsoIfThatDidNothingElse() {
        thread(1, 10, APP, LEADS, 5_000, 50).reading();
        ended(2, reading + 1, APP, 0, 40, 3);
        var rows = account.totals().running();
        assertEquals(1, rows.size());
        assertEquals(APP, rows.getFirst().process());
        assertEquals(40, rows.getFirst().counts().cpuTime());
        assertEquals(40, cpuTime());
    }

    @Test
    void aProcessWhoseLastThreadIsToldOfAfterItsEndIsNotThereForLong() {
        thread(1, 10, APP, LEADS, 0, 0).thread(2, 11, APP, 0, 0, 0).reading();
        ended(1, 10, APP, LEADS, 7, 1);
        ended(2, 11, APP, 0, 5, 1);
        reading();
        assertEquals(List.of(), account.totals().running());
        assertEquals(12, cpuTime());
    }

    @Test
    void countsAProcessThatCameAndWentBetweenTwoReadings() {
        thread(1, 10, APP, LEADS, 0, 0).reading();
        account.startIntervals();
        long shortly = Processes.key(101, 8);
        ended(6, reading + 2, shortly, 0, 200, 1);
        ended(5, reading + 1, shortly, LEADS, 300, 2);
        assertEquals(500, cpuTime());
        assertEquals(List.of(), account.totals().running());
        var interval = account.nextInterval(10, Comparator.comparingLong(TaskCounts::cpuTime), process -> true);
        assertEquals(1, interval.rows().size());
        assertEquals(shortly, interval.rows().getFirst().process());
        assertEquals(500, interval.rows().getFirst().counts().cpuTime());
    }

    @Test
    void leavesOutWhatHadEndedBeforeTheFirstReadingAndIsToldLate() {
        thread(1, 10, APP, LEADS, 0, 0).reading();
        ended(9, 5, Processes.key(99, 1), LEADS, 1_000_000, 9);
        assertEquals(0, cpuTime());
    }

    @Test
    void knowsThreadsApartThatHadTheSamePlaceOneAfterTheOther() {
        long next = Processes.key(102, 9);
        thread(1, 10, APP, LEADS, 0, 0).thread(2, 11, APP, 0, 50, 0).reading();
        thread(1, 10, APP, LEADS, 0, 0)
                .thread(2, reading + 5, next, LEADS, 8, 0)
                .reading();
        assertEquals(8, cpuTime());
        ended(2, 11, APP, 0, 70, 0); // of the first: 20 more
        assertEquals(28, cpuTime());
        ended(2, reading + 5, next, LEADS, 9, 0);
        thread(1, 10, APP, LEADS, 0, 0).reading();
    }

    @Test
    void aThreadThatTakesOverItsProcessGoesOn() {
        thread(1, 10, APP, LEADS, 100, 0).thread(2, 20, APP, 0, 40, 0).reading();
        thread(2, 10, APP, LEADS, 45, 0).reading(); // began, it says, when its process did
        ended(1, 10, APP, 0, 103, 0); // the former first, under the other's number
        assertEquals(8, cpuTime());
    }

    @Test
    void eachAccountBeginsByItself() {
        thread(1, 10, APP, LEADS, 0, 0).reading();
        thread(1, 10, APP, LEADS, 100, 0).reading();
        var other = tasks.account(TaskCounts::cpuTime);
        other.restart();
        thread(1, 10, APP, LEADS, 110, 0).reading();
        assertEquals(110, cpuTime());
        assertEquals(10, other.totals().all().cpuTime());
        account.restart();
        assertEquals(0, cpuTime());
        assertEquals(10, other.totals().all().cpuTime());
    }

    @Test
    void theRestOfManyProcessesIsOneRow() {
        thread(1, 10, APP, LEADS, 0, 0).reading();
        account.startIntervals();
        for (int i = 0; i < 5; i++) {
            ended(50 + i, reading + i, Processes.key(200 + i, i + 1), LEADS, 10 * (i + 1), 1);
        }
        var order = Comparator.comparingLong(TaskCounts::cpuTime).reversed();
        var rows = account.nextInterval(2, order, process -> true).rows();
        assertEquals(
                List.of(50L, 40L, 60L),
                rows.stream().map(row -> row.counts().cpuTime()).toList());
        assertEquals(TaskAccount.OTHER, rows.getLast().process());
        assertEquals(List.of(), account.nextInterval(2, order, process -> true).rows());
    }

    @Test
    void whatIsLargeStandsAloneHoweverManySmallOnesCameBefore() {
        thread(1, 10, APP, LEADS, 0, 0).reading();
        account.startIntervals();
        final int storm = 50_000;
        long job = Processes.key(7, 3);
        for (int i = 0; i < storm; i++) {
            ended(50, reading + i, Processes.key(1000 + i, 1), LEADS, 3, 1);
            if (i == storm / 2) {
                ended(60, reading + i, job, LEADS, 9_000, 1);
            }
        }
        thread(1, 10, APP, LEADS, 1_000_000, 7).reading();
        var order = Comparator.comparingLong(TaskCounts::cpuTime).reversed();
        var rows = account.nextInterval(100, order, process -> true).rows();
        assertEquals(APP, rows.get(0).process());
        assertEquals(1_000_000, rows.get(0).counts().cpuTime());
        assertEquals(job, rows.get(1).process());
        assertEquals(101, rows.size());
        assertEquals(
                1,
                rows.stream().filter(row -> row.process() == TaskAccount.OTHER).count());
        assertEquals(
                3L * storm + 9_000 + 1_000_000,
                rows.stream().mapToLong(row -> row.counts().cpuTime()).sum());
    }

    @Test
    void whoAProcessWasIsNotedAsLongAsItIsKnown() {
        thread(1, 10, APP, LEADS, 0, 0).reading();
        account.startIntervals();
        for (int i = 0; i < 100; i++) { // more than are remembered
            long process = Processes.key(1000 + i, 1);
            processes.learn(1000 + i, 1, 1000 + i, "job" + i, 0, 0);
            ended(50, reading + i, process, LEADS, 1 + i, 1);
        }
        var order = Comparator.comparingLong(TaskCounts::cpuTime);
        var rows = account.nextInterval(1000, order, process -> true).rows();
        assertEquals("job0", rows.getFirst().ended().name());
        assertEquals("job99", rows.getLast().ended().name());
    }
}
