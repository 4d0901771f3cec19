// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kfr.bpf.NeedsKernel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import javax.management.JMX;
import javax.management.ObjectName;
import javax.management.remote.JMXConnectorFactory;
import javax.management.remote.JMXServiceURL;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import jdk.management.jfr.FlightRecorderMXBean;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What running recordings ask for is what the kernel does: which programs are attached, and what they let pass. */
@NeedsKernel
class ControlIT {
    /** What the product promises from a change of settings to the kernel. */
    private static final long PROMISED_MILLIS = 200;

    /** Before a large program can be attached the kernel verifies it, which takes a tenth of a second of a CPU that others use too. */
    private static final long VERIFIED_MILLIS = 2_000;

    /** A busy machine makes single changes late, so the fastest of some counts. */
    private static final int CHANGES = 5;

    private static final String OPEN_OF_JVM =
            "kernel.FileOpen#enabled=true kernel.FileOpen#scope=jvm kernel.FileOpen#throttle=off";

    private static final List<String> ON = List.of("kernel.FileOpen", "kernel.ChunkEnd");

    @TempDir
    private static Path directory;

    private static KernelService service;

    /** All event types of the agent: what no recording names would be as its annotations say, so each recording here names them all. */
    private static List<String> types;

    @BeforeAll
    static void startService() throws Exception {
        service = KernelService.start(Jvm.agent("start=sync"));
        service.askUntil("mbeans", names -> names.contains("kernel:type=Agent"));
        types = List.of(service.askUntil("types", names -> names.contains("kernel.ChunkEnd"))
                .split(" "));
        service.awaitLinks(KernelService.LIFE_CYCLE);
    }

    @AfterAll
    static void endService() throws Exception {
        try (var ending = service) {
            ending.awaitLinks(KernelService.LIFE_CYCLE);
            ending.endsWell();
            assertTrue(
                    service.jvm().stderr().stream().allMatch(line -> line.startsWith("[kfr] INFO ")),
                    () -> service.jvm().toString());
        }
    }

    @Test
    void aRecordingAttachesWhatItAsksForAndItsEndDetachesIt() throws Exception {
        var attached = new ArrayList<Double>();
        var detached = new ArrayList<Double>();
        for (int i = 0; i < CHANGES; i++) {
            long start = Long.parseLong(service.ask("record a " + OPEN_OF_JVM));
            attached.add((service.awaitLinks(KernelService.WITH_SYSCALLS) - start) / 1e6);
            var held = BpfDescriptors.of(service.pid());
            assertEquals(new HashSet<>(held.programs()), new HashSet<>(held.linked()), "programs, and those attached");
            long stop = Long.parseLong(service.ask("stop a"));
            detached.add((service.awaitLinks(KernelService.LIFE_CYCLE) - stop) / 1e6);
            assertEquals(
                    KernelService.LIFE_CYCLE.size(),
                    BpfDescriptors.of(service.pid()).programs().size(),
                    "programs of the life cycle");
        }
        tell("a recording of FileOpen attaches in", attached, VERIFIED_MILLIS);
        tell("its end detaches in", detached, PROMISED_MILLIS);
    }

    @Test
    void aChangeInARunningRecordingReachesTheKernel() throws Exception {
        service.ask("record a kernel.FileOpen#enabled=false");
        var on = new ArrayList<Double>();
        var off = new ArrayList<Double>();
        for (int i = 0; i < CHANGES; i++) {
            long enabled = Long.parseLong(service.ask("set a " + OPEN_OF_JVM));
            on.add((service.awaitLinks(KernelService.WITH_SYSCALLS) - enabled) / 1e6);
            long disabled = Long.parseLong(service.ask("set a kernel.FileOpen#enabled=false"));
            off.add((service.awaitLinks(KernelService.LIFE_CYCLE) - disabled) / 1e6);
        }
        end("a");
        tell("an event that is enabled attaches in", on, VERIFIED_MILLIS);
        tell("one that is disabled detaches in", off, PROMISED_MILLIS);
    }

