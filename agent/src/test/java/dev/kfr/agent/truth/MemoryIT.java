// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.truth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.kfr.agent.TestCgroup;
import dev.kfr.bpf.linux.KernelVersion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import javax.management.openmbean.CompositeData;
import jdk.jfr.consumer.RecordedEvent;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What is told of memory, against programs that know what they did and what the kernel counted itself. */
class MemoryIT {
    private static final long PAGE = 4096;
    private static final int SIGKILL = 9;

    /** A file that nobody else has mapped, on the disk of the machine and not on one of the test's own. */
    private static final Path ON_DISK = Path.of(System.getProperty("java.home"), "lib", "ct.sym");

    private static Host host;

    @BeforeAll
    static void start() throws Exception {
        host = Host.start("ring=64M");
        host.set("Memory", "TableSize", 1_000);
    }

    @AfterAll
    static void stop() throws Exception {
        host.close();
    }

    /** Minor and major faults of a process since it began: {@code /proc/PID/stat}. */
    private record Faults(long minor, long major) {
        static Faults of(Witness witness) throws IOException {
            var stat = Files.readString(Path.of("/proc/" + witness.pid() + "/stat"));
            var fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
            return new Faults(Long.parseLong(fields[7]), Long.parseLong(fields[9]));
        }
    }

    @Test
    void recordsEachMajorPageFaultAndCountsAllFaultsAsTheKernelDoes() throws Exception {
        final int pages = 300;
        var file = ON_DISK.toRealPath();
        host.count("Memory");
        try (var witness = Witness.start("fault", pages, file);
                var recording = host.record("MajorPageFault threshold=0ms throttle=off", "PageFaults")) {
            var shownBefore = host.row("Memory", "TopProcesses", witness.pid());
            var before = Faults.of(witness);
            witness.go();
            var after = Faults.of(witness);
            Thread.sleep(200); // a reading serves for 100 ms
            var shown = host.row("Memory", "TopProcesses", witness.pid());
            var events = recording.stop();
            long pid = witness.pid();
            long major = witness.values("major").getFirst();
            assertEquals(pages, major, "major faults as the program counted them");
            assertEquals(major, after.major - before.major, "major faults in /proc/PID/stat");
            assertEquals(major, events.sum("PageFaults", pid, "major"), "major faults of rows");
            assertEquals(
                    after.minor - before.minor,
                    events.sum("PageFaults", pid, "minor"),
                    "minor faults of rows, and in stat");
            assertEquals(major, change(shownBefore, shown, "majorFaults"), "major faults of the MBean");
            assertEquals(after.minor - before.minor, change(shownBefore, shown, "minorFaults"), "minor, of the MBean");
            var faults = events.of("MajorPageFault", pid);
            events.assertExactly(major, faults.size(), "events");
            assertLieIn(witness, faults);
            assertLast(events, pid, faults);
            var expected = pathsAreKnown() ? file.toString() : "";
            var paths = faults.stream().map(e -> e.getString("path")).collect(Collectors.toSet());
            assertEquals(Set.of(expected), paths);
        }
    }

    private static boolean pathsAreKnown() {
        return KernelVersion.running().compareTo(new KernelVersion(6, 1)) >= 0;
    }

    /** Each in another page of the mapping. */
    private static void assertLieIn(Witness witness, List<RecordedEvent> faults) {
        long begin = witness.values("address").getFirst();
        long end = begin + witness.values("size").getFirst();
        faults.forEach(e -> {
            long address = e.getLong("address");
            assertTrue(begin <= address && address < end, () -> e + " not from " + begin + " to " + end);
        });
        var pages = faults.stream().map(e -> e.getLong("address") / PAGE).collect(Collectors.toSet());
        assertEquals(faults.size(), pages.size(), "different pages");
    }

