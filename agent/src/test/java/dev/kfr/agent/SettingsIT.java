// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import jdk.jfr.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command {@code settings}. */
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

    private static Jvm kfr(String... arguments) throws IOException {
        return Jvm.start(Stream.concat(Stream.of("-jar", Jvm.agentJar().toString()), Stream.of(arguments))
                .toArray(String[]::new));
    }
}
