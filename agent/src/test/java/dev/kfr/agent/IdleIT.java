// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kfr.bpf.NeedsKernel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the agent does while nobody wants anything of it, and while it could watch itself. */
@NeedsKernel
class IdleIT {
    private static final long WATCHED_MILLIS = 10_000;

    @TempDir
    private Path directory;

    @Test
    void sleepsWhileNobodyRecordsOrReads() throws Exception {
        // With scope jvm no other process's end, nor any of its signals, is a reason to wake up.
        try (var service = KernelService.start(Jvm.agent("start=sync,scope=jvm"))) {
            service.askUntil("mbeans", names -> names.contains("kernel:type=Agent"));
            service.askUntil("threads", names -> !names.contains("kfr-mbeans") && !names.contains("kfr-start"));
            awaitQuiet(service);
            var before = wakeUps(service.pid());
            Thread.sleep(WATCHED_MILLIS);
            var after = wakeUps(service.pid());
            System.out.println("context switches of the agent's threads in 10 s: " + before + " -> " + after);
            assertEquals(before, after, "voluntary context switches of the agent's threads");
            assertEquals(
                    KernelService.LIFE_CYCLE, BpfDescriptors.of(service.pid()).tracepoints());
            assertEquals("", service.ask("recorder"), "Flight Recorder, which registering an event type starts");
            service.endsWell();
        }
    }

    @Test
    void readingAnMBeanAttachesItsCountersOnly() throws Exception {
        try (var service = KernelService.start(Jvm.agent("start=sync"))) {
            service.askUntil("mbeans", names -> names.contains("kernel:type=Agent"));
            for (var mbean : new String[] {"Syscalls", "Files", "Processes"}) {
                assertEquals("null", service.ask("get " + mbean + " CountingSince"), mbean + " since");
            }
            service.ask("listen kernel.probe");
            service.ask("get Files Opens");
            var heard = service.ask("heard");
            assertTrue(heard.startsWith("probe sys_") && heard.contains(" attached"), heard);
            service.awaitLinks(KernelService.WITH_SYSCALLS);
            KernelService.await(
                    () -> !service.ask("get Files CountingSince").equals("null"), () -> "files are not counted");
            assertEquals("null", service.ask("get Syscalls CountingSince"), "counters that nobody reads");
            var path = Files.writeString(directory.resolve("opened"), "");
            long before = Long.parseLong(service.ask("get Files Opens"));
            service.ask("open 1000 " + path);
            assertTrue(Long.parseLong(service.ask("get Files Opens")) - before >= 1000, "counted opens");
            service.ask("invoke Agent reset");
            KernelService.await(
                    () -> Long.parseLong(service.ask("get Files Opens")) < before + 1000,
                    () -> "counters do not begin anew");
            service.ask("invoke Agent disable files");
            service.awaitLinks(KernelService.LIFE_CYCLE);
            service.ask("invoke Agent enable files");
            service.awaitLinks(KernelService.WITH_SYSCALLS);
            service.endsWell();
        }
    }

    @Test
    void countersRunAlwaysOrNeverIfAskedTo() throws Exception {
        try (var always = KernelService.start(Jvm.agent("start=sync,mbeans=always,probes=syscalls+files+processes"));
                var off = KernelService.start(Jvm.agent("start=sync,mbeans=off"))) {
            var all = new ArrayList<>(KernelService.WITH_SYSCALLS);
            all.add("task_newtask");
            always.awaitLinks(all);
            off.askUntil("mbeans", names -> names.contains("kernel:type=Agent"));
            assertEquals("kernel:type=Agent", off.ask("mbeans"));
            assertEquals(KernelService.LIFE_CYCLE, BpfDescriptors.of(off.pid()).tracepoints());
            always.endsWell();
            off.endsWell();
        }
    }

    @Test
    void listenersHearWhoSentASignal() throws Exception {
        // nohup: a JVM that finds SIGHUP ignored leaves it so
        try (var service = KernelService.startCommand(List.of("nohup"), Jvm.agent("start=sync"))) {
            service.askUntil("mbeans", names -> names.contains("kernel:type=Agent"));
            service.ask("listen kernel.signal");
            var kill = new ProcessBuilder("sh", "-c", "kill -HUP " + service.pid() + "; echo $$").start();
            var sender = new String(kill.getInputStream().readAllBytes(), UTF_8).strip();
            var heard = service.ask("heard");
            assertTrue(heard.contains("SIGHUP") && heard.contains("process " + sender + " (sh)"), heard);
            service.endsWell();
        }
    }

