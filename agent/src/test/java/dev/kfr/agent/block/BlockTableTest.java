// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.block;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.kfr.agent.block.BlockTable.Key;
import dev.kfr.agent.record.Histogram;
import dev.kfr.agent.record.TableRows;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class BlockTableTest {
    private static final int LOOP0 = 7 << 20;
    private static final Key READS = new Key("loop0", BlockOperation.READ);
    private static final Key WRITES = new Key("loop0", BlockOperation.WRITE);

    private final TableRows rows = new TableRows("block", "block_row", 64);
    private final BlockTable table = new BlockTable(rows.memory(), rows.layout());

    /** Plays the kernel: one row of one CPU. */
    private int row(int device, String disk, BlockOperation operation) {
        int row = rows.claim();
        rows.text(row, "disk", disk.getBytes(StandardCharsets.UTF_8));
        rows.set(row, "claims", 1);
        rows.set(row, "key", (long) device << 8 | (operation.ordinal() + 1));
        return row;
    }

    private void request(int row, int times, long bytes, long nanos) {
        rows.add(row, "count", times).add(row, "bytes", times * bytes).add(row, "total_time", times * nanos);
        rows.add(row, "queue_time", times * 10L);
        rows.set(row, "max_time", Math.max(rows.get(row, "max_time"), nanos));
        rows.addToBucket(row, Histogram.bucket(nanos), times);
    }

    @Test
    void addsUpTheRowsOfAllCpus() {
        request(row(LOOP0, "loop0", BlockOperation.READ), 3, 4_096, 1_000);
        request(row(LOOP0, "loop0", BlockOperation.READ), 2, 512, 5_000);
        request(row(LOOP0, "loop0", BlockOperation.WRITE), 1, 100, 9_000);
        Map<Key, Requests> totals = table.totals();
        assertEquals(2, totals.size(), totals::toString);
        var reads = totals.get(READS);
        assertEquals(5, reads.count);
        assertEquals(3 * 4_096 + 2 * 512, reads.bytes);
        assertEquals(13_000, reads.totalTime);
        assertEquals(50, reads.queueTime);
        assertEquals(5_000, reads.maxTime);
        assertEquals(5, reads.timed());
        assertEquals(1_000, reads.percentile(0.5), 250);
        assertEquals(1, totals.get(WRITES).count);
    }

    @Test
    void anIntervalHoldsWhatHappenedInIt() {
        int reads = row(LOOP0, "loop0", BlockOperation.READ);
        request(reads, 4, 4_096, 80_000);
        table.startIntervals();
        request(reads, 1, 512, 2_000);
        int writes = row(LOOP0, "loop0", BlockOperation.WRITE);
        request(writes, 2, 512, 3_000);
        var interval = table.nextInterval();
        assertEquals(
                List.of(WRITES, READS),
                interval.rows().stream().map(BlockTable.Row::key).toList());
        var read = interval.rows().getLast().requests();
        assertEquals(List.of(1L, 512L, 2_000L, 2_000L), List.of(read.count, read.bytes, read.totalTime, read.maxTime));
        assertEquals(2_000, read.percentile(0.99), 500);
        assertEquals(List.of(), table.nextInterval().rows());
    }

    @Test
    void theLongestStaysInTheTotals() {
        int reads = row(LOOP0, "loop0", BlockOperation.READ);
        request(reads, 1, 4_096, 80_000);
        table.startIntervals();
        table.nextInterval();
        request(reads, 1, 4_096, 2_000);
        assertEquals(80_000, table.totals().get(READS).maxTime);
        assertEquals(2_000, table.nextInterval().rows().getFirst().requests().maxTime);
        assertEquals(80_000, table.totals().get(READS).maxTime);
    }

    @Test
    void theHistogramGoesOnWhereTheKernelsCounterOverflows() {
        int reads = row(LOOP0, "loop0", BlockOperation.READ);
        request(reads, Integer.MAX_VALUE, 0, 1_000);
        assertEquals(Integer.MAX_VALUE, table.totals().get(READS).timed());
        request(reads, Integer.MAX_VALUE, 0, 1_000);
        table.totals();
        request(reads, 10, 0, 1_000);
        assertEquals(2L * Integer.MAX_VALUE + 10, table.totals().get(READS).timed());
        table.clear();
        request(row(LOOP0, "loop0", BlockOperation.READ), 1, 0, 1_000);
        assertEquals(1, table.totals().get(READS).timed());
    }

    @Test
    void beginsAnewWithAllRowsFree() {
        request(row(LOOP0, "loop0", BlockOperation.READ), 3, 4_096, 1_000);
        table.clear();
        assertEquals(Map.of(), table.totals());
        assertEquals(0, rows.get(0, "count"));
        assertEquals(0, rows.get(0, "claims"));
    }

    @Test
    void namesADiskByItsNumberIfThereIsNothingElse() {
        request(row(259 << 20 | 3, "", BlockOperation.DISCARD), 1, 4_096, 1_000);
        int overflow = rows.claim();
        rows.set(overflow, "key", -1);
        request(overflow, 1, 512, 1_000);
        assertEquals(
                List.of(new Key("259:3", BlockOperation.DISCARD), new Key("(overflow)", BlockOperation.OTHER)),
                List.copyOf(table.totals().keySet()));
    }
}