    @Test
    void aSettingsFileGivenToJcmdReachesTheKernel() throws Exception {
        var file = directory.resolve("opens.jfc");
        var settings = new StringBuilder("<configuration version=\"2.0\">");
        for (var type : types) {
            settings.append("<event name=\"%s\"><setting name=\"enabled\">%s</setting></event>%n"
                    .formatted(type, ON.contains(type)));
        }
        Files.writeString(file, settings.append("</configuration>"));
        jcmd("JFR.start", "name=file", "settings=" + file);
        service.awaitLinks(KernelService.WITH_SYSCALLS);
        jcmd("JFR.stop", "name=file");
        service.awaitLinks(KernelService.LIFE_CYCLE);
    }

    @Test
    void aSingleSettingGivenToJcmdReachesTheKernel() throws Exception {
        var file = directory.resolve("single.jfr");
        var start = new ArrayList<>(List.of("JFR.start", "name=single", "settings=none"));
        types.forEach(type -> start.add("+" + type + "#enabled=" + ON.contains(type)));
        start.addAll(List.of("+kernel.FileOpen#scope=jvm", "+kernel.FileOpen#throttle=off"));
        jcmd(start.toArray(String[]::new));
        service.awaitLinks(KernelService.WITH_SYSCALLS);
        var path = Files.writeString(directory.resolve("opened"), "");
        service.ask("open 3 " + path);
        jcmd("JFR.stop", "name=single", "filename=" + file);
        service.awaitLinks(KernelService.LIFE_CYCLE);
        assertEquals(3, opens(file, path), "recorded opens of " + path);
    }

    @Test
    @SuppressWarnings("BanJNDI") // the address is that of the test's own JVM
    void aRecordingStartedOverJmxReachesTheKernel() throws Exception {
        jcmd("ManagementAgent.start_local");
        try (var connector = JMXConnectorFactory.connect(new JMXServiceURL(localAddress()))) {
            var recorder = JMX.newMXBeanProxy(
                    connector.getMBeanServerConnection(),
                    new ObjectName(FlightRecorderMXBean.MXBEAN_NAME),
                    FlightRecorderMXBean.class);
            long id = recorder.newRecording();
            var settings = new HashMap<String, String>();
            types.forEach(type -> settings.put(type + "#enabled", Boolean.toString(ON.contains(type))));
            recorder.setRecordingSettings(id, settings);
            recorder.startRecording(id);
            service.awaitLinks(KernelService.WITH_SYSCALLS);
            settings.put("kernel.FileOpen#enabled", "false");
            recorder.setRecordingSettings(id, settings);
            service.awaitLinks(KernelService.LIFE_CYCLE);
            recorder.closeRecording(id);
        }
    }

    @Test
    void aThresholdIsAppliedInTheKernel() throws Exception {
        var path = Files.writeString(directory.resolve("threshold"), "");
        service.ask("record a " + OPEN_OF_JVM + " kernel.FileOpen#threshold=10s");
        service.awaitLinks(KernelService.WITH_SYSCALLS);
        long before = produced();
        service.ask("open 500 " + path);
        assertEquals(0, produced() - before, "events of opens faster than 10 s");
        var changes = new ArrayList<Double>();
        for (int i = 0; i < CHANGES; i++) {
            long lowered = Long.parseLong(service.ask("set a kernel.FileOpen#threshold=0ns"));
            changes.add((awaitOpensProduce(path) - lowered) / 1e6);
            service.ask("set a kernel.FileOpen#threshold=10s");
            awaitOpensProduceNothing(path);
        }
        tell("a threshold is in force in", changes, PROMISED_MILLIS);
        service.ask("set a kernel.FileOpen#threshold=0ns");
        awaitOpensProduce(path);
        before = produced();
        service.ask("open 500 " + path);
        assertEquals(500, produced() - before, "events of 500 opens");
        end("a");
    }

