// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.truth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kfr.agent.truth.LoopDevice.Stats;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Collectors;
import javax.management.openmbean.CompositeData;
import javax.management.openmbean.TabularData;
import jdk.jfr.consumer.RecordedEvent;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Requests to a disk of the test's own, against the kernel's statistics of it and a program that knows what it asked for. */
class BlockIT {
    private static final int READS = 1_000;
    private static final int READ_SIZE = 4_096;
    private static final int WRITES = 300;
    private static final int WRITE_SIZE = 16_384;
    private static final int SYNCS = 20;
    private static final int DISCARDS = 4;
    private static final int ZEROES = 3;
    private static final int RANGE = 1 << 20;

    /** Of a thousand requests; under load one in 20,000 was seen to be. */
    private static final int UNTOLD = 5;

    private static Host host;

    @TempDir
    private Path directory;

    @BeforeAll
    static void start() throws Exception {
        host = Host.start("ring=64M");
    }

    @AfterAll
    static void stop() throws Exception {
        host.close();
    }

    private static Witness user(LoopDevice disk) throws Exception {
        return Witness.start(
                "disk",
                disk.path(),
                "read",
                READS,
                READ_SIZE,
                "write",
                WRITES,
                WRITE_SIZE,
                "sync",
                SYNCS,
                0,
                "discard",
                DISCARDS,
                RANGE,
                "zero",
                ZEROES,
                RANGE);
    }

    /** A recording that has missed nothing of what came after {@code before}. */
    private record Begun(Host.Recording recording, Stats before) {}

    /** Others may look at a new disk, and nothing tells when the last one has. */
    private static Begun record(LoopDevice disk, String... settings) throws Exception {
        while (true) {
            var before = disk.settled();
            var recording = host.record(settings);
            if (disk.stats().equals(before)) {
                return new Begun(recording, before);
            }
            recording.close();
        }
    }

    @Test
    void countsWhatTheKernelCounts() throws Exception {
        try (var disk = LoopDevice.of(directory, 32);
                var witness = user(disk)) {
            var begun = record(disk, "BlockIoStatistics");
            witness.go();
            var done = disk.settled().since(begun.before);
            var events = begun.recording.stop();
            var rows = events.of("BlockIoStatistics").stream()
                    .filter(row -> row.getString("device").equals(disk.name()))
                    .collect(
                            Collectors.toMap(row -> row.getString("operation"), row -> row, (a, b) -> a, TreeMap::new));
            var figures = done + "\n" + rows;
            assertEquals(
                    List.of("discard", "flush", "read", "write", "write zeroes"), List.copyOf(rows.keySet()), figures);
            assertTrue(done.reads() >= READS && done.sectorsRead() >= (long) READS * READ_SIZE / 512, figures);
            assertExactly(events, done.reads(), rows.get("read"), "count", figures);
            assertExactly(events, done.bytesRead(), rows.get("read"), "bytes", figures);
            // To the kernel's statistics an fsync is a write of nothing besides its flush, and zeroes are writes.
            long writes = rows.get("write").getLong("count")
                    + rows.get("write zeroes").getLong("count")
                    + SYNCS;
            assertTrue(writes <= done.writes() && done.writes() <= writes + events.skipped(), figures);
            // A file system that can't make zeroes refuses, and the kernel writes them.
            boolean refused = rows.get("write zeroes").getInt("errors") > 0;
            long zeroes = (long) ZEROES * RANGE;
            assertExactly(
                    events, (long) WRITES * WRITE_SIZE + (refused ? zeroes : 0), rows.get("write"), "bytes", figures);
            long written = rows.get("write").getLong("bytes")
                    + rows.get("write zeroes").getLong("bytes");
            assertTrue(written == done.bytesWritten() || events.skipped() > 0, figures);
            assertExactly(events, done.flushes(), rows.get("flush"), "count", figures);
            assertExactly(events, done.discards(), rows.get("discard"), "count", figures);
            assertExactly(events, (long) DISCARDS * RANGE, rows.get("discard"), "bytes", figures);
            rows.forEach((operation, row) ->
                    assertTrue(row.getInt("errors") == 0 || operation.equals("write zeroes"), figures));
            assertTimes(rows.get("read"), witness.values("read"), done.readMillis(), figures);
            assertTimes(rows.get("discard"), witness.values("discard"), done.discardMillis(), figures);
            assertTimes(rows.get("flush"), witness.values("sync"), done.flushMillis(), figures);
        }
    }

    private static long least(long done) {
        return Untold.least(done, UNTOLD);
    }

