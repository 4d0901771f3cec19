// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.syscalls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kfr.agent.record.Histogram;
import dev.kfr.agent.record.Processes;
import dev.kfr.agent.record.TableRows;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SyscallTableTest {
    private static final int READ = 0;
    private static final int WRITE = 1;
    private static final int FUTEX = 202;

    private final TableRows rows = new TableRows("syscall_row", 4096);
    private final Set<Long> running = new HashSet<>();
    private final SyscallTable table = new SyscallTable(rows.memory(), rows.layout(), running::contains);

    /** Plays the kernel: one row of one CPU. */
    private int row(int pid, int id, int generation) {
        int row = rows.claim();
        rows.set(row, "key", SyscallTable.key(pid, id, generation));
        return row;
    }

    private void call(int row, int times, long nanos) {
        rows.add(row, "count", times).add(row, "total_time", times * nanos);
        rows.set(row, "max_time", Math.max(rows.get(row, "max_time"), nanos));
        rows.addToBucket(row, Histogram.bucket(nanos), times);
    }

    private static void assertRow(SyscallTable.Row row, long process, int id, long count, long time, long max) {
        assertEquals(
                List.of(process, (long) id, count, time, max),
                List.of(row.process(), (long) row.id(), row.count(), row.totalTime(), row.maxTime()));
    }

    @Test
    void addsUpTheRowsOfAllCpus() {
        call(row(1, READ, 7), 3, 1_000);
        call(row(1, READ, 7), 2, 5_000);
        call(row(2, READ, 8), 1, 9_000);
        int failing = row(2, WRITE, 8);
        call(failing, 4, 100);
        rows.add(failing, "errors", 2);
        SyscallTotals totals = table.totals(process -> false, true);
        assertEquals(10, totals.calls());
        assertEquals(2, totals.errors());
        assertEquals(3_000 + 10_000 + 9_000 + 400, totals.totalTime());
        assertRow(totals.bySyscall().get(0), 0, READ, 6, 22_000, 9_000);
        assertRow(totals.bySyscall().get(1), 0, WRITE, 4, 400, 100);
        assertEquals(2, totals.bySyscall().get(1).errors());
        assertRow(totals.topProcesses(1).get(0), Processes.key(1, 7), SyscallTable.OTHER, 5, 13_000, 0);
    }

    @Test
    void keepsThisJvmApart() {
        call(row(1, READ, 7), 3, 1_000);
        call(row(2, READ, 8), 5, 1_000);
        List<SyscallTable.Row> own =
                table.totals(process -> process == Processes.key(2, 8), true).ofThisJvm();
        assertEquals(1, own.size());
        assertRow(own.get(0), 0, READ, 5, 5_000, 1_000);
    }

    @Test
    void aReusedPidIsAnotherProcess() {
        call(row(1, READ, 7), 3, 1_000);
        call(row(1, READ, 9), 5, 1_000);
        assertEquals(2, table.totals(process -> false, true).topProcesses(10).size());
    }

    @Test
    void percentilesComeFromTheHistogramsOfAllCpus() {
        call(row(1, READ, 7), 98, 1_000);
        call(row(1, READ, 7), 2, 1_000_000);
        SyscallTable.Row read = table.totals(process -> false, true).bySyscall().get(0);
        assertEquals(1_000, read.p50(), 250);
        assertEquals(1_000_000, read.p99(), 250_000);
    }

    @Test
    void anIntervalHoldsOnlyWhatHappenedInIt() {
        int read = row(1, READ, 7);
        call(read, 100, 2_000);
        table.startIntervals();
        call(read, 3, 500_000);
        List<SyscallTable.Row> first =
                table.nextInterval(100, process -> true, process -> false).rows();
        assertEquals(1, first.size());
        assertRow(first.get(0), Processes.key(1, 7), READ, 3, 1_500_000, 500_000);
        assertEquals(500_000, first.get(0).p50(), 125_000);
        assertTrue(
                table.nextInterval(100, process -> true, process -> false)
                        .rows()
                        .isEmpty(),
                "nothing happened since");
    }

    @Test
    void theLongestOfAnIntervalIsTakenOnceAndTheLongestOfAllIsKept() {
        int read = row(1, READ, 7);
        table.startIntervals();
        call(read, 1, 9_000);
        assertEquals(
                9_000,
                table.nextInterval(100, process -> true, process -> false)
                        .rows()
                        .get(0)
                        .maxTime());
        call(read, 1, 4_000);
        assertEquals(
                4_000,
                table.nextInterval(100, process -> true, process -> false)
                        .rows()
                        .get(0)
                        .maxTime());
        assertEquals(
                9_000, table.totals(process -> false, true).bySyscall().get(0).maxTime());
    }

    @Test
    void onlyTheTopRowsStandAloneAndTheRestIsOneRowOfItsProcess() {
        table.startIntervals();
        for (int id = 0; id < 10; id++) {
            call(row(1, id, 7), 1, 1_000 * (id + 1));
            call(row(2, id, 8), 1, 10);
        }
        List<SyscallTable.Row> found =
                table.nextInterval(3, process -> true, process -> false).rows();
        Map<Long, SyscallTable.Row> others = new HashMap<>();
        found.subList(3, found.size()).forEach(row -> others.put(row.process(), row));
        assertEquals(
                List.of(9, 8, 7),
                found.subList(0, 3).stream().map(SyscallTable.Row::id).toList());
        assertEquals(2, others.size());
        assertRow(others.get(Processes.key(1, 7)), Processes.key(1, 7), SyscallTable.OTHER, 7, 28_000, 7_000);
        assertRow(others.get(Processes.key(2, 8)), Processes.key(2, 8), SyscallTable.OTHER, 10, 100, 10);
    }

    @Test
    void allCallsOfAProcessStandAloneIfThatIsWanted() {
        table.startIntervals();
        for (int id = 0; id < 10; id++) {
            call(row(1, id, 7), 1, 1_000 * (id + 1));
            call(row(2, id, 8), 1, 10);
        }
        List<SyscallTable.Row> found = table.nextInterval(3, process -> true, process -> process == Processes.key(2, 8))
                .rows();
        assertEquals(
                10,
                found.stream()
                        .filter(row -> row.process() == Processes.key(2, 8) && row.id() != SyscallTable.OTHER)
                        .count(),
                found::toString);
        assertRow(found.getLast(), Processes.key(1, 7), SyscallTable.OTHER, 7, 28_000, 7_000);
    }

    @Test
    void ofManyProcessesThoseWithMostHaveARowForTheRestAndAllOthersOneTogether() {
        table.startIntervals();
        for (int pid = 1; pid <= 10; pid++) {
            call(row(pid, READ, 7), 1, 1_000_000); // alone in the first rows, or not
            call(row(pid, READ + 1, 7), 2, 1_000 * pid);
        }
        List<SyscallTable.Row> found =
                table.nextInterval(3, process -> true, process -> false).rows();
        assertEquals(3 + 3 + 1, found.size(), found::toString);
        assertEquals(30, found.stream().mapToLong(SyscallTable.Row::count).sum(), "calls in all rows");
        assertEquals(
                10 * 1_000_000 + 2 * 55_000,
                found.stream().mapToLong(SyscallTable.Row::totalTime).sum(),
                "time in all rows");
        SyscallTable.Row rest = found.getLast();
        assertEquals(0, rest.process());
        assertEquals(SyscallTable.OTHER, rest.id());
        assertTrue(found.subList(3, 6).stream().allMatch(row -> row.process() != 0 && row.id() == SyscallTable.OTHER));
    }

    @Test
    void rowsOfAnEndedProcessAreAddedToTheTotalsAndGivenBack() {
        int ended = row(1, READ, 7);
        call(ended, 3, 1_000);
        call(row(2, READ, 8), 5, 1_000);
        table.ended(Processes.key(1, 7));
        SyscallTotals totals = table.totals(process -> false, true);
        assertEquals(8, totals.calls());
        assertEquals(8, totals.bySyscall().get(0).count());
        assertEquals(1, totals.topProcesses(10).size(), "only one still runs");
        for (String field : List.of("key", "count", "errors", "total_time", "max_time")) {
            assertEquals(0, rows.get(ended, field), field);
        }
    }

    @Test
    void aRowThatWasGivenBackCountsFromZeroForTheNextProcess() {
        table.startIntervals();
        int row = row(1, READ, 7);
        call(row, 3, 1_000);
        table.nextInterval(100, process -> true, process -> false);
        table.ended(Processes.key(1, 7));
        table.totals(process -> false, false);
        rows.set(row, "key", SyscallTable.key(5, WRITE, 9));
        call(row, 1, 70);
        List<SyscallTable.Row> rowsOfInterval =
                table.nextInterval(100, process -> true, process -> false).rows();
        assertEquals(1, rowsOfInterval.size());
        assertRow(rowsOfInterval.get(0), Processes.key(5, 9), WRITE, 1, 70, 70);
        assertEquals(4, table.totals(process -> false, false).calls());
    }

    @Test
    void theLastCallsOfAnEndedProcessAreInTheNextInterval() {
        int row = row(1, READ, 7);
        call(row, 10, 1_000);
        table.startIntervals();
        call(row, 3, 2_000);
        table.ended(Processes.key(1, 7));
        table.totals(process -> false, false);
        List<SyscallTable.Row> found =
                table.nextInterval(100, process -> true, process -> false).rows();
        assertEquals(1, found.size());
        assertRow(found.get(0), Processes.key(1, 7), READ, 3, 6_000, 2_000);
    }

    @Test
    void manyEndsFreeTheirRowsWithoutAnyReader() {
        for (int pid = 1; pid <= 1000; pid++) {
            int row = row(pid, READ, 7);
            call(row, 1, 1_000);
            table.ended(Processes.key(pid, 7));
        }
        assertTrue(table.fill() < 0.05, "taken: " + table.fill());
        assertEquals(1000, table.totals(process -> false, false).calls());
    }

    @Test
    void processesWhoseEndWasMissedAreFreedOnceRowsRunOut() {
        call(row(1, READ, 7), 3, 1_000);
        call(row(2, READ, 8), 5, 1_000);
        running.add(Processes.key(2, 8));
        table.totals(process -> false, false);
        assertEquals(2.0 / 4096, table.fill(), "there is room: nobody is asked");
        call(row(0, SyscallTable.OVERFLOW, 0), 1, 1_000);
        table.totals(process -> false, false);
        assertEquals(2.0 / 4096, table.fill(), "one that runs, and the overflow row");
        assertEquals(9, table.totals(process -> false, false).calls());
    }

    @Test
    void whatFoundNoRowIsInTheTotalsAndStaysInItsRow() {
        int overflow = row(0, SyscallTable.OVERFLOW, 0);
        call(overflow, 3, 1_000);
        SyscallTotals totals = table.totals(process -> false, true);
        assertEquals(3, totals.calls());
        assertRow(totals.bySyscall().get(0), 0, SyscallTable.OVERFLOW, 3, 3_000, 1_000);
        assertEquals(0, totals.topProcesses(10).size());
        assertEquals(3, rows.get(overflow, "count"));
    }

    @Test
    void clearedItCountsAnew() {
        int row = row(1, READ, 7);
        call(row, 3, 1_000);
        call(row(2, READ, 8), 5, 1_000);
        table.ended(Processes.key(2, 8));
        table.totals(process -> false, false);
        table.clear();
        assertEquals(0, table.totals(process -> false, true).calls());
        rows.set(row, "key", SyscallTable.key(1, READ, 7));
        call(row, 1, 1_000);
        assertEquals(1, table.totals(process -> false, true).calls());
    }

    @Test
    void tellsPidIdAndGenerationApartInTheKey() {
        long key = SyscallTable.key(4_194_303, FUTEX, 0xFFFF_FFFE);
        assertEquals(Processes.key(4_194_303, 0xFFFF_FFFE), SyscallTable.process(key));
        assertEquals(FUTEX, SyscallTable.id(key));
    }

    @Test
    void namesCallsOfBothArchitectures() {
        assertEquals("openat", SyscallNames.of("amd64").name(257));
        assertEquals("openat", SyscallNames.of("aarch64").name(56));
        assertEquals("mseal", SyscallNames.of("x86_64").name(462));
        assertEquals("mseal", SyscallNames.of("arm64").name(462));
        assertEquals("syscall_999", SyscallNames.of("amd64").name(999));
        assertEquals("syscall_5", SyscallNames.of("riscv64").name(5));
        assertEquals("(other)", SyscallNames.of("amd64").name(SyscallTable.OTHER));
    }

    @Test
    void longCallsStandAloneHoweverManyProcessesEndedBefore() {
        table.startIntervals();
        final int storm = 40_000;
        for (int pid = 1; pid <= storm; pid++) {
            call(row(pid, READ, 7), 2, 10);
            table.ended(Processes.key(pid, 7));
            if (pid % 1000 == 0) {
                table.totals(process -> false, false);
                rows.allFree();
            }
        }
        call(row(storm + 1, WRITE, 7), 1, 5_000_000);
        table.ended(Processes.key(storm + 1, 7));
        List<SyscallTable.Row> found =
                table.nextInterval(10, process -> true, process -> false).rows();
        assertRow(found.getFirst(), Processes.key(storm + 1, 7), WRITE, 1, 5_000_000, 5_000_000);
        assertEquals(
                2L * storm + 1,
                found.stream().mapToLong(SyscallTable.Row::count).sum());
        assertEquals(
                20L * storm + 5_000_000,
                found.stream().mapToLong(SyscallTable.Row::totalTime).sum());
        assertTrue(found.size() < 30, "rows " + found.size());
    }
}
