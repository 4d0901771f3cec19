// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.block;

import static dev.kfr.agent.jmx.TextTable.bytes;
import static dev.kfr.agent.jmx.TextTable.count;
import static dev.kfr.agent.jmx.TextTable.rate;
import static dev.kfr.agent.jmx.TextTable.time;

import dev.kfr.agent.jmx.Counters;
import dev.kfr.agent.jmx.Monitor;
import dev.kfr.agent.jmx.OneLook;
import dev.kfr.agent.jmx.Rates;
import dev.kfr.agent.jmx.Since;
import dev.kfr.agent.jmx.TextTable;
import dev.kfr.agent.record.Histogram;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;

/** Behind {@code kernel:type=Block}. Thread-safe. */
public final class BlockMonitor implements BlockMXBean, Monitor {
    private static final int WIDEST_BAR = 40;

    private record Look(Map<BlockTable.Key, Requests> totals, Requests all, long bytes, double[] rates) {}

    private final Counters<BlockTable> counters;
    private final OneLook<Look> look = new OneLook<>(this::look);
    private final Rates rates = new Rates(3);

    public BlockMonitor(Counters<BlockTable> counters) {
        this.counters = counters;
    }

    private Look look() {
        var totals = totals(counters.demand());
        var all = new Requests();
        long bytes = 0;
        for (var entry : totals.entrySet()) {
            all.add(entry.getValue());
            bytes += moves(entry.getKey().operation()) ? entry.getValue().bytes : 0;
        }
        return new Look(totals, all, bytes, rates.read(System.nanoTime(), all.count, bytes, all.errors));
    }

    /** Whether an operation moves as many bytes as it is about; a discard covers a terabyte and moves none. */
    private static boolean moves(BlockOperation operation) {
        return switch (operation) {
            case READ, WRITE, ZONE_APPEND -> true;
            default -> false;
        };
    }

    private static Map<BlockTable.Key, Requests> totals(BlockTable table) {
        if (table != null) {
            try {
                return table.totals();
            } catch (IllegalStateException closed) {
                // taken out of the kernel meanwhile: as if there had been none
            }
        }
        return Map.of();
    }

    @Override
    public <R> R during(Supplier<R> request) {
        return look.during(request);
    }

    @Override
    public long getRequests() {
        return look.get().all.count;
    }

    @Override
    public long getBytes() {
        return look.get().bytes;
    }

    @Override
    public long getErrors() {
        return look.get().all.errors;
    }

    @Override
    public long getRequestsWithoutTime() {
        var all = look.get().all;
        return Math.max(0, all.count - all.timed());
    }

    @Override
    public double getRequestsPerSecond() {
        return look.get().rates[0];
    }

    @Override
    public double getBytesPerSecond() {
        return look.get().rates[1];
    }

    @Override
    public double getErrorsPerSecond() {
        return look.get().rates[2];
    }

    @Override
    public Map<Long, Long> getLatency() {
        return Histogram.byPowersOfTwo(look.get().all.histogram);
    }

    @Override
    public Map<String, DeviceRow> getDevices() {
        var byDisk = new TreeMap<String, Map<BlockOperation, Requests>>();
        look.get().totals.forEach((key, requests) -> byDisk.computeIfAbsent(key.disk(), d -> new LinkedHashMap<>())
                .put(key.operation(), requests));
        var rows = new LinkedHashMap<String, DeviceRow>();
        byDisk.forEach((disk, operations) -> rows.put(disk, row(operations)));
        return rows;
    }

    private static DeviceRow row(Map<BlockOperation, Requests> operations) {
        var all = new Requests();
        var reads = new Requests();
        var writes = new Requests();
        var flushes = new Requests();
        var discards = new Requests();
        operations.forEach((operation, requests) -> {
            all.add(requests);
            switch (operation) {
                case READ -> reads.add(requests);
                case WRITE, WRITE_SAME, WRITE_ZEROES, ZONE_APPEND -> writes.add(requests);
                case FLUSH -> flushes.add(requests);
                case DISCARD, SECURE_ERASE -> discards.add(requests);
                default -> {}
            }
        });
        return new DeviceRow(
                all.count,
                reads.count,
                writes.count,
                flushes.count,
                discards.count,
                all.errors,
                reads.bytes,
                writes.bytes,
                discards.bytes,
                all.totalTime,
                all.queueTime,
                all.percentile(0.50),
                all.percentile(0.99),
                all.maxTime);
    }

    @Override
    public Date getCountingSince() {
        return Since.date(counters);
    }

    @Override
    public String show() {
        return look.during(() -> {
            Look now = look.get();
            String head = "Block I/O since " + Since.text(counters) + "\n"
                    + "  " + count(now.all.count) + " requests (" + rate(now.rates[0]) + "/s), "
                    + bytes(now.bytes) + " read and written (" + bytes((long) now.rates[1]) + "/s), "
                    + count(now.all.errors) + " failed\n\n";
            return head + operations(now) + "\n" + latency(now);
        });
    }

    private static String operations(Look now) {
        var table = new TextTable(
                "Disks",
                "disk",
                "operation",
                ">requests",
                ">bytes",
                ">failed",
                ">p50",
                ">p99",
                ">max",
                ">time",
                ">queued");
        now.totals.entrySet().stream()
                .sorted((a, b) -> Long.compare(b.getValue().totalTime, a.getValue().totalTime))
                .forEach(entry -> {
                    var requests = entry.getValue();
                    table.row(
                            entry.getKey().disk(),
                            entry.getKey().operation(),
                            count(requests.count),
                            bytes(requests.bytes),
                            count(requests.errors),
                            time(requests.percentile(0.50)),
                            time(requests.percentile(0.99)),
                            time(requests.maxTime),
                            time(requests.totalTime),
                            time(requests.queueTime));
                });
        return table.toString();
    }

    private static String latency(Look now) {
        var table = new TextTable("From issue to completion", ">below", ">requests", "");
        var powers = Histogram.byPowersOfTwo(now.all.histogram);
        long most = powers.values().stream().mapToLong(Long::longValue).max().orElse(1);
        powers.forEach((below, requests) ->
                table.row(below == Long.MAX_VALUE ? "longer" : time(below), count(requests), "#".repeat((int)
                                (requests * WIDEST_BAR / most))));
        return table.toString();
    }
}
