// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.record;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ProcessTableTest {
    private static final long APP = Processes.key(1, 7);
    private static final long OTHER = Processes.key(2, 8);
    private static final int ALLOCATIONS = 0;
    private static final int BYTES = 1;

    private final Set<Long> running = new HashSet<>();
    private final TableRows rows = new TableRows("kernel_memory", "kernel_memory_row", 4096);
    private final ProcessTable table = new ProcessTable(
            rows.memory(), rows.layout(), List.of("allocations", "allocated_bytes"), running::contains);

    /** Plays the kernel: one row of one CPU. */
    private int row(long process) {
        int row = rows.claim();
        rows.set(row, "process", process);
        return row;
    }

    private void allocate(int row, long bytes) {
        rows.add(row, "allocations", 1).add(row, "allocated_bytes", bytes);
    }

    private List<ProcessCounts> next() {
        return table.nextInterval(process -> true).rows();
    }

    @Test
    void addsUpTheRowsOfAllCpus() {
        allocate(row(APP), 100);
        allocate(row(APP), 50);
        allocate(row(OTHER), 1_000);
        ProcessTotals totals = table.totals();
        assertEquals(ProcessCounts.of(0, 3, 1_150), totals.all());
        assertEquals(ProcessCounts.of(APP, 2, 150), totals.of(APP));
        assertEquals(
                List.of(ProcessCounts.of(OTHER, 1, 1_000), ProcessCounts.of(APP, 2, 150)),
                totals.top(10, counts -> counts.get(BYTES)));
        assertEquals(List.of(ProcessCounts.of(APP, 2, 150)), totals.top(1, counts -> counts.get(ALLOCATIONS)));
    }

    @Test
    void holdsMoreProcessesThanItBeganWith() {
        for (int i = 1; i <= 1_000; i++) {
            allocate(row(Processes.key(i, 1)), i);
        }
        ProcessTotals totals = table.totals();
        assertEquals(ProcessCounts.of(0, 1_000, 500_500), totals.all());
        assertEquals(777, totals.of(Processes.key(777, 1)).get(BYTES));
        assertEquals(0, totals.of(Processes.key(1_001, 1)).get(BYTES));
    }

    @Test
    void anIntervalHoldsOnlyWhatHappenedInIt() {
        int app = row(APP);
        allocate(app, 1_000);
        table.startIntervals();
        allocate(app, 5);
        allocate(row(APP), 6);
        allocate(row(OTHER), 7);
        assertEquals(
                List.of(ProcessCounts.of(APP, 2, 11)),
                table.nextInterval(process -> process == APP).rows());
        assertTrue(next().isEmpty(), "nothing happened since");
        allocate(app, 8);
        assertEquals(List.of(ProcessCounts.of(APP, 1, 8)), next());
    }

    @Test
    void whatAnEndedProcessDidIsInTheTotalsAndInTheNextInterval() {
        int app = row(APP);
        allocate(app, 1);
        table.startIntervals();
        allocate(app, 1_000);
        table.ended(APP);
        assertEquals(ProcessCounts.of(0, 2, 1_001), table.totals().all());
        assertEquals(0, rows.get(app, "process"));
        assertEquals(0, rows.get(app, "allocated_bytes"));
        assertEquals(List.of(), table.totals().top(10, counts -> counts.get(BYTES)));
        assertEquals(List.of(ProcessCounts.of(APP, 1, 1_000)), next());
        assertEquals(List.of(), next());
    }

    @Test
    void whatIsNoProcessNeverEnds() {
        int interrupts = row(ProcessTable.NO_PROCESS);
        allocate(interrupts, 10);
        allocate(row(ProcessTable.OVERFLOW), 20);
        table.ended(ProcessTable.NO_PROCESS);
        table.ended(ProcessTable.OVERFLOW);
        assertEquals(ProcessCounts.of(0, 2, 30), table.totals().all());
        assertEquals(ProcessTable.NO_PROCESS, rows.get(interrupts, "process"));
        assertEquals(
                List.of(ProcessCounts.of(ProcessTable.NO_PROCESS, 1, 10)),
                table.totals().top(10, counts -> counts.get(BYTES)));
    }

    @Test
    void processesWhoseEndWasNotNoticedGiveTheirRowsBackWhenRowsAreScarce() {
        running.add(OTHER);
        int app = row(APP);
        int other = row(OTHER);
        allocate(app, 1);
        allocate(other, 2);
        table.totals();
        assertEquals(APP, rows.get(app, "process"), "there was no need");
        allocate(row(ProcessTable.OVERFLOW), 4);
        assertEquals(ProcessCounts.of(0, 3, 7), table.totals().all());
        assertEquals(0, rows.get(app, "process"));
        assertEquals(OTHER, rows.get(other, "process"));
        assertEquals(ProcessCounts.of(0, 3, 7), table.totals().all());
    }

    @Test
    void maximaAreThoseOfTheIntervalAndOfAllTime() {
        var withMaximum = new ProcessTable(
                rows.memory(), rows.layout(), List.of("allocations"), List.of("allocated_bytes"), running::contains);
        int first = row(APP);
        rows.set(first, "allocations", 1).set(first, "allocated_bytes", 500);
        assertEquals(ProcessCounts.of(APP, 1, 500), withMaximum.totals().of(APP));
        withMaximum.startIntervals();
        rows.set(first, "allocations", 2).set(first, "allocated_bytes", 30);
        int second = row(APP);
        rows.set(second, "allocations", 1).set(second, "allocated_bytes", 40);
        assertEquals(
                List.of(ProcessCounts.of(APP, 2, 40)),
                withMaximum.nextInterval(process -> true).rows());
        assertEquals(ProcessCounts.of(APP, 3, 500), withMaximum.totals().of(APP));
        withMaximum.ended(APP);
        assertEquals(ProcessCounts.of(0, 3, 500), withMaximum.totals().all());
    }

    @Test
    void nothingIsLeftOfWhatWasCountedBeforeItBeginsAnew() {
        int app = row(APP);
        allocate(app, 1);
        table.startIntervals();
        table.ended(OTHER);
        table.clear();
        assertEquals(ProcessCounts.of(0, 0, 0), table.totals().all());
        assertEquals(0, rows.get(app, "process"));
        rows.set(app, "process", OTHER);
        allocate(app, 3);
        assertEquals(List.of(ProcessCounts.of(OTHER, 1, 3)), next());
    }
}
