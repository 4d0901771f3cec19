// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import org.junit.jupiter.api.Test;

/** What {@code kfr.jar} contains, and the commands that need no other JVM. */
class ProductIT {
    @Test
    void theServicesClassPathSeesTheBootClassesAlone() throws IOException {
        var visible = entries()
                .filter(name -> !name.endsWith("/") && !name.startsWith("kfr/"))
                .filter(name -> !name.startsWith("dev/kfr/boot/"))
                .sorted()
                .toList();
        assertEquals(List.of("META-INF/LICENSE", "META-INF/MANIFEST.MF", "META-INF/NOTICE"), visible);
    }

    @Test
    void everyClassOfTheProductIsInOurPackages() throws IOException {
        var foreign = entries()
                .filter(name -> name.endsWith(".class"))
                .filter(name -> !name.startsWith("kfr/dev/kfr/") && !name.startsWith("dev/kfr/boot/"))
                .toList();
        assertEquals(List.of(), foreign);
        assertTrue(entries().noneMatch(name -> name.contains("META-INF/services") || name.contains("module-info")));
    }

    @Test
    void theFirstClassIsForTheOldestJvm() throws IOException {
        assertEquals(52, classFileVersion("dev/kfr/boot/Agent.class"), "class-file version of Java 8");
        assertEquals(69, classFileVersion("dev/kfr/boot/Launcher.class"), "class-file version of Java 25");
    }

    @Test
    void theManifestNamesTheBootClassThreeTimes() throws IOException {
        try (var jar = new JarFile(Jvm.agentJar().toFile())) {
            var attributes = jar.getManifest().getMainAttributes();
            for (var name : List.of("Premain-Class", "Agent-Class", "Main-Class")) {
                assertEquals("dev.kfr.boot.Agent", attributes.getValue(name), name);
            }
            assertEquals("ALL-UNNAMED", attributes.getValue("Enable-Native-Access"));
        }
    }

    @Test
    void printsTheVersionOfItsManifest() throws Exception {
        try (var jar = new JarFile(Jvm.agentJar().toFile());
                var command = kfr("--version")) {
            var version = jar.getManifest().getMainAttributes().getValue(Attributes.Name.IMPLEMENTATION_VERSION);
            assertEquals(0, command.waitFor(), command::toString);
            assertEquals(List.of("Kernel Flight Recorder " + version), command.stdout());
            assertEquals(List.of(), command.stderr());
        }
    }

    @Test
    void helpNamesEachCommand() throws Exception {
        try (var command = kfr("--help")) {
            assertEquals(0, command.waitFor(), command::toString);
            for (var name : List.of("attach", "detach", "doctor", "record", "top", "settings", "completion")) {
                assertTrue(
                        command.stdout().stream().anyMatch(line -> line.startsWith("  " + name + " ")),
                        command::toString);
            }
        }
    }

    @Test
    void eachCommandHasExamplesAndExitCodes() throws Exception {
        for (var name : List.of("attach", "detach", "doctor", "record", "top", "settings", "completion")) {
            try (var command = kfr(name, "--help")) {
                assertEquals(0, command.waitFor(), command::toString);
                assertTrue(command.stdout().contains("Examples:"), command::toString);
                assertTrue(command.stdout().contains("Exit codes:"), command::toString);
                assertTrue(
                        command.stdout().stream()
                                .anyMatch(line -> line.contains("kfr " + name) || line.contains("kfr.jar " + name)),
                        command::toString);
            }
        }
    }

    /** The witness is bash itself: what it offers after a few letters. */
    @Test
    void bashCompletesCommandsAndOptions() throws Exception {
        try (var script = kfr("completion")) {
            assertEquals(0, script.waitFor(), script::toString);
            var offered = String.join("\n", script.stdout())
                    + "\nfor words in 'kfr do' 'kfr record --du' 'kfr top --view kernel'; do"
                    + "\n COMP_WORDS=($words) COMP_CWORD=$((${#COMP_WORDS[@]} - 1)) COMP_LINE=$words COMP_POINT=${#words};"
                    + "\n COMPREPLY=(); _complete_kfr; echo \"${COMPREPLY[@]}\"; done";
            try (var bash = Jvm.startCommand("bash", "-c", offered)) {
                assertEquals(0, bash.waitFor(), bash::toString);
                assertEquals(
                        List.of("doctor", "--duration", "kernel-memory"),
                        bash.stdout().stream().map(String::strip).toList(),
                        bash::toString);
            }
        }
    }

    @Test
    void wrongUsageIsTwoOnStandardError() throws Exception {
        for (var arguments : List.of(List.<String>of(), List.of("frobnicate"), List.of("attach", "everybody"))) {
            try (var command = kfr(arguments.toArray(String[]::new))) {
                assertEquals(2, command.waitFor(), command::toString);
                assertEquals(List.of(), command.stdout());
                assertTrue(!command.stderr().isEmpty());
            }
        }
    }

    private static Jvm kfr(String... arguments) throws IOException {
        return Jvm.start(Stream.concat(Stream.of("-jar", Jvm.agentJar().toString()), Stream.of(arguments))
                .toArray(String[]::new));
    }

    private static Stream<String> entries() throws IOException {
        try (var jar = new JarFile(Jvm.agentJar().toFile())) {
            return jar.stream().map(ZipEntry::getName).toList().stream();
        }
    }

    private static int classFileVersion(String entry) throws IOException {
        try (var jar = new JarFile(Jvm.agentJar().toFile());
                var in = jar.getInputStream(jar.getEntry(entry))) {
            var head = in.readNBytes(8); // magic, minor, major: two bytes each after the first four
            return (head[6] & 0xff) << 8 | head[7] & 0xff;
        }
    }
}
