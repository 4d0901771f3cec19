// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.truth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kfr.agent.Jvm;
import dev.kfr.bpf.linux.Cpus;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.management.openmbean.CompositeData;
import javax.management.openmbean.TabularData;
import jdk.jfr.consumer.RecordedEvent;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** CPU time, waits for a CPU and waits for something else, against what the kernel tells in {@code /proc} and what the program did. */
class CpuIT {
    /** Of a thousand ended processes. */
    private static final int UNTOLD = 30;

    private static Host host;

    @BeforeAll
    static void start() throws Exception {
        host = Host.start("ring=64M");
    }

    @AfterAll
    static void stop() throws Exception {
        host.close();
    }

    /** What the kernel says of the threads of a process that there are. */
    private record Told(long cpuTime, long runQueueTime, long voluntary, long involuntary) {
        static Told of(long pid) throws IOException {
            long cpu = 0;
            long queue = 0;
            long voluntary = 0;
            long involuntary = 0;
            try (Stream<Path> threads = Files.list(Path.of("/proc/" + pid + "/task"))) {
                for (Path thread : threads.toList()) {
                    String[] schedstat =
                            Files.readString(thread.resolve("schedstat")).split(" ");
                    cpu += Long.parseLong(schedstat[0]);
                    queue += Long.parseLong(schedstat[1]);
                    for (String line : Files.readAllLines(thread.resolve("status"))) {
                        if (line.startsWith("voluntary_ctxt_switches:")) {
                            voluntary += number(line);
                        } else if (line.startsWith("nonvoluntary_ctxt_switches:")) {
                            involuntary += number(line);
                        }
                    }
                }
            }
            return new Told(cpu, queue, voluntary, involuntary);
        }

        /** When all threads wait, and nothing changes any more. */
        static Told atRest(long pid) throws Exception {
            var last = new Told[] {of(pid)};
            Host.await("threads of " + pid + " do not come to rest", () -> {
                try {
                    Thread.sleep(100);
                    var before = last[0];
                    last[0] = of(pid);
                    return last[0].equals(before);
                } catch (Exception e) {
                    throw new IllegalStateException(e);
                }
            });
            return last[0];
        }

        private static long number(String line) {
            return Long.parseLong(line.substring(line.indexOf(':') + 1).strip());
        }

        Told since(Told before) {
            return new Told(
                    cpuTime - before.cpuTime,
                    runQueueTime - before.runQueueTime,
                    voluntary - before.voluntary,
                    involuntary - before.involuntary);
        }
    }

    private static void assertWithin(double percent, long expected, long actual, String what) {
        assertTrue(
                Math.abs(actual - expected) <= expected * percent / 100,
                () -> what + ": the kernel says " + expected + ", recorded " + actual + " ("
                        + 100.0 * (actual - expected) / expected + " %)");
    }

    @Test
    void agreesWithTheSchedulerOnThreadsThatFightForACpu() throws Exception {
        try (var witness = Witness.startWaits("spin", 4, 2_000)) {
            var before = Told.atRest(witness.pid());
            var recording = host.record("ProcessCpu", "RunQueueWait threshold=0ns throttle=off");
            witness.go();
            var told = Told.atRest(witness.pid()).since(before);
            var events = recording.stop();
            assertTrue(told.runQueueTime > 1_000_000_000, () -> "nobody waited for a CPU: " + told);
            assertWithin(1, told.cpuTime, events.sum("ProcessCpu", witness.pid(), "cpuTime"), "CPU time");
            assertWithin(
                    2, told.runQueueTime, events.sum("ProcessCpu", witness.pid(), "runQueueTime"), "run queue time");
            assertEquals(told.voluntary, events.sum("ProcessCpu", witness.pid(), "voluntarySwitches"));
            assertEquals(told.involuntary, events.sum("ProcessCpu", witness.pid(), "involuntarySwitches"));
            waitsAgree(witness, told, events);
        }
    }