    @Test
    void aThrottleIsAppliedInTheKernel() throws Exception {
        var path = Files.writeString(directory.resolve("throttle"), "");
        service.ask("record a " + OPEN_OF_JVM + " kernel.FileOpen#throttle=50/h");
        service.awaitLinks(KernelService.WITH_SYSCALLS);
        long produced = produced();
        long throttled = service.events("files", "throttled");
        service.ask("open 500 " + path);
        assertEquals(500, produced() - produced, "produced");
        long held = service.events("files", "throttled") - throttled;
        assertTrue(held >= 450 && held < 500, () -> held + " of 500 held back at 50 an hour");
        end("a");
    }

    @Test
    void anEventIsRecordedOfTheWidestScopeThatARecordingWants() throws Exception {
        var path = Files.writeString(directory.resolve("scope"), "");
        var file = directory.resolve("scope.jfr");
        service.ask("record narrow " + OPEN_OF_JVM);
        service.awaitLinks(KernelService.WITH_SYSCALLS);
        service.ask("run cat " + path);
        service.ask("record wide " + OPEN_OF_JVM.replace("=jvm", "=host"));
        KernelService.await(() -> opensOfOthersAreProduced(path), () -> "cat's opens are not seen");
        service.ask("stop wide");
        KernelService.await(() -> !opensOfOthersAreProduced(path), () -> "cat's opens are seen still");
        service.ask("open 1 " + path);
        service.ask("dump narrow " + file);
        end("narrow");
        assertTrue(opens(file, path) >= 1, "own open");
    }

    @Test
    void rowsAreOfTheScopeThatTheRecordingWants() throws Exception {
        var file = directory.resolve("rows.jfr");
        var path = Files.writeString(directory.resolve("rows"), "");
        // a service of its own, since counters for its MBean run on for minutes
        try (var other = KernelService.start(Jvm.agent("start=sync"))) {
            other.askUntil("mbeans", names -> names.contains("kernel:type=Agent"));
            other.ask("record a kernel.SyscallStatistics#enabled=true kernel.SyscallStatistics#scope=jvm");
            KernelService.await(() -> rows(other, path, file) > 0, () -> "no rows");
            assertEquals(Set.of(other.pid()), pidsOf(file), "processes with rows, while nobody else wants more");
            other.askUntil("get Syscalls Calls", calls -> Long.parseLong(calls) > 0);
            other.askUntil("get Syscalls TopProcesses", rows -> rows.contains(";")); // more than one
            assertTrue(rows(other, path, file) > 0, "rows");
            assertEquals(Set.of(other.pid()), pidsOf(file), "processes with rows, while the MBean counts the host");
            other.endsWell();
        }
    }

    private static int rows(KernelService service, Path opened, Path file) throws Exception {
        service.ask("run cat " + opened);
        service.ask("dump a " + file);
        return events(file, "kernel.SyscallStatistics").size();
    }

    private static Set<Long> pidsOf(Path file) throws IOException {
        return events(file, "kernel.SyscallStatistics").stream()
                .map(event -> event.getLong("pid"))
                .collect(Collectors.toSet());
    }

    @Test
    void theLowestThresholdOfTwoRecordingsCountsUntilItsRecordingEnds() throws Exception {
        var path = Files.writeString(directory.resolve("union"), "");
        service.ask("record high " + OPEN_OF_JVM + " kernel.FileOpen#threshold=10s");
        service.ask("record low " + OPEN_OF_JVM + " kernel.FileOpen#threshold=0ns");
        service.awaitLinks(KernelService.WITH_SYSCALLS);
        awaitOpensProduce(path);
        service.ask("stop low");
        awaitOpensProduceNothing(path);
        assertEquals(
                KernelService.WITH_SYSCALLS, BpfDescriptors.of(service.pid()).tracepoints(), "attached for the other");
        end("high");
    }