    /** Where the kernel tells of their beginnings, faults have a duration, and rows have their sum. */
    private static void assertLast(Events events, long pid, List<RecordedEvent> faults) {
        assumeTrue(System.getProperty("os.arch").equals("amd64"), "durations are those of x86-64");
        long sum = 0;
        for (var fault : faults) {
            long duration = fault.getDuration().toNanos();
            assertTrue(duration > 0 && duration < 10_000_000_000L, fault::toString);
            sum += duration;
        }
        long waited = events.of("PageFaults", pid).stream()
                .mapToLong(row -> row.getDuration("majorTime").toNanos())
                .sum();
        // a duration goes through the ticks of JFR's clock
        long tolerance = 1_000L * faults.size();
        assertTrue(
                events.skipped() > 0 || Math.abs(waited - sum) <= tolerance,
                "time of rows " + waited + " ns, of events " + sum + " ns, " + faults.size() + " faults");
    }

    @Test
    void aMajorPageFaultBelowTheThresholdIsNotRecorded() throws Exception {
        final int pages = 50;
        try (var witness = Witness.start("fault", pages, ON_DISK.toRealPath());
                var recording = host.record("MajorPageFault threshold=60s throttle=off")) {
            witness.go();
            assertEquals(pages, witness.values("major").getFirst());
            assertEquals(List.of(), recording.stop().of("MajorPageFault", witness.pid()));
        }
    }

    @Test
    void countsWhatTheKernelAllocatesForAProcess() throws Exception {
        final int count = 4_000;
        try (var witness = Witness.start("eventfds", count);
                var recording = host.record("KernelMemory")) {
            host.attribute("Memory", "TopKernelMemory");
            Host.await("kernel memory is not counted", () -> attribute("KernelCountingSince") != null);
            witness.begin();
            Host.await("not opened", () -> !witness.values("opened").isEmpty());
            var opened = row(witness);
            long allocations = (long) opened.get("allocations");
            long bytes = (long) opened.get("allocatedBytes");
            assertAllocated(count, allocations, bytes);
            assertTrue((long) opened.get("frees") < count / 2, "freed while all are open: " + opened);
            witness.go();
            // some are freed later: when no CPU can use them any more
            Host.await("not freed: " + row(witness), () -> (long) row(witness).get("frees") >= allocations * 7 / 10);
            var closed = row(witness);
            assertTrue((long) closed.get("freedBytes") <= (long) closed.get("allocatedBytes"), closed::toString);
            long allocated = host.number("Memory", "KernelAllocatedBytes");
            assertTrue(allocated >= bytes, "of the host " + allocated + ", of the witness " + bytes);
            var events = recording.stop();
            long pid = witness.pid();
            long recorded = events.sum("KernelMemory", pid, "allocations");
            assertTrue(recorded >= allocations, "rows " + recorded + ", MBean before " + allocations);
            assertTrue(
                    events.sum("KernelMemory", pid, "freedBytes") >= (long) closed.get("freedBytes"),
                    () -> "rows " + events.of("KernelMemory", pid) + ", MBean before " + closed);
        }
    }

    /** An eventfd is an object of its own, an open file and a directory entry, all of a size that the kernel tells; some have more. */
    private static void assertAllocated(int count, long allocations, long bytes) throws IOException {
        long expected = objectSize("filp") + objectSize("dentry");
        var figures = allocations + " allocations, " + bytes + " bytes for " + count
                + " eventfds; a file and a dentry are " + expected + " bytes";
        assertTrue(allocations >= 3L * count && allocations <= 6L * count, figures);
        double each = (double) allocations / count;
        // the same number for each, and what the kernel needs to account for the pages that these objects are in
        assertTrue(each % 1 < 0.2 || each % 1 > 0.95, figures + ", " + each + " for each");
        assertTrue(bytes >= (expected + 8) * count && bytes <= (expected + 512) * count, figures);
    }

    private static long objectSize(String cache) throws IOException {
        return Files.readAllLines(Path.of("/proc/slabinfo")).stream()
                .filter(line -> line.startsWith(cache + " "))
                .mapToLong(line -> Long.parseLong(line.split(" +")[3]))
                .findFirst()
                .orElseThrow();
    }