    @Test
    void listenersHearOfLosses() throws Exception {
        try (var service = KernelService.start(Jvm.agent("start=sync,ring=64K"))) {
            service.askUntil("mbeans", names -> names.contains("kernel:type=Agent"));
            service.ask("listen kernel.loss");
            service.askUntil("types", names -> names.contains("kernel.ChunkEnd")); // all can be switched off
            service.ask("record a kernel.Syscall#enabled=true kernel.Syscall#threshold=0ns kernel.Syscall#waiting=true"
                    + " kernel.Syscall#scope=jvm kernel.FileOpen#enabled=true kernel.FileOpen#throttle=off");
            service.awaitLinks(KernelService.WITH_SYSCALLS);
            var path = Files.writeString(directory.resolve("opened"), "");
            KernelService.await(
                    () -> {
                        service.ask("open 20000 " + path);
                        return service.events("syscalls", "lost") > 0;
                    },
                    () -> "a ring of 64K holds all that 20,000 opens make");
            var heard = service.ask("heard");
            assertTrue(heard.contains("were lost") && heard.contains("option ring"), heard);
            service.endsWell();
        }
    }

    @Test
    void recordingEverythingDoesNotRecordItself() throws Exception {
        try (var service = KernelService.start(Jvm.agent("start=sync,scope=jvm"))) {
            service.askUntil("mbeans", names -> names.contains("kernel:type=Agent"));
            service.askUntil("types", names -> names.contains("kernel.ChunkEnd")); // all can be switched off
            service.ask("record a kernel.Syscall#enabled=true kernel.Syscall#threshold=0ns kernel.Syscall#waiting=true"
                    + " kernel.SyscallError#enabled=true kernel.SyscallError#errors=all"
                    + " kernel.FileRead#enabled=true kernel.FileRead#threshold=0ns"
                    + " kernel.FileWrite#enabled=true kernel.FileWrite#threshold=0ns"
                    + " kernel.FileOpen#enabled=true kernel.FileOpen#throttle=off kernel.FileOpen#threshold=0ns");
            service.awaitLinks(KernelService.WITH_SYSCALLS);
            Thread.sleep(WATCHED_MILLIS / 2);
            long first = recorded(service);
            Thread.sleep(WATCHED_MILLIS / 2);
            long second = recorded(service) - first;
            System.out.println("events of an idle service: " + first + " in the first 5 s, " + second + " in the next");
            assertTrue(second < 5000, () -> second + " events in 5 s of an idle service");
            var file = directory.resolve("all.jfr");
            service.ask("dump a " + file);
            var threads = new TreeMap<String, Integer>();
            for (var event : RecordingFile.readAllEvents(file)) {
                if (event.hasField("threadName")) {
                    threads.merge(event.getString("threadName"), 1, Integer::sum);
                }
            }
            assertTrue(
                    threads.keySet().stream()
                            .noneMatch(name -> name.equals("kfr-reader")
                                    || name.equals("kfr-control")
                                    || name.startsWith("JFR Recorder")),
                    threads::toString);
            service.endsWell();
        }
    }

    /** The agent looks at its probes once, a second after they were attached. */
    private static void awaitQuiet(KernelService service) throws Exception {
        var seen = new Object[1];
        KernelService.await(
                () -> {
                    seen[0] = wakeUps(service.pid());
                    Thread.sleep(WATCHED_MILLIS / 5);
                    return wakeUps(service.pid()).equals(seen[0]);
                },
                () -> "no 2 s without a wake-up: " + seen[0]);
    }

    private static long recorded(KernelService service) throws Exception {
        return service.events("syscalls", "recorded") + service.events("files", "recorded");
    }

    /** Voluntary context switches of each thread of the agent. */
    private static Map<String, Long> wakeUps(long pid) throws IOException {
        var switches = new TreeMap<String, Long>();
        try (var tasks = Files.newDirectoryStream(Path.of("/proc/" + pid + "/task"))) {
            for (var task : tasks) {
                var name = Files.readString(task.resolve("comm")).strip();
                if (name.startsWith("kfr-")) {
                    for (var line : Files.readAllLines(task.resolve("status"))) {
                        if (line.startsWith("voluntary_ctxt_switches:")) {
                            switches.put(name, Long.parseLong(line.replaceAll("\\D", "")));
                        }
                    }
                }
            }
        }
        return switches;
    }
}
