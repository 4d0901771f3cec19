// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kfr.events.KernelEvents;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import jdk.jfr.Configuration;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The settings files: how they are written, and that they apply in each way in which JFR takes settings. */
class SettingsIT {
    @Test
    void writesSettingsThatJfrReads(@TempDir Path directory) throws Exception {
        var target = directory.resolve("new");
        try (var command = kfr("settings", target.toString())) {
            assertEquals(0, command.waitFor(), command::toString);
        }
        for (var name : List.of("kernel.jfc", "kernel-profile.jfc")) {
            var settings = Configuration.create(target.resolve(name)).getSettings();
            assertTrue(settings.keySet().stream().anyMatch(key -> key.startsWith("kernel.")), name + " " + settings);
        }
    }

    @Test
    void doesNotReplaceSettingsThatSomebodyChanged(@TempDir Path directory) throws Exception {
        var changed = Files.writeString(directory.resolve("kernel.jfc"), "mine");
        try (var command = kfr("settings", directory.toString())) {
            assertEquals(1, command.waitFor(), command::toString);
            assertEquals(List.of(changed + " exists and differs: --force replaces it"), command.stderr());
            assertEquals("mine", Files.readString(changed));
        }
        try (var command = kfr("settings", "--force", directory.toString())) {
            assertEquals(0, command.waitFor(), command::toString);
            assertTrue(Files.size(changed) > "mine".length());
        }
    }

    @ParameterizedTest
    @CsvSource({"default, kernel.jfc, 20 ms", "profile, kernel-profile.jfc, 10 ms"})
    void applyBesideThoseOfTheJdkOnTheCommandLine(String jdk, String name, String samples, @TempDir Path directory)
            throws Exception {
        var file = written(directory, name);
        var recorded = directory.resolve("recorded.jfr");
        try (var service = KernelService.start(
                Jvm.agent("start=sync"), "-XX:StartFlightRecording:name=both,settings=" + jdk + ",settings=" + file)) {
            service.jvm().awaitStderr("[kfr] INFO probes attached");
            awaitTypes(service);
            jcmd(service, "JFR.dump", "name=both", "filename=" + recorded);
            assertApplied(file, samples, recorded);
        }
    }

    @Test
    void applyBesideThoseOfTheJdkByJcmd(@TempDir Path directory) throws Exception {
        var file = written(directory, "kernel-profile.jfc");
        var recorded = directory.resolve("recorded.jfr");
        try (var service = KernelService.start(Jvm.agent("start=sync"))) {
            service.jvm().awaitStderr("[kfr] INFO probes attached");
            jcmd(service, "JFR.start", "name=both", "settings=profile", "settings=" + file);
            awaitTypes(service);
            jcmd(service, "JFR.dump", "name=both", "filename=" + recorded);
            assertApplied(file, "10 ms", recorded);
        }
    }

    @Test
    void applyBesideThoseOfTheJdkByTheApi(@TempDir Path directory) throws Exception {
        var file = written(directory, "kernel-profile.jfc");
        var recorded = directory.resolve("recorded.jfr");
        try (var service = KernelService.start(Jvm.agent("start=sync"))) {
            service.jvm().awaitStderr("[kfr] INFO probes attached");
            service.ask("configure both profile " + file);
            awaitTypes(service);
            service.ask("dump both " + recorded);
            assertApplied(file, "10 ms", recorded);
        }
    }

    /** Event types are registered when Flight Recorder starts, which is with the first recording. */
    private static void awaitTypes(KernelService service) throws Exception {
        service.askUntil("types", types -> types.contains("kernel.ChunkEnd"));
    }

    private static Path written(Path directory, String name) throws Exception {
        try (var command = kfr("settings", directory.toString())) {
            assertEquals(0, command.waitFor(), command::toString);
        }
        return directory.resolve(name);
    }

    /**
     * What the recording says of itself is what the file says. JFR does not record the periods of events that are written in Java.
     *
     * @param samples the period of {@code jdk.ExecutionSample} in the JDK's settings beside it
     */
    private static void assertApplied(Path file, String samples, Path recorded) throws Exception {
        var active = active(recorded);
        assertEquals(samples, active.get("jdk.ExecutionSample#period"), active::toString);
        var expected = new TreeMap<String, String>();
        var actual = new TreeMap<String, String>();
        Configuration.create(file).getSettings().forEach((key, value) -> {
            if (!key.endsWith("#period")) {
                expected.put(key, comparable(key, value));
                actual.put(key, comparable(key, active.getOrDefault(key, "(none)")));
            }
        });
        assertTrue(expected.size() >= KernelEvents.ALL.size(), expected::toString);
        expected.entrySet().removeAll(Map.copyOf(actual).entrySet());
        assertEquals(Map.of(), expected, () -> "does not apply; what does: " + active);
    }

    /** The settings in the order in which they came to apply: the last of each counts. */
    private static Map<String, String> active(Path recorded) throws IOException {
        var names = new HashMap<Long, String>();
        try (var recording = new RecordingFile(recorded)) {
            recording.readEventTypes().forEach(type -> names.put(type.getId(), type.getName()));
        }
        var active = new TreeMap<String, String>();
        RecordingFile.readAllEvents(recorded).stream()
                .filter(event -> event.getEventType().getName().equals("jdk.ActiveSetting"))
                .sorted(Comparator.comparing(RecordedEvent::getStartTime))
                .forEach(event -> active.put(
                        names.get(event.getLong("id")) + "#" + event.getString("name"), event.getString("value")));
        return active;
    }

    /** The default scope reads as what it means. */
    private static String comparable(String key, String value) {
        return key.endsWith("#scope") && value.equals("default") ? "host" : value;
    }

    private static void jcmd(KernelService service, String... arguments) throws Exception {
        var command = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin/jcmd").toString(), Long.toString(service.pid())));
        command.addAll(List.of(arguments));
        try (var jcmd = Jvm.startCommand(command.toArray(String[]::new))) {
            assertEquals(0, jcmd.waitFor(), jcmd::toString);
        }
    }

    private static Jvm kfr(String... arguments) throws IOException {
        return Jvm.start(Stream.concat(Stream.of("-jar", Jvm.agentJar().toString()), Stream.of(arguments))
                .toArray(String[]::new));
    }
}
