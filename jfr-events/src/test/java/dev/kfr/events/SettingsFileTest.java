// SPDX-License-Identifier: Apache-2.0
package dev.kfr.events;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kfr.events.files.FileOpen;
import dev.kfr.events.memory.OutOfMemoryKill;
import dev.kfr.events.network.SocketCreate;
import dev.kfr.events.network.TcpConnection;
import dev.kfr.events.network.TcpRetransmit;
import dev.kfr.events.processes.ProcessExit;
import dev.kfr.events.processes.ProcessStart;
import dev.kfr.events.processes.Signal;
import dev.kfr.events.syscalls.Syscall;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.ParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import jdk.jfr.Configuration;
import jdk.jfr.Event;
import jdk.jfr.EventType;
import jdk.jfr.Period;
import jdk.jfr.Recording;
import jdk.jfr.SettingDescriptor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The settings files say what the event classes say, and leave nothing out. */
class SettingsFileTest {
    /** Events without extent: a threshold would only hide them. */
    private static final Set<Class<? extends Event>> INSTANTS = Set.of(
            ProcessStart.class,
            ProcessExit.class,
            Signal.class,
            OutOfMemoryKill.class,
            SocketCreate.class,
            TcpConnection.class,
            TcpRetransmit.class);

    @ParameterizedTest
    @EnumSource
    void namesEachSettingOfEachEvent(SettingsFile file) throws Exception {
        Map<String, String> named = settings(file);
        try (var _ = new Registered()) {
            List<String> expected = new ArrayList<>();
            for (Class<? extends Event> type : KernelEvents.ALL) {
                defaults(type).keySet().forEach(expected::add);
            }
            assertEquals(expected.stream().sorted().toList(), List.copyOf(named.keySet()));
        }
    }

    @Test
    void kernelHasTheDefaultsOfTheEventClasses() throws Exception {
        Map<String, String> named = settings(SettingsFile.KERNEL);
        try (var _ = new Registered()) {
            for (Class<? extends Event> type : KernelEvents.ALL) {
                defaults(type).forEach((key, value) -> assertEquals(value, comparable(key, named.get(key)), key));
            }
        }
    }

    @Test
    void kernelProfileEnablesAllAndHidesNothingThatKernelShows() throws Exception {
        Map<String, String> kernel = settings(SettingsFile.KERNEL);
        Map<String, String> profile = settings(SettingsFile.KERNEL_PROFILE);
        profile.forEach((key, value) -> {
            if (key.endsWith("#enabled")) {
                assertEquals("true", value, key);
            } else if (key.endsWith("#threshold")) {
                assertTrue(milliseconds(value) <= milliseconds(kernel.get(key)), key);
            } else if (!key.endsWith("#throttle")) {
                assertEquals(kernel.get(key), value, key);
            }
        });
    }

    @ParameterizedTest
    @EnumSource
    void worksBesideTheSettingsOfTheJdk(SettingsFile file, @TempDir Path directory) throws Exception {
        Path written = directory.resolve(file.fileName());
        try (var content = file.open()) {
            Files.copy(content, written);
        }
        Map<String, String> together =
                new TreeMap<>(Configuration.getConfiguration("profile").getSettings());
        Map<String, String> ours = Configuration.create(written).getSettings();
        ours.keySet().forEach(key -> assertFalse(together.containsKey(key), key));
        together.putAll(ours);
        try (var _ = new Registered();
                var recording = new Recording()) {
            recording.setSettings(together);
            recording.start();
            assertTrue(new FileOpen().isEnabled());
            assertTrue(new Syscall().isEnabled());
        }
    }

    /** The settings that apply to a type, as JFR has them by annotation. */
    private static Map<String, String> defaults(Class<? extends Event> type) {
        EventType eventType = EventType.getEventType(type);
        boolean periodic = type.isAnnotationPresent(Period.class);
        Map<String, String> result = new TreeMap<>();
        for (SettingDescriptor setting : eventType.getSettingDescriptors()) {
            boolean applies =
                    switch (setting.getName()) {
                        case "period" -> periodic;
                        case "stackTrace" -> false; // would be that of the reader's thread
                        case "threshold" -> !periodic && !INSTANTS.contains(type);
                        default -> true;
                    };
            if (applies) {
                String key = eventType.getName() + "#" + setting.getName();
                result.put(key, comparable(key, setting.getDefaultValue()));
            }
        }
        return result;
    }

    /** The default scope reads as what it means; a threshold of 0 has a unit of its own in JFR. */
    private static String comparable(String key, String value) {
        if (key.endsWith("#scope") && value.equals("default")) {
            return "host";
        }
        return key.endsWith("#threshold") && milliseconds(value) == 0 ? "0 ms" : value;
    }

    private static double milliseconds(String timespan) {
        String[] words = timespan.split(" ");
        double unit = Map.of("ns", 1e-6, "us", 1e-3, "ms", 1.0, "s", 1e3).get(words[1]);
        return Long.parseLong(words[0]) * unit;
    }

    private static Map<String, String> settings(SettingsFile file) throws IOException, ParseException {
        try (Reader content = new InputStreamReader(file.open(), StandardCharsets.UTF_8)) {
            return new TreeMap<>(Configuration.create(content).getSettings());
        }
    }
}