    private static CompositeData row(Witness witness) {
        try {
            var row = host.row("Memory", "TopKernelMemory", witness.pid());
            if (row == null) {
                throw new AssertionError("no row of " + witness.pid() + "\n" + attribute("TopKernelMemory"));
            }
            return row;
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private static Object attribute(String name) {
        try {
            return host.attribute("Memory", name);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void tellsOfAProcessThatIsKilledForItsMemory() throws Exception {
        final long limit = 32L << 20;
        var notifications = host.listen("kernel.oomkill");
        try (var cgroup = TestCgroup.withMemory("hungry", limit);
                var witness = Witness.start("eat", 256, cgroup.directory());
                var recording = host.record("OutOfMemoryKill")) {
            long shown = host.number("Memory", "OutOfMemoryKills");
            long counted = killsOfTheHost();
            witness.go();
            var child = witness.children().getFirst();
            assertEquals(SIGKILL, child.signal(), child::toString);
            Host.await("no notification", () -> notifications.stream().anyMatch(text -> isAbout(text, child)));
            assertEquals(
                    killsOfTheHost() - counted, host.number("Memory", "OutOfMemoryKills") - shown, "kills of the host");
            var kills = recording.stop().of("OutOfMemoryKill").stream()
                    .filter(e -> e.getLong("victimPid") == child.pid())
                    .toList();
            assertEquals(1, kills.size(), kills::toString);
            var kill = kills.getFirst();
            assertEquals("witness", kill.getString("victimName"), kill::toString);
            assertEquals(child.pid(), kill.getLong("pid"), "who wanted memory: " + kill);
            assertEquals(cgroup.path(), kill.getString("memoryCgroup"), kill::toString);
            var adjusted = Files.readString(Path.of("/proc/" + witness.pid() + "/oom_score_adj"));
            assertEquals(adjusted.strip(), Integer.toString(kill.getInt("oomScoreAdjust")), kill::toString);
            long resident = kill.getLong("residentSize");
            // pages that it shares with its parent are not in its cgroup
            assertTrue(
                    resident > limit * 3 / 4 && resident < limit + (4 << 20),
                    "resident " + resident + ", limit of the cgroup " + limit);
        }
    }

    private static boolean isAbout(String text, Witness.Child child) {
        return text.contains("process " + child.pid() + " (witness, ") && text.contains("hungry");
    }

    private static long killsOfTheHost() throws IOException {
        return Files.readAllLines(Path.of("/proc/vmstat")).stream()
                .filter(line -> line.startsWith("oom_kill "))
                .mapToLong(line -> Long.parseLong(line.substring("oom_kill ".length())))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void recordsThreadsThatHaveToFreeMemory() throws Exception {
        final int times = 4;
        var file = ON_DISK.toRealPath();
        long size = Files.size(file);
        long limit = size * 3 / 5 / PAGE
                * PAGE; // it does not fit, so each time some of it is read and other pages have to go
        try (var cgroup = TestCgroup.withMemory("short", limit);
                var witness = Witness.start("load", times, cgroup.directory(), file);
                var recording = host.record("DirectReclaim threshold=0ms throttle=off")) {
            witness.go();
            var child = witness.children().getFirst();
            assertEquals(0, child.status(), child::toString);
            var events = recording.stop().of("DirectReclaim", child.pid());
            long reclaimed =
                    events.stream().mapToLong(e -> e.getInt("pagesReclaimed")).sum();
            long read = child.bytesRead() / PAGE;
            var figures = events.size() + " events, " + reclaimed + " pages; read " + times + " times " + size / PAGE
                    + ", limit " + limit / PAGE + ", from disk " + read;
            // nobody but itself was there to free memory of its cgroup
            assertTrue(reclaimed >= times * (size - limit) / PAGE * 8 / 10, figures);
            // what came from the disk and did not stay had to go; file systems of virtual machines don't tell what they
            // read
            boolean told = read > 0;
            assertTrue(!told || reclaimed >= (read - limit / PAGE) * 9 / 10, figures);
            assertTrue(!told || reclaimed <= read * 11 / 10, figures);
            for (var event : events) {
                assertEquals("cgroup", event.getString("cause"), event::toString);
                assertTrue(event.getInt("order") <= 10, event::toString);
                long duration = event.getDuration().toNanos();
                assertTrue(duration > 0 && duration <= child.after() - child.before(), event::toString);
            }
        }
    }

    private static long change(CompositeData before, CompositeData after, String field) {
        return (long) after.get(field) - (before == null ? 0 : (long) before.get(field));
    }
}
