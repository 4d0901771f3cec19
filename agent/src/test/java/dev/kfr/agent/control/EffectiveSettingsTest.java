// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kfr.agent.record.KernelClock;
import dev.kfr.events.KernelEvents;
import dev.kfr.events.Scope;
import dev.kfr.events.ScopeSetting;
import dev.kfr.events.ThrottleSetting;
import dev.kfr.events.agent.ChunkEnd;
import dev.kfr.events.agent.EventLoss;
import dev.kfr.events.agent.ProbeStatistics;
import dev.kfr.events.agent.ProbeStatus;
import dev.kfr.events.block.BlockIo;
import dev.kfr.events.cpu.OffCpu;
import dev.kfr.events.cpu.RunQueueWait;
import dev.kfr.events.files.FileDelete;
import dev.kfr.events.files.FileOpen;
import dev.kfr.events.files.FileRead;
import dev.kfr.events.files.FileRename;
import dev.kfr.events.files.FileSync;
import dev.kfr.events.files.FileWrite;
import dev.kfr.events.memory.DirectReclaim;
import dev.kfr.events.memory.KernelMemory;
import dev.kfr.events.memory.MajorPageFault;
import dev.kfr.events.memory.OutOfMemoryKill;
import dev.kfr.events.network.TcpConnect;
import dev.kfr.events.processes.ProcessStart;
import dev.kfr.events.processes.Signal;
import dev.kfr.events.syscalls.Syscall;
import dev.kfr.events.syscalls.SyscallError;
import dev.kfr.events.syscalls.SyscallStatistics;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import javax.management.ObjectName;
import jdk.jfr.Event;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordingStream;
import jdk.management.jfr.FlightRecorderMXBean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The agent knows what all running recordings together ask for, and learns of each change. */
class EffectiveSettingsTest {
    private static final long MILLISECOND = 1_000_000;

    private final Semaphore changes = new Semaphore(0);
    private final KernelClock clock = new KernelClock();
    private final List<Recording> recordings = new ArrayList<>();
    private EventTypes types;
    private RecorderWatch watch;

    @BeforeEach
    void registerAndWatch() {
        types = new EventTypes(failure -> {});
        watch = new RecorderWatch(changes::release);
    }

    @AfterEach
    void stop() {
        recordings.forEach(Recording::close);
        watch.close();
        types.close();
        ScopeSetting.defaultScope(Scope.HOST);
    }

    @Test
    void nothingIsEnabledWithoutARecording() {
        for (Class<? extends Event> type : KernelEvents.ALL) {
            assertFalse(read().of(type).enabled(), type.getName());
        }
    }

    @Test
    void aRecordingThatNamesNoneOfOurEventsGetsTheDefaults() {
        record(Map.of());
        assertDefaults(read());
    }

    @Test
    void aStreamOfAnotherToolGetsTheDefaults() {
        try (var stream = new RecordingStream()) {
            stream.enable("jdk.CPULoad");
            stream.startAsync();
            assertDefaults(await(settings -> settings.of(FileOpen.class).enabled()));
        }
        await(settings -> !settings.of(FileOpen.class).enabled());
    }

    @ParameterizedTest
    @CsvSource({
        "0 ns, 0",
        "1 us, 1000",
        "3 ms, 3000000",
        "20 ms, 20000000",
        "1 h, 3600000000000",
        "infinity, 9223372036854775807"
    })
    void findsTheThreshold(String text, long nanos) {
        record(Map.of("kernel.Syscall#threshold", text));
        long found = read().of(Syscall.class).threshold();
        assertTrue(found <= nanos && found >= nanos * 0.9998, text + " found as " + found);
    }

    @Test
    void mergesWhatSeveralRecordingsAskFor() {
        record(Map.of(
                "kernel.Syscall#enabled", "true",
                "kernel.Syscall#threshold", "5 ms",
                "kernel.Syscall#scope", "jvm",
                "kernel.Syscall#throttle", "10/s",
                "kernel.SyscallError#enabled", "true",
                "kernel.SyscallError#errors", "EACCES",
                "kernel.FileOpen#enabled", "false",
                "kernel.ProcessStart#enabled", "true"));
        record(Map.of(
                "kernel.Syscall#enabled", "true",
                "kernel.Syscall#threshold", "2 ms",
                "kernel.Syscall#scope", "container",
                "kernel.Syscall#throttle", "1200/m",
                "kernel.Syscall#waiting", "true",
                "kernel.SyscallError#enabled", "true",
                "kernel.SyscallError#errors", "EPERM ENOENT",
                "kernel.FileOpen#enabled", "false",
                "kernel.ProcessStart#enabled", "true",
                "kernel.ProcessStart#arguments", "true"));
        EffectiveSettings settings = read();
        assertThreshold(2 * MILLISECOND, settings.of(Syscall.class));
        assertEquals(Scope.CONTAINER, settings.of(Syscall.class).scope());
        assertEquals(20, settings.of(Syscall.class).perSecond(), 1e-9);
        assertEquals(20, settings.of(Syscall.class).rate());
        assertTrue(settings.of(Syscall.class).waiting());
        for (String error : List.of("EACCES", "EPERM", "ENOENT")) {
            assertTrue(settings.of(SyscallError.class).errors().contains(error), error);
        }
        assertFalse(settings.of(SyscallError.class).errors().contains("EIO"));
        assertFalse(settings.of(FileOpen.class).enabled());
        assertTrue(settings.of(ProcessStart.class).arguments());
        assertEquals(List.of(), settings.problems());

        recordings.removeLast().close();
        settings = read();
        assertThreshold(5 * MILLISECOND, settings.of(Syscall.class));
        assertEquals(Scope.JVM, settings.of(Syscall.class).scope());
        assertEquals(10, settings.of(Syscall.class).rate());
        assertFalse(settings.of(Syscall.class).waiting());
        assertFalse(settings.of(SyscallError.class).errors().contains("ENOENT"));
        assertFalse(settings.of(ProcessStart.class).arguments());
    }

