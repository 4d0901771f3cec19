// SPDX-License-Identifier: Apache-2.0
package dev.kfr.bpf;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kfr.bpf.BpfException.Reason;
import dev.kfr.bpf.linux.KernelVersion;
import dev.kfr.bpf.linux.SystemCall;
import dev.kfr.bpf.linux.Threads;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Each kind of program, attached to what it is for. */
@NeedsKernel
class AttachTest {
    private static final int CALLS = 500;

    private final OpenDescriptors before = OpenDescriptors.now();
    private BpfCollection collection;

    @BeforeEach
    void open() {
        collection = BpfCollection.of(TestObjects.parse("handles_attach.bpf.o"))
                .kernel(TestObjects.kernel())
                .constant("caller", Threads.currentId())
                .constant("trigger", TestObjects.TRIGGER)
                .open();
    }

    @AfterEach
    void nothingIsLeftOpen() {
        collection.close();
        before.assertSameNow();
    }

    @ParameterizedTest
    @CsvSource({"on_raw_tracepoint, raw_tracepoint_runs", "on_btf_tracepoint, btf_tracepoint_runs"})
    void tracepointsRunOnceForEachCall(String program, String counter) {
        assertEquals(CALLS, runsOf(program, counter, TestObjects::trigger));
    }

    @ParameterizedTest
    @CsvSource({"on_entry, fentry_runs", "on_exit, fexit_runs", "on_kprobe, kprobe_runs", "on_kretprobe, kretprobe_runs"
    })
    void functionsRunThemOnceForEachCallWhereTheKernelTakesThem(String program, String counter) {
        try (var arena = Arena.ofConfined()) {
            long buffer = arena.allocate(1).address();
            int noDescriptor = -1;
            long runs = runsOf(program, counter, () -> SystemCall.READ.call(noDescriptor, buffer, 1));
            assertEquals(CALLS, runs);
        } catch (BpfException e) {
            assertFalse(Machine.hasKprobes() || Machine.mustHaveVariants(), e + "\n" + e.verifierLog());
            boolean needsTrampoline = counter.startsWith("f");
            assertEquals(needsTrampoline ? Reason.NOT_PERMITTED : Reason.NOT_SUPPORTED, e.reason(), e.toString());
        }
    }

    @Test
    void aClassicTracepointNeedsTracefs() throws Exception {
        if (Machine.hasTracefs() || Machine.mustHaveVariants()) {
            assertEquals(CALLS, runsOf("on_tracepoint", "tracepoint_runs", TestObjects::trigger));
        } else {
            var program = collection.load("on_tracepoint");
            var e = assertThrows(BpfException.class, program::attach);
            assertEquals(Reason.NOT_FOUND, e.reason());
            assertTrue(e.getMessage().contains("tracefs is not mounted"), e.getMessage());
        }
    }

    @Test
    void aClassicTracepointRunsOnceForEachCall() throws Exception {
        // tracefs is mounted for a child only, in a mount namespace of its own
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        String classes = location(BpfProgram.class) + File.pathSeparator + location(AttachTest.class);
        Process child = new ProcessBuilder(
                        "unshare",
                        "--mount",
                        "sh",
                        "-c",
                        "[ -d $0/events ] || mount -t tracefs tracefs $0 && exec \"$@\"",
                        "/sys/kernel/tracing",
                        java,
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        classes,
                        CountWithTracepoint.class.getName(),
                        Integer.toString(CALLS))
                .redirectErrorStream(true)
                .start();
        String output = new String(child.getInputStream().readAllBytes());
        assertEquals(0, child.waitFor(), output);
        assertEquals(CALLS + " runs, then NOT_FOUND\n", output);
    }