    private static void waitsAgree(Witness witness, Told told, Events events) {
        var waits = events.of("RunQueueWait", witness.pid());
        long sum = waits.stream().mapToLong(e -> e.getDuration().toNanos()).sum();
        long longest =
                waits.stream().mapToLong(e -> e.getDuration().toNanos()).max().orElse(0);
        assertEquals(0, events.losses("cpu", "lost"));
        assertWithin(2, told.runQueueTime, sum, "sum of " + waits.size() + " waits");
        long recorded = events.of("ProcessCpu", witness.pid()).stream()
                .mapToLong(row -> row.getLong("runQueueMax"))
                .max()
                .orElse(0);
        assertWithin(1, longest, recorded, "longest wait");
        Map<Boolean, Long> byThemselves = waits.stream()
                .filter(e -> e.getDuration().toMillis() >= 1)
                .collect(Collectors.partitioningBy(
                        e -> e.getString("ranInstead").contains("[" + witness.pid() + "]"), Collectors.counting()));
        assertTrue(byThemselves.get(true) > 0, () -> "who ran instead: " + byThemselves);
        // One wait for each time that the thread left the CPU and came back, at most: the first wait begins with a
        // wake-up.
        assertTrue(
                waits.size() <= told.voluntary + told.involuntary + 8,
                () -> waits.size() + " waits, " + told.voluntary + " + " + told.involuntary + " switches");
        assertEquals(Set.of(0), waits.stream().map(e -> e.getInt("cpu")).collect(Collectors.toSet()));
    }

    @Test
    void countsShortLivedThreads() throws Exception {
        host.count("Cpu");
        host.set("Cpu", "TableSize", 1_000);
        try (var witness = Witness.startWaits("threads", 40, 30_000);
                var recording = host.record("ProcessCpu")) {
            long mbean = cpuTimeOnTheMBean(witness.pid());
            witness.go();
            long used = witness.values("used").getFirst();
            // The last thread is told of when the kernel frees it, which takes its time on a busy host.
            Host.await(
                    "threads used " + used + ", and not all of it was counted",
                    () -> cpuTimeOnTheMBean(witness.pid()) - mbean >= 0.99 * used);
            var events = recording.stop();
            long counted = events.sum("ProcessCpu", witness.pid(), "cpuTime");
            // The process did a little before and after it looked at its clock, which is nothing beside 40 threads' 30
            // ms.
            assertTrue(
                    0.99 * used <= counted && counted <= 1.02 * used,
                    () -> "threads used " + used + ", recorded " + counted);
        }
    }