    /** Bytes are missing with the requests whose completion the kernel left out. */
    private static void assertExactly(Events events, long done, RecordedEvent row, String field, String figures) {
        long counted = row.getLong(field);
        assertTrue(
                counted <= done && (events.skipped() > 0 || counted >= least(done)),
                () -> row.getString("operation") + " " + field + ": done " + done + ", counted " + counted
                        + ", skipped by the kernel " + events.skipped() + "\n" + figures);
    }

    /**
     * A request lies inside the call that made it, and the kernel's own sum, in ms, is that of the same times. Who else looked at the disk is in
     * the rows as well.
     */
    private static void assertTimes(RecordedEvent row, List<Long> calls, long millis, String figures) {
        long counted = row.getLong("totalTime") + row.getLong("queueTime");
        long outside = calls.stream().mapToLong(Long::longValue).sum();
        String times = row.getString("operation") + ": " + counted + " ns counted, " + outside
                + " ns seen from outside, " + millis + " ms counted by the kernel\n" + figures;
        if (row.getLong("count") == calls.size()) {
            assertTrue(counted <= outside, times);
        }
        assertTrue(counted <= (millis + 2) * 1_050_000, times);
        assertTrue(counted >= (millis - 2) * 500_000, times);
        assertTrue(row.getLong("p50") <= row.getLong("p99"), times);
        assertTrue(row.getLong("p99") <= row.getLong("max"), times);
        assertTrue(row.getLong("max") <= row.getLong("totalTime"), times);
    }

    @Test
    void recordsEachRequest() throws Exception {
        try (var disk = LoopDevice.of(directory, 32);
                var witness = user(disk)) {
            var begun = record(disk, "BlockIo threshold=0ms throttle=off");
            witness.go();
            var done = disk.settled().since(begun.before);
            var events = begun.recording.stop();
            var ours = events.of("BlockIo").stream()
                    .filter(e -> e.getString("device").equals(disk.name()))
                    .toList();
            var byOperation =
                    ours.stream().collect(Collectors.groupingBy(e -> e.getString("operation"), Collectors.counting()));
            var figures = done + "\n" + byOperation;
            long reads = byOperation.get("read");
            assertTrue(
                    reads <= done.reads() && reads >= least(done.reads()) - events.skipped(),
                    () -> "reads " + reads + ", " + figures);
            events.assertExactly(done.flushes(), byOperation.get("flush"), "flushes, " + figures);
            events.assertExactly(done.discards(), byOperation.get("discard"), "discards, " + figures);
            long written = ours.stream()
                    .filter(e -> e.getString("operation").startsWith("write"))
                    .mapToLong(e -> e.getLong("bytes"))
                    .sum();
            assertTrue(
                    events.skipped() > 0 || written == done.bytesWritten(),
                    () -> "written " + written + ", " + figures);
            for (var event : ours) {
                boolean zeroes = event.getString("operation").equals("write zeroes");
                var error = event.getString("error");
                assertTrue(error.isEmpty() || zeroes && error.equals("EOPNOTSUPP"), event::toString);
                assertTrue(event.getDuration("queueTime").toNanos() >= 0, event::toString);
            }
            var places = ours.stream()
                    .filter(e -> e.getString("operation").equals("read") && e.getLong("bytes") == READ_SIZE)
                    .map(e -> e.getLong("sector"))
                    .collect(Collectors.toSet());
            long missing = 0;
            for (long i = 0; i < READS; i++) {
                missing += places.contains(i * READ_SIZE / 512) ? 0 : 1;
            }
            assertTrue(
                    missing <= READS * UNTOLD / 1_000 + events.skipped(),
                    missing + " of " + READS + " places were not read, " + figures);
            assertTrue(
                    ours.stream().anyMatch(e -> e.getLong("pid") == witness.pid()),
                    () -> "no request was issued by " + witness.pid() + ": " + ours.getFirst());
        }
    }

    @Test
    void recordsOfOtherProcessesOnlyWhatTheScopeHolds() throws Exception {
        try (var disk = LoopDevice.of(directory, 8);
                var witness = Witness.start("disk", disk.path(), "read", 100, READ_SIZE);
                var recording = host.record("BlockIo threshold=0ms throttle=off scope=jvm")) {
            witness.go();
            var own = recording.stop().of("BlockIo");
            assertTrue(own.stream().allMatch(e -> e.getLong("pid") == host.jvm().pid()), own::toString);
        }
    }