    private static String location(Class<?> type) throws Exception {
        return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI())
                .toString();
    }

    @Test
    void aTracepointThatIsNotThereIsTold() {
        var program = collection.load("on_missing_raw_tracepoint");
        var e = assertThrows(BpfException.class, program::attach);
        assertEquals(Reason.NOT_FOUND, e.reason());
        assertEquals("ENOENT", e.errnoName());
    }

    @Test
    void perfEventsRunOnEveryCpuThatIsBusy() {
        var program = collection.load("on_perf_event");
        assertEquals(
                Reason.INVALID,
                assertThrows(BpfException.class, program::attach).reason());
        try (var link = program.attach(PerfEvent.cpuClock(1_000_000))) {
            assertEquals("on_perf_event", link.program().name());
            assertEquals(KernelVersion.running().atLeast(5, 15), link.id() > 0, "link " + link.id());
            long end = System.nanoTime() + 10_000_000_000L;
            while (collection.global("perf_event_runs").get() < 20 && System.nanoTime() < end) {
                Thread.onSpinWait(); // this is what keeps a CPU busy
            }
        }
        long runs = collection.global("perf_event_runs").get();
        assertTrue(runs >= 20, runs + " runs in 10 s of work, one per ms expected");
        LockSupport.parkNanos(20_000_000);
        assertEquals(runs, collection.global("perf_event_runs").get(), "detached");
    }

    @Test
    void anIteratorSeesEveryThreadOfThisProcess() throws IOException {
        try (var link = collection.load("each_task").attach()) {
            for (int bufferSize : new int[] {8, 4096, 1 << 20}) {
                Set<Integer> before = threadsOfThisProcess();
                Set<Integer> seen = iterate(link, bufferSize);
                Set<Integer> after = threadsOfThisProcess();
                before.retainAll(after); // those that lived all the time
                assertTrue(seen.containsAll(before), "of " + before + " the iterator saw only " + seen);
            }
        }
    }

    private static Set<Integer> iterate(BpfLink link, int bufferSize) {
        Set<Integer> tids = new TreeSet<>();
        long self = ProcessHandle.current().pid();
        try (var run = link.iterate();
                var arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(bufferSize, 8);
            for (int read = run.read(buffer); read > 0; read = run.read(buffer)) {
                assertEquals(0, read % 8, "rows come whole");
                for (int at = 0; at < read; at += 8) {
                    if (buffer.get(JAVA_INT, at + 4) == self) {
                        tids.add(buffer.get(JAVA_INT, at));
                    }
                }
            }
        }
        return tids;
    }

    private static Set<Integer> threadsOfThisProcess() throws IOException {
        Set<Integer> tids = new TreeSet<>();
        try (var tasks = Files.newDirectoryStream(Path.of("/proc/self/task"))) {
            tasks.forEach(task -> tids.add(Integer.parseInt(task.getFileName().toString())));
        }
        return tids;
    }

    @Test
    void onlyIteratorsIterate() {
        try (var link = collection.load("on_raw_tracepoint").attach()) {
            assertTrue(link.id() > 0, "link " + link.id());
            assertEquals(
                    Reason.INVALID,
                    assertThrows(BpfException.class, link::iterate).reason());
        }
    }

    @Test
    void theVerifiersReasonsAreTold() {
        var e = assertThrows(BpfException.class, () -> collection.load("careless"));
        assertEquals(Reason.VERIFIER, e.reason());
        assertEquals("EACCES", e.errnoName());
        assertTrue(e.verifierLog().contains("map_value_or_null"), e.verifierLog());
        assertTrue(e.verifierLog().contains("*value += 1"), "the log quotes the source: " + e.verifierLog());
        assertTrue(e.getMessage().contains("R0 invalid mem access"), e.getMessage());
    }

    @Test
    void infoTellsWhatTheKernelMadeOfAProgram() {
        var program = collection.load("on_raw_tracepoint");
        ProgramInfo info = program.info();
        assertEquals("on_raw_tracepoi", info.name());
        assertEquals(program.id(), info.id());
        assertTrue(info.translatedSize() > 64, info.toString());
        assertEquals(0, info.runs());
        assertEquals(0, info.recursionMisses());
    }

    @Test
    void runStatisticsCountEveryRunWhileTheyAreOn() {
        BpfProgram program = collection.load("on_raw_tracepoint");
        var statistics = RunStatistics.enable();
        runsOf(program, "raw_tracepoint_runs", TestObjects::trigger);
        awaitTheEndOfRuns();
        ProgramInfo counted = program.info();
        statistics.close();
        assertTrue(counted.runs() >= CALLS, counted.toString());
        assertEquals(collection.global("all_runs").get(), counted.runs());
        assertTrue(counted.runTime() >= counted.runs(), counted.toString());

        assertTrue(
                program.info().runs() == counted.runs() || statisticsAreOnForOthers(),
                counted.runs() + " runs while statistics were on, then " + program.info());
    }

    /** Statistics are the host's: on as long as anybody holds such a descriptor. */
    private static boolean statisticsAreOnForOthers() {
        return ProcessHandle.allProcesses()
                .map(process -> Path.of("/proc", Long.toString(process.pid()), "fd"))
                .anyMatch(AttachTest::holdsStatistics);
    }

    private static boolean holdsStatistics(Path descriptors) {
        try (var all = Files.list(descriptors)) {
            return all.anyMatch(AttachTest::isStatistics);
        } catch (IOException | UncheckedIOException ended) {
            return false;
        }
    }

    private static boolean isStatistics(Path descriptor) {
        try {
            return Files.readSymbolicLink(descriptor).toString().equals("anon_inode:bpf-stats");
        } catch (IOException closed) {
            return false;
        }
    }

    /** A run on another CPU may have begun before the program was detached. */
    private void awaitTheEndOfRuns() {
        long runs;
        do {
            runs = collection.global("all_runs").get();
            LockSupport.parkNanos(20_000_000);
        } while (runs != collection.global("all_runs").get());
    }

    /** How many more runs the counter shows after {@link #CALLS} calls with the program attached. */
    private long runsOf(String program, String counter, Runnable call) {
        return runsOf(collection.load(program), counter, call);
    }

    private long runsOf(BpfProgram program, String counter, Runnable call) {
        Global runs = collection.global(counter);
        long before = runs.get();
        try (var link = program.attach()) {
            assertEquals(program.spec(), link.program());
            for (int i = 0; i < CALLS; i++) {
                call.run();
            }
        }
        return runs.get() - before;
    }
}