    private static long cpuTimeOnTheMBean(long pid) {
        try {
            var row = host.row("Cpu", "TopProcesses", pid);
            return row == null ? 0 : (long) row.get("cpuTime");
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void countsShortLivedProcesses() throws Exception {
        final int processes = 200;
        try (var witness = Witness.startWaits("children", processes, 3_000);
                var recording = host.record("ProcessCpu")) {
            long start = System.nanoTime();
            long mbean = host.number("Cpu", "CpuTime");
            witness.go();
            // The kernel frees a process when all CPUs have let go of it, and nothing tells when that is.
            Thread.sleep(1_000);
            var events = recording.stop();
            mbean = host.number("Cpu", "CpuTime") - mbean;
            var rows = events.of("ProcessCpu").stream().collect(Collectors.groupingBy(row -> row.getLong("pid")));
            var children = witness.lines().stream()
                    .filter(line -> line.startsWith("child="))
                    .map(Witness::fields)
                    .toList();
            assertEquals(processes, children.size());
            var seen = children.stream()
                    .filter(child -> rows.containsKey(child.get("child")))
                    .toList();
            assertTrue(
                    seen.size() >= Untold.least(processes, UNTOLD),
                    () -> "only " + seen.size() + " of " + processes + " processes have rows");
            seen.forEach(child -> agree(child, rows.get(child.get("child"))));
            long used = seen.stream().mapToLong(child -> child.get("used")).sum();
            long counted = seen.stream()
                    .flatMap(child -> rows.get(child.get("child")).stream())
                    .mapToLong(row -> row.getLong("cpuTime"))
                    .sum();
            if (Jvm.slowness() == 1) {
                assertWithin(1, used, counted, "CPU time of " + seen.size() + " processes");
            } else {
                // Between the moment at which its parent is told and its end a process does a few steps. An emulator
                // has time pass there.
                assertTrue(counted >= 0.99 * used, () -> "recorded " + counted + ", used " + used);
            }
            long all = mbean;
            long available = (System.nanoTime() - start) * Cpus.online().cardinality();
            assertTrue(
                    used <= all && all <= available * 1.02,
                    () -> "MBean " + all + ", used " + used + ", all CPUs had " + available);
        }
    }

    private static void agree(Map<String, Long> child, List<RecordedEvent> rows) {
        long switches = rows.stream()
                .mapToLong(row -> row.getLong("voluntarySwitches") + row.getLong("involuntarySwitches"))
                .sum();
        long told = child.get("switches");
        // It makes its last switch when its parent may have been told already. On an emulated CPU, which is slow,
        // others come in between.
        long late = Jvm.slowness() == 1 ? 1 : 10;
        assertTrue(
                told <= switches && switches <= told + late,
                () -> "switches of " + child + ": recorded " + switches + " in " + rows);
        assertTrue(rows.stream().allMatch(row -> row.getString("processName").equals("waits")), rows::toString);
    }

    @Test
    void countsAThreadThatBecomesItsProcess() throws Exception {
        try (var witness = Witness.startWaits("exec");
                var recording = host.record("ProcessCpu")) {
            var before = Told.of(witness.pid());
            witness.begin();
            Host.await("no exec", () -> witness.lines().size() == 3); // says its pid again
            witness.go();
            var events = recording.stop();
            long now = Told.of(witness.pid()).cpuTime; // of the thread that took over, and its own
            // By the first thread, which is no more.
            final long burnt = witness.values("first").getFirst() - before.cpuTime;
            long counted = events.sum("ProcessCpu", witness.pid(), "cpuTime");
            assertTrue(
                    counted >= now + burnt && counted <= 1.1 * (now + burnt),
                    () -> "counted " + counted + ", there are " + now + ", the first thread had " + burnt);
        }
    }

    @Test
    void includesThreadsThatRunWhileTheyAreRead() throws Exception {
        try (var witness = Witness.startWaits("spin", 2, 6_000)) {
            var outer = Told.of(witness.pid());
            try (var recording = host.record("ProcessCpu")) {
                witness.begin();
                var inner = Told.of(witness.pid());
                Thread.sleep(4_000);
                long atLeast = Told.of(witness.pid()).since(inner).cpuTime;
                var events = recording.stop();
                long atMost = Told.of(witness.pid()).since(outer).cpuTime;
                long counted = events.sum("ProcessCpu", witness.pid(), "cpuTime");
                assertTrue(
                        counted >= 0.99 * atLeast && counted <= 1.01 * atMost,
                        () -> "counted " + counted + ", the kernel says " + atLeast + " to " + atMost);
            }
        }
    }

    @Test
    void agreesWithProcStatOnCpus() throws Exception {
        final double point = 0.01;
        try (var witness = Witness.startWaits("spin", 1, 11_000)) {
            witness.begin();
            var first = stat();
            try (var recording = host.record("CpuUsage", "ProcessCpu")) {
                var second = stat();
                Thread.sleep(10_000);
                var third = stat();
                var events = recording.stop();
                var fourth = stat();
                var rows = events.of("CpuUsage");
                assertEquals(first.size() - 2, rows.size(), rows::toString); // without the sum, and ctxt
                for (var row : rows) {
                    var name = "cpu" + row.getInt("cpu");
                    var outer = shares(first.get(name), fourth.get(name));
                    var inner = shares(second.get(name), third.get(name));
                    for (var share : outer.keySet()) {
                        double low = Math.min(outer.get(share), inner.get(share)) - point;
                        double high = Math.max(outer.get(share), inner.get(share)) + point;
                        double value = row.getFloat(share);
                        assertTrue(
                                low <= value && value <= high,
                                () -> name + " " + share + ": " + value + ", /proc/stat says " + outer.get(share)
                                        + " or " + inner.get(share));
                    }
                }
                switchesAgree(
                        rows,
                        third.get("ctxt")[0] - second.get("ctxt")[0],
                        fourth.get("ctxt")[0] - first.get("ctxt")[0]);
            }
        }
    }

    private static void switchesAgree(List<RecordedEvent> rows, long atLeast, long atMost) {
        double switches = rows.stream()
                .mapToDouble(row -> row.getFloat("contextSwitches")
                        * row.getDuration("interval").toNanos()
                        / 1e9)
                .sum();
        assertTrue(
                0.98 * atLeast <= switches && switches <= 1.02 * atMost,
                () -> "switches " + switches + ", /proc/stat says " + atLeast + " to " + atMost);
    }

    private static Map<String, Double> shares(long[] before, long[] after) {
        double all = 0;
        for (int i = 0; i < 8; i++) {
            all += after[i] - before[i];
        }
        return Map.of(
                "user", (after[0] - before[0] + after[1] - before[1]) / all,
                "system", (after[2] - before[2]) / all,
                "irq", (after[5] - before[5]) / all,
                "softirq", (after[6] - before[6]) / all,
                "idle", (after[3] - before[3]) / all,
                "ioWait", (after[4] - before[4]) / all,
                "steal", (after[7] - before[7]) / all);
    }

    private static Map<String, long[]> stat() throws IOException {
        var lines = new HashMap<String, long[]>();
        for (var line : Files.readAllLines(Path.of("/proc/stat"))) {
            if (line.startsWith("cpu") || line.startsWith("ctxt")) {
                String[] words = line.split(" +");
                lines.put(
                        words[0],
                        Stream.of(words).skip(1).mapToLong(Long::parseLong).toArray());
            }
        }
        return lines;
    }

    @Test
    void tellsWhatEachWaitWasFor() throws Exception {
        final int waits = 20;
        final long millis = 5;
        final long threshold = 3;
        try (var witness = Witness.startWaits("block", waits, millis);
                var recording = host.record("OffCpu threshold=" + threshold + "ms throttle=off waiting=true")) {
            witness.go();
            var events = recording.stop();
            long tid = witness.values("tid").getFirst();
            var waker = "waits[" + witness.pid() + "] waits["
                    + witness.values("waker").getFirst() + "]";
            var byCall = events.of("OffCpu", witness.pid()).stream()
                    .filter(e -> e.getLong("osThreadId") == tid)
                    .filter(e -> !e.getString("syscall").equals("write")) // that it is done
                    .collect(Collectors.groupingBy(e -> e.getString("syscall")));
            assertEquals(0, events.losses("cpu", "lost"));
            expect(waits, byCall.get("futex"), "interruptible", waker);
            expect(waits, byCall.get("clock_nanosleep"), "interruptible", "interrupt");
            expect(waits, byCall.get("read"), "interruptible", waker);
            expect(waits, byCall.get("vfork"), "uninterruptible", null);
            // A busy host may let it wait longer than that for its children, too, which is no matter of ours.
            var asked = Stream.of("futex", "clock_nanosleep", "read", "vfork").map(byCall::get);
            // The wait begins when it leaves the CPU, which is later than the timer's start: much later on an emulated
            // one.
            long least = Jvm.slowness() == 1 ? millis - 1 : threshold;
            asked.flatMap(List::stream).forEach(e -> {
                long nanos = e.getDuration().toNanos();
                assertTrue(nanos >= least * 1_000_000, e::toString);
            });
        }
    }

    private static void expect(int waits, List<RecordedEvent> events, String state, String waker) {
        assertTrue(events != null, () -> "no waits, state " + state + ", woken by " + waker);
        assertEquals(waits, events.size(), events::toString);
        for (var event : events) {
            assertEquals(state, event.getString("state"), event::toString);
            var wokenBy = event.getString("wokenBy");
            // Kernels before 5.11 do not tell.
            assertTrue(
                    wokenBy.isEmpty() || waker == null || waker.equals(wokenBy),
                    () -> "not by " + waker + ": " + event);
        }
    }

    @Test
    void leavesOutWhatWaitsByDesign() throws Exception {
        final int waits = 20;
        try (var witness = Witness.startWaits("block", waits, 5);
                var recording = host.record("OffCpu threshold=3ms throttle=off")) {
            witness.go();
            var events = recording.stop();
            var calls = events.of("OffCpu", witness.pid()).stream()
                    .map(e -> e.getString("syscall"))
                    .filter(call -> !call.equals("write"))
                    .collect(Collectors.groupingBy(call -> call, Collectors.counting()));
            assertEquals(Map.of("vfork", (long) waits), calls);
            // Its pools are parked all the time, and its own threads wait for work.
            assertEquals(
                    List.of(),
                    events.of("OffCpu", host.jvm().pid()).stream()
                            .filter(e -> isParked(e))
                            .toList());
        }
    }

    private static boolean isParked(RecordedEvent event) {
        return Set.of("futex", "epoll_wait", "poll", "ppoll", "clock_nanosleep", "accept")
                        .contains(event.getString("syscall"))
                && event.getString("state").equals("interruptible");
    }

    @Test
    void tellsProcessesAndLatencyOnTheMBean() throws Exception {
        host.count("Cpu");
        host.set("Cpu", "TableSize", 1_000);
        Host.await("waits for a CPU are not counted", () -> waitsOnTheMBean() > 0);
        try (var witness = Witness.startWaits("spin", 3, 1_000)) {
            var before = Told.atRest(witness.pid());
            long waits = waitsOnTheMBean();
            long switches = host.number("Cpu", "ContextSwitches");
            Thread.sleep(200); // a reading serves for 100 ms
            var row = host.row("Cpu", "TopProcesses", witness.pid());
            witness.go();
            var told = Told.atRest(witness.pid()).since(before);
            Thread.sleep(200);
            var after = host.row("Cpu", "TopProcesses", witness.pid());
            assertEquals("waits", after.get("name"));
            assertWithin(1, told.cpuTime, change(row, after, "cpuTime"), "CPU time");
            assertWithin(2, told.runQueueTime, change(row, after, "runQueueTime"), "run queue time");
            assertEquals(told.voluntary, change(row, after, "voluntarySwitches"));
            assertEquals(told.involuntary, change(row, after, "involuntarySwitches"));
            long counted = waitsOnTheMBean() - waits;
            assertTrue(counted >= told.involuntary, () -> counted + " waits, " + told);
            long all = host.number("Cpu", "ContextSwitches") - switches;
            assertTrue(all >= told.voluntary + told.involuntary, () -> all + " switches, " + told);
        }
        assertTrue(((TabularData) host.attribute("Cpu", "Cpus")).size() >= 1);
    }

    private static long waitsOnTheMBean() {
        try {
            long waits = 0;
            for (var value : ((TabularData) host.attribute("Cpu", "RunQueueLatency")).values()) {
                waits += (long) ((CompositeData) value).get("value");
            }
            return waits;
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private static long change(CompositeData before, CompositeData after, String field) {
        return (long) after.get(field) - (before == null ? 0 : (long) before.get(field));
    }
}