    @Test
    void aRecordingThatDisablesAnEventHasNoSayInItsSettings() {
        record(Map.of("kernel.Syscall#enabled", "true", "kernel.Syscall#scope", "jvm"));
        record(Map.of(
                "kernel.Syscall#enabled", "false", "kernel.Syscall#scope", "host", "kernel.Syscall#threshold", "0 ms"));
        assertEquals(Scope.JVM, read().of(Syscall.class).scope());
        assertThreshold(20 * MILLISECOND, read().of(Syscall.class));
    }

    @Test
    void noThrottleBeatsAnyRate() {
        record(Map.of("kernel.FileOpen#enabled", "true", "kernel.FileOpen#throttle", "off"));
        record(Map.of("kernel.FileOpen#enabled", "true", "kernel.FileOpen#throttle", "5/s"));
        assertEquals(ThrottleSetting.UNLIMITED, read().of(FileOpen.class).perSecond());
        assertEquals(0, read().of(FileOpen.class).rate());
    }

    @Test
    void aRateOfZeroDisables() {
        record(Map.of("kernel.FileOpen#enabled", "true", "kernel.FileOpen#throttle", "0/s"));
        assertFalse(read().of(FileOpen.class).enabled());
    }

    @Test
    void theAgentsOptionIsTheDefaultScope() {
        record(Map.of("kernel.Signal#enabled", "true", "kernel.Signal#scope", "container"));
        ScopeSetting.defaultScope(Scope.JVM);
        assertEquals(Scope.JVM, read().of(Syscall.class).scope());
        assertEquals(Scope.JVM, read().of(SyscallStatistics.class).scope());
        assertEquals(Scope.CONTAINER, read().of(Signal.class).scope());
        record(Map.of("kernel.Signal#enabled", "true", "kernel.Signal#scope", "default"));
        assertEquals(Scope.CONTAINER, read().of(Signal.class).scope());
        ScopeSetting.defaultScope(Scope.HOST);
        assertEquals(Scope.HOST, read().of(Signal.class).scope());
    }

    @Test
    void saysWhatItDoesNotUnderstand() {
        record(Map.of(
                "kernel.Syscall#scope", "galaxy",
                "kernel.Syscall#waiting", "maybe",
                "kernel.Syscall#throttle", "often",
                "kernel.SyscallError#enabled", "true",
                "kernel.SyscallError#errors", "ENOENT nonsense"));
        EffectiveSettings settings = read();
        assertEquals(Scope.HOST, settings.of(Syscall.class).scope());
        assertEquals(ThrottleSetting.UNLIMITED, settings.of(Syscall.class).perSecond());
        assertTrue(settings.of(SyscallError.class).errors().contains("EACCES"));
        assertEquals(4, settings.problems().size(), settings.problems()::toString);
        assertTrue(settings.problems().toString().contains("kernel.SyscallError: errors=ENOENT nonsense"));
    }

    @Test
    void aChangeInARunningRecordingIsNoticed() {
        Recording recording = record(Map.of());
        changes.drainPermits();
        // names nothing that has a control of ours
        Map<String, String> settings = new HashMap<>(recording.getSettings());
        settings.put("kernel.FileRead#threshold", "3 ms");
        recording.setSettings(settings);
        assertThreshold(
                3 * MILLISECOND,
                await(found -> found.of(FileRead.class).threshold() <= 3 * MILLISECOND)
                        .of(FileRead.class));
        changes.drainPermits();
        recording.disable("kernel.FileRead");
        await(found -> !found.of(FileRead.class).enabled());
        changes.drainPermits();
        recording.enable("kernel.FileRead");
        await(found -> found.of(FileRead.class).enabled());
    }

