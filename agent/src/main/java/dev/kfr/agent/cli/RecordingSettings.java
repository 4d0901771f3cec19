// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.cli;

import dev.kfr.events.KernelEvents;
import dev.kfr.events.Scope;
import dev.kfr.events.ScopedEvent;
import dev.kfr.events.SettingsFile;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.ParseException;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import jdk.jfr.Configuration;
import jdk.jfr.Name;

/** The settings of a recording of the host: those of a settings file that are about kernel events, as JFR takes them. */
final class RecordingSettings {
    private static final String OURS = "kernel.";

    /** What tells a reader, and JDK Mission Control, on what kind of machine this was; of this JVM itself nothing is recorded. */
    private static final String[] MACHINE = {"jdk.OSInformation", "jdk.CPUInformation", "jdk.PhysicalMemory"};

    private RecordingSettings() {}

    /**
     * Reads them.
     *
     * @param source {@code kernel}, {@code kernel-profile} or a settings file
     * @param changes single settings, {@code kernel.FileSync#threshold} to {@code 0 ms}, which are valid
     * @param scope of all events; null: as the settings say
     * @throws CommandFailure if that can't be read, or sets what there is not
     */
    static Map<String, String> read(String source, Map<String, String> changes, Scope scope) {
        var settings = new HashMap<String, String>();
        load(source).forEach((key, value) -> {
            if (key.startsWith(OURS)) {
                settings.put(key, value);
            }
        });
        if (settings.isEmpty()) {
            throw new CommandFailure("the settings " + source + " name no event " + OURS
                    + "*: take kernel or kernel-profile, or a file that 'java -jar kfr.jar settings DIR' wrote");
        }
        if (!isReadyMade(source)) {
            requireValid(source, settings);
        }
        settings.putAll(changes);
        if (scope != null) {
            for (var type : KernelEvents.ALL) {
                if (ScopedEvent.class.isAssignableFrom(type)) {
                    settings.put(type.getAnnotation(Name.class).value() + "#scope", scope.toString());
                }
            }
        }
        for (var event : MACHINE) {
            settings.put(event + "#enabled", "true");
        }
        return settings;
    }

    private static boolean isReadyMade(String source) {
        return Stream.of(SettingsFile.values()).anyMatch(ours -> isNamed(ours, source));
    }

    private static boolean isNamed(SettingsFile ours, String source) {
        return source.equals(ours.shortName()) || source.equals(ours.fileName());
    }

    /** What a file says of other events does not concern us. */
    private static void requireValid(String source, Map<String, String> settings) {
        new TreeMap<>(settings).forEach((key, value) -> KernelSettings.problemInFile(key, value)
                .ifPresent(problem -> {
                    throw new CommandFailure("the settings " + source + " are wrong: " + problem);
                }));
    }

    /** What a ready-made file says, about our events alone. */
    static Map<String, String> readyMade(SettingsFile file) {
        try (var reader = new InputStreamReader(file.open(), StandardCharsets.UTF_8)) {
            return Configuration.create(reader).getSettings();
        } catch (IOException | ParseException e) {
            throw new IllegalStateException(file.fileName() + " can't be read", e);
        }
    }

    private static Map<String, String> load(String source) {
        for (var ours : SettingsFile.values()) {
            if (isNamed(ours, source)) {
                return readyMade(ours);
            }
        }
        try {
            var file = Path.of(source);
            if (!Files.isReadable(file)) {
                throw new CommandFailure("no settings " + source + ": there are kernel and kernel-profile, and files"
                        + " that can be read");
            }
            return Configuration.create(file).getSettings();
        } catch (IOException | ParseException e) {
            throw new CommandFailure("cannot read the settings " + source + ": " + e.getMessage(), e);
        }
    }
}
