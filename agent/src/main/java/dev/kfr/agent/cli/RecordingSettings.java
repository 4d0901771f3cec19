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
     * @param changes single settings, {@code kernel.FileSync#threshold} to {@code 0 ms}
     * @param scope of all events; null: as the settings say
     * @throws CommandFailure if that can't be read or names no such event
     */
    static Map<String, String> read(String source, Map<String, String> changes, Scope scope) {
        var settings = new HashMap<String, String>();
        load(source).getSettings().forEach((key, value) -> {
            if (key.startsWith(OURS)) {
                settings.put(key, value);
            }
        });
        if (settings.isEmpty()) {
            throw new CommandFailure("the settings " + source + " name no event " + OURS
                    + "*: take kernel or kernel-profile, or a file that 'java -jar kfr.jar settings DIR' wrote");
        }
        changes.forEach((key, value) -> settings.put(known(key), value));
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

    private static String known(String key) {
        var name = key.replaceAll("#.*", "");
        boolean known = KernelEvents.ALL.stream()
                .anyMatch(type -> type.getAnnotation(Name.class).value().equals(name));
        if (!known || !key.contains("#")) {
            throw new CommandFailure("'" + key + "' is no setting of an event of ours: write for instance"
                    + " kernel.FileSync#threshold=0ms; docs/events.md names all");
        }
        return key;
    }

    private static Configuration load(String source) {
        try {
            for (var ours : SettingsFile.values()) {
                if (source.equals(ours.fileName().replace(".jfc", "")) || source.equals(ours.fileName())) {
                    try (var reader = new InputStreamReader(ours.open(), StandardCharsets.UTF_8)) {
                        return Configuration.create(reader);
                    }
                }
            }
            var file = Path.of(source);
            if (!Files.isReadable(file)) {
                throw new CommandFailure("no settings " + source + ": there are kernel and kernel-profile, and files"
                        + " that can be read");
            }
            return Configuration.create(file);
        } catch (IOException | ParseException e) {
            throw new CommandFailure("cannot read the settings " + source + ": " + e.getMessage(), e);
        }
    }
}