    @Test
    void theRecordingTellsWhatBecameOfProbes() throws Exception {
        var file = directory.resolve("probes.jfr");
        service.ask("record watch kernel.ProbeStatus#enabled=true");
        service.ask("record a " + OPEN_OF_JVM);
        service.awaitLinks(KernelService.WITH_SYSCALLS);
        service.ask("stop a");
        service.awaitLinks(KernelService.LIFE_CYCLE);
        service.ask("dump watch " + file);
        end("watch");
        var states = new LinkedHashMap<String, List<String>>();
        for (var event : events(file, "kernel.ProbeStatus")) {
            states.computeIfAbsent(event.getString("probe"), probe -> new ArrayList<>())
                    .add(event.getString("state"));
        }
        for (var probe : List.of("sys_enter", "sys_exit")) {
            var seen = String.join(" ", states.getOrDefault(probe, List.of()));
            assertTrue(seen.contains("ATTACHED DETACHED"), () -> probe + ": " + seen);
        }
        assertEquals("ATTACHED", states.get("process_exit").getLast());
    }

    /** Ends the last recording, and waits until the kernel has nothing of it, for the next test. */
    private static void end(String recording) throws Exception {
        service.ask("stop " + recording);
        service.awaitLinks(KernelService.LIFE_CYCLE);
    }

    private static long produced() throws Exception {
        return service.events("files", "produced");
    }

    /** Returns when it was seen, by nanoTime. */
    private static long awaitOpensProduce(Path path) throws Exception {
        KernelService.await(
                () -> {
                    long before = produced();
                    service.ask("open 1 " + path);
                    return produced() > before;
                },
                () -> "opens produce no events");
        return System.nanoTime();
    }

    private static void awaitOpensProduceNothing(Path path) throws Exception {
        KernelService.await(
                () -> {
                    long before = produced();
                    service.ask("open 1 " + path);
                    return produced() == before;
                },
                () -> "opens faster than 10 s still produce events");
    }

    private static boolean opensOfOthersAreProduced(Path path) throws Exception {
        // what a child of the service opens, and not what starting it takes
        var file = directory.resolve("others.jfr");
        var pid = Long.parseLong(service.ask("run cat " + path).split(" ")[0]);
        service.ask("dump narrow " + file);
        return events(file, "kernel.FileOpen").stream().anyMatch(event -> event.getLong("pid") == pid);
    }

    private static void tell(String what, List<Double> millis, long promised) {
        double fastest = millis.stream().mapToDouble(each -> each).min().orElseThrow();
        System.out.printf(
                "%s %s ms%n",
                what, millis.stream().map(each -> "%.0f".formatted(each)).toList());
        assertTrue(fastest < promised, () -> what + " " + millis + " ms");
    }

    private static long opens(Path file, Path path) throws IOException {
        return events(file, "kernel.FileOpen").stream()
                .filter(event -> event.getString("path").equals(path.toString()))
                .count();
    }

    private static List<RecordedEvent> events(Path file, String type) throws IOException {
        return RecordingFile.readAllEvents(file).stream()
                .filter(event -> event.getEventType().getName().equals(type))
                .toList();
    }

    private static List<String> jcmd(String... arguments) throws Exception {
        var command = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin/jcmd").toString(), Long.toString(service.pid())));
        command.addAll(List.of(arguments));
        try (var jcmd = Jvm.startCommand(command.toArray(String[]::new))) {
            assertEquals(0, jcmd.waitFor(), jcmd::toString);
            return jcmd.stdout();
        }
    }

    private static String localAddress() throws Exception {
        return jcmd("PerfCounter.print").stream()
                .filter(line -> line.startsWith("sun.management.JMXConnectorServer.address="))
                .map(line -> line.substring(line.indexOf('"') + 1, line.lastIndexOf('"')))
                .findFirst()
                .orElseThrow();
    }
}