    @Test
    void aChangeByManagementBeanIsNoticed() throws Exception {
        var bean = ManagementFactory.getPlatformMXBean(FlightRecorderMXBean.class);
        long id = bean.newRecording();
        bean.setRecordingSettings(id, Map.of("kernel.FileSync#enabled", "true", "kernel.FileSync#threshold", "7 ms"));
        bean.startRecording(id);
        assertThreshold(
                7 * MILLISECOND,
                await(found -> found.of(FileSync.class).enabled()).of(FileSync.class));
        changes.drainPermits();
        bean.setRecordingSettings(id, Map.of("kernel.FileSync#enabled", "true", "kernel.FileSync#threshold", "6 ms"));
        assertThreshold(
                6 * MILLISECOND,
                await(found -> found.of(FileSync.class).threshold() < 7 * MILLISECOND * 0.99)
                        .of(FileSync.class));
        changes.drainPermits();
        bean.closeRecording(id);
        await(found -> !found.of(FileSync.class).enabled());
    }

    @Test
    void aRecordingStartedByDiagnosticCommandIsNoticed() throws Exception {
        changes.drainPermits();
        command(
                "jfrStart",
                "name=started",
                "+kernel.SyscallError#enabled=true",
                "+kernel.SyscallError#errors=EACCES+EPERM");
        EffectiveSettings settings = await(found -> found.of(SyscallError.class).enabled());
        assertTrue(settings.of(SyscallError.class).errors().contains("EPERM"));
        assertFalse(settings.of(SyscallError.class).errors().contains("EIO"));
        changes.drainPermits();
        command("jfrStop", "name=started");
        await(found -> !found.of(SyscallError.class).enabled());
    }

    @Test
    void nothingIsLeftAfterUnregistering() {
        record(Map.of());
        types.close();
        assertFalse(new FileOpen().isEnabled());
        types = new EventTypes(failure -> {});
        assertDefaults(read());
    }

    private static void command(String name, String... arguments) throws Exception {
        ManagementFactory.getPlatformMBeanServer()
                .invoke(
                        new ObjectName("com.sun.management:type=DiagnosticCommand"),
                        name,
                        new Object[] {arguments},
                        new String[] {String[].class.getName()});
    }

    private static void assertDefaults(EffectiveSettings settings) {
        var off = Set.of(SyscallError.class, OffCpu.class, KernelMemory.class, ProbeStatistics.class);
        for (Class<? extends Event> type : KernelEvents.ALL) {
            assertEquals(!off.contains(type), settings.of(type).enabled(), type.getName());
        }
        for (var type : List.of(EventLoss.class, ProbeStatus.class, ChunkEnd.class)) {
            assertTrue(settings.of(type).enabled(), type.getName());
        }
        Map<Class<? extends Event>, Long> thresholds = Map.ofEntries(
                Map.entry(Syscall.class, 20 * MILLISECOND),
                Map.entry(FileOpen.class, 0L),
                Map.entry(FileRead.class, 10 * MILLISECOND),
                Map.entry(FileWrite.class, 10 * MILLISECOND),
                Map.entry(FileSync.class, MILLISECOND),
                Map.entry(Signal.class, 0L),
                Map.entry(RunQueueWait.class, 10 * MILLISECOND),
                Map.entry(MajorPageFault.class, MILLISECOND),
                Map.entry(DirectReclaim.class, MILLISECOND),
                Map.entry(OutOfMemoryKill.class, 0L),
                Map.entry(TcpConnect.class, 10 * MILLISECOND),
                Map.entry(BlockIo.class, 10 * MILLISECOND));
        thresholds.forEach((type, nanos) -> assertThreshold(nanos, settings.of(type)));
        for (var type : List.of(FileOpen.class, FileDelete.class, FileRename.class)) {
            assertEquals(100, settings.of(type).rate(), type.getName());
        }
        assertEquals(0, settings.of(Syscall.class).rate());
        assertEquals(Scope.HOST, settings.of(Syscall.class).scope());
        assertFalse(settings.of(Syscall.class).waiting());
        assertFalse(settings.of(ProcessStart.class).arguments());
        assertEquals(List.of(), settings.problems());
    }

    private static void assertThreshold(long nanos, EventSettings settings) {
        assertTrue(settings.enabled());
        long found = settings.threshold();
        assertTrue(found <= nanos && found >= nanos * 0.9998, "threshold " + found + " ns instead of " + nanos);
    }

    private Recording record(Map<String, String> settings) {
        var recording = new Recording();
        recordings.add(recording);
        recording.setSettings(settings);
        recording.start();
        return recording;
    }

    private EffectiveSettings read() {
        return EffectiveSettings.read(clock);
    }

    /** Reads the settings again after each change that the watch tells of, and only then. */
    private EffectiveSettings await(Predicate<EffectiveSettings> condition) {
        for (int i = 0; i < 1000; i++) {
            try {
                assertTrue(changes.tryAcquire(5, TimeUnit.SECONDS), "no change was told of");
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
            changes.drainPermits();
            EffectiveSettings settings = read();
            if (condition.test(settings)) {
                return settings;
            }
        }
        throw new AssertionError("told of many changes but not of the one awaited");
    }
}