    /** A disk whose file lies in a file system that is frozen: it answers when that thaws. */
    @Test
    void recordsTheRequestsThatTookLong() throws Exception {
        final long frozenMillis = 600;
        final long threshold = 400_000_000;
        var mount = Files.createDirectory(directory.resolve("mount"));
        try (var beneath = LoopDevice.of(directory, 64);
                var fileSystem = beneath.mounted(mount);
                var disk = LoopDevice.of(mount, 8);
                var witness = Witness.start("disk", disk.path(), "read", 200, READ_SIZE, "write", 1, READ_SIZE)) {
            assertTrue(fileSystem.path().equals(beneath.path()));
            var before = disk.settled();
            var recording = host.record("BlockIo threshold=400ms throttle=off", "BlockIoStatistics");
            LoopDevice.run("fsfreeze", "--freeze", mount.toString());
            try {
                witness.begin();
                Host.await("no write comes to the frozen file", () -> isWriting(disk, before));
                Thread.sleep(frozenMillis);
            } finally {
                LoopDevice.run("fsfreeze", "--unfreeze", mount.toString());
            }
            witness.await();
            var events = recording.stop();
            var slow = events.of("BlockIo").stream()
                    .filter(e -> e.getString("device").equals(disk.name()))
                    .toList();
            long call = witness.values("write").getFirst();
            var figures = "the call took " + call + " ns, frozen for " + frozenMillis + " ms: " + slow;
            var write = slow.stream()
                    .filter(e -> e.getString("operation").equals("write"))
                    .findAny();
            assertTrue(write.isPresent() || events.skipped() > 0, figures);
            if (write.isPresent()) {
                long took = write.get().getDuration().toNanos();
                assertTrue(frozenMillis * 1_000_000 <= took && took <= call, figures);
                assertEquals(READ_SIZE, write.get().getLong("bytes"), figures);
                assertEquals(0, write.get().getLong("sector"), figures);
            }
            slow.forEach(e -> assertTrue(e.getDuration().toNanos() >= threshold, figures));
            var reads = events.of("BlockIoStatistics").stream()
                    .filter(row -> row.getString("device").equals(disk.name())
                            && row.getString("operation").equals("read"))
                    .mapToLong(row -> row.getLong("count"))
                    .sum();
            assertTrue(reads + events.skipped() >= 199, () -> reads + " reads, " + figures);
            assertFalse(slow.size() >= 200, figures);
        }
    }

    /** Whether all reads are done and something else is on its way. */
    private static boolean isWriting(LoopDevice disk, Stats before) {
        try {
            var now = disk.stats();
            return now.reads() - before.reads() >= 200 && now.inFlight() > 0;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void tellsEachDiskByMBean() throws Exception {
        Host.await("the counters of Block do not start", () -> {
            try {
                host.attribute("Block", "Requests");
                return host.attribute("Block", "CountingSince") != null;
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });
        try (var disk = LoopDevice.of(directory, 32);
                var witness = user(disk)) {
            var before = disk.settled();
            var rowBefore = row(disk);
            long requests = host.number("Block", "Requests");
            witness.go();
            var done = disk.settled().since(before);
            var row = row(disk);
            var figures = done + "\n" + rowBefore + "\n" + row;
            assertExactly(done.reads(), change(rowBefore, row, "reads"), "reads, " + figures);
            assertExactly(done.bytesRead(), change(rowBefore, row, "bytesRead"), "bytes read, " + figures);
            assertExactly(done.writes() - SYNCS, change(rowBefore, row, "writes"), "writes, " + figures);
            assertExactly(done.bytesWritten(), change(rowBefore, row, "bytesWritten"), "bytes written, " + figures);
            assertExactly(done.flushes(), change(rowBefore, row, "flushes"), "flushes, " + figures);
            assertExactly(done.bytesDiscarded(), change(rowBefore, row, "bytesDiscarded"), "discarded, " + figures);
            assertTrue(host.number("Block", "Requests") - requests >= change(rowBefore, row, "requests"), figures);
            long histogram = ((TabularData) host.attribute("Block", "Latency"))
                    .values().stream()
                            .mapToLong(entry -> (long) ((CompositeData) entry).get("value"))
                            .sum();
            assertTrue(
                    histogram >= least(change(rowBefore, row, "requests")) - host.skipped(),
                    () -> "timed " + histogram);
        }
    }

    private static CompositeData row(LoopDevice disk) throws Exception {
        var devices = (TabularData) host.attribute("Block", "Devices");
        var entry = devices.get(new Object[] {disk.name()});
        return entry == null ? null : (CompositeData) entry.get("value");
    }

    private static long change(CompositeData before, CompositeData after, String field) {
        return (long) after.get(field) - (before == null ? 0 : (long) before.get(field));
    }

    private static void assertExactly(long done, long counted, String what) throws Exception {
        assertTrue(
                counted <= done && (host.skipped() > 0 || counted >= least(done)),
                what + ": done " + done + ", counted " + counted + ", skipped by the kernel " + host.skipped());
    }
}
