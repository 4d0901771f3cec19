// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.block;

import dev.kfr.agent.record.IntervalTable;
import dev.kfr.agent.record.MappedRows;
import dev.kfr.agent.record.Text;
import dev.kfr.agent.record.WideHistogram;
import dev.kfr.bpf.StructLayout;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Requests per disk and operation, as the kernel side counts them in {@code block_rows}. Totals never decrease. Thread-safe.
 *
 * <p>The longest time is the one value that Java sets back, once per interval and with an atomic exchange: what the kernel stores at the same
 * moment is seen in this interval or in the next. {@link #totals} reads it without setting it back and adds what the intervals took.
 */
public final class BlockTable implements IntervalTable {
    /** A disk and what was asked of it. */
    record Key(String disk, BlockOperation operation) {}

    /** What a disk did in an interval. */
    record Row(Key key, Requests requests) {}

    /** Rows of what happened, and how long the interval was. */
    record Interval(long nanos, List<Row> rows) {}

    /** The key of overflow rows: disks that found no row. */
    private static final long OVERFLOW = -1;

    private static final int OPERATION_BITS = 8;

    /** Where the fields of {@code struct block_row} are, in 64-bit words; {@code maxTime} in bytes too. */
    private record Layout(
            int size,
            int keyBytes,
            int maxTimeBytes,
            int count,
            int errors,
            int bytes,
            int totalTime,
            int queueTime,
            int histogram,
            int disk,
            int diskBytes) {
        static Layout of(StructLayout row) {
            return new Layout(
                    row.size(),
                    row.field("key").offset(),
                    row.field("max_time").offset(),
                    word(row, "count"),
                    word(row, "errors"),
                    word(row, "bytes"),
                    word(row, "total_time"),
                    word(row, "queue_time"),
                    word(row, "histogram"),
                    word(row, "disk"),
                    row.field("disk").size());
        }

        private static int word(StructLayout row, String field) {
            return row.field(field).offset() / Long.BYTES;
        }
    }

    private final MappedRows rows;
    private final Layout layout;
    private final Map<Long, Key> names = new HashMap<>();
    private final Map<Key, Long> longest = new HashMap<>();
    private final Map<Integer, WideHistogram> histograms = new HashMap<>(); // by row
    private Map<Key, Requests> before;
    private long intervalStart;

    /**
     * @param rows the mapped table
     * @param row layout of {@code struct block_row}
     */
    BlockTable(MemorySegment rows, StructLayout row) {
        this.layout = Layout.of(row);
        this.rows = new MappedRows(rows, layout.size, layout.keyBytes);
    }

    /** Everything since counting began. */
    synchronized Map<Key, Requests> totals() {
        var sums = read(false);
        sums.forEach((key, requests) ->
                requests.maxTime = Math.max(requests.maxTime, longest.getOrDefault(key, requests.maxTime)));
        return sums;
    }

    private Map<Key, Requests> read(boolean takeMaximum) {
        var sums = new LinkedHashMap<Key, Requests>();
        rows.forEachTaken((row, key, values, at) -> {
            var sum = sums.computeIfAbsent(name(key, values, at), k -> new Requests());
            sum.count += values[at + layout.count];
            sum.errors += values[at + layout.errors];
            sum.bytes += values[at + layout.bytes];
            sum.totalTime += values[at + layout.totalTime];
            sum.queueTime += values[at + layout.queueTime];
            long max = takeMaximum
                    ? rows.takeMaximum(row, layout.maxTimeBytes)
                    : values[at + layout.maxTimeBytes / Long.BYTES];
            sum.maxTime = Math.max(sum.maxTime, max);
            var histogram = histograms.computeIfAbsent(row, r -> new WideHistogram());
            for (int i = 0; i < sum.histogram.length; i++) {
                long two = values[at + layout.histogram + i / 2];
                sum.histogram[i] += histogram.bucket(i, (int) ((i & 1) == 0 ? two : two >>> 32));
            }
        });
        return sums;
    }

    private Key name(long key, long[] values, int at) {
        var known = names.get(key);
        if (known == null) {
            known = key == OVERFLOW
                    ? new Key("(overflow)", BlockOperation.OTHER)
                    : new Key(
                            Disk.name(disk(values, at), (int) (key >>> OPERATION_BITS)),
                            BlockOperation.of((int) (key & 0xff) - 1));
            names.put(key, known);
        }
        return known;
    }

    private String disk(long[] values, int at) {
        var bytes = ByteBuffer.allocate(layout.diskBytes).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asLongBuffer().put(values, at + layout.disk, layout.diskBytes / Long.BYTES);
        return Text.upToNul(bytes.array());
    }

    /** From now on {@link #nextInterval} tells what happened; what was counted before belongs to no interval. */
    @Override
    public synchronized void startIntervals() {
        intervalStart = System.nanoTime();
        before = readInterval();
    }

    @Override
    public synchronized void stopIntervals() {
        before = null;
    }

    /** What happened since the last interval ended, busiest disk and operation first. */
    synchronized Interval nextInterval() {
        if (before == null) {
            return new Interval(0, List.of()); // a chunk may end before rows begin
        }
        long now = System.nanoTime();
        var sums = readInterval();
        var changes = new ArrayList<Row>();
        sums.forEach((key, requests) -> {
            var came = requests.since(before.getOrDefault(key, new Requests()));
            if (came.count > 0) {
                changes.add(new Row(key, came));
            }
        });
        changes.sort((a, b) -> Long.compare(b.requests.totalTime, a.requests.totalTime));
        var interval = new Interval(now - intervalStart, changes);
        before = sums;
        intervalStart = now;
        return interval;
    }

    private Map<Key, Requests> readInterval() {
        var sums = read(true);
        sums.forEach((key, requests) -> longest.merge(key, requests.maxTime, Math::max));
        return sums;
    }

    /** Counting begins anew. To be called while the kernel doesn't count: all rows are given back. */
    synchronized void clear() {
        rows.forEachTaken((row, key, values, at) -> rows.free(row));
        names.clear();
        longest.clear();
        histograms.clear();
        if (before != null) {
            startIntervals();
        }
    }
}
