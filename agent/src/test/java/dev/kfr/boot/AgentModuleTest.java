// SPDX-License-Identifier: Apache-2.0
package dev.kfr.boot;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kfr.agent.Log;
import java.io.IOException;
import java.lang.module.ModuleDescriptor.Requires;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Collectors;
import java.util.zip.ZipEntry;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AgentModuleTest {
    private static final String LOG_CLASS = "dev/kfr/agent/Log.class";

    private JarFile jar;
    private URI location;
    private AgentModule module;

    /** A jar with one class of the agent, a resource in a directory that is no package, and a class outside. */
    @BeforeEach
    void writeJar(@TempDir Path directory) throws IOException {
        var file = directory.resolve("a name with spaces.jar");
        var manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        manifest.getMainAttributes().put(Attributes.Name.IMPLEMENTATION_VERSION, "1.2.3-SNAPSHOT");
        try (var out = new JarOutputStream(Files.newOutputStream(file), manifest)) {
            put(out, "kfr/" + LOG_CLASS, logClass());
            put(out, "kfr/bpf/x86_64/files.bpf.o", "an object".getBytes(StandardCharsets.UTF_8));
            put(out, "dev/kfr/boot/Outside.class", new byte[0]);
        }
        jar = new JarFile(file.toFile());
        location = file.toUri();
        module = new AgentModule(jar, location);
    }

    @AfterEach
    void closeJar() throws IOException {
        jar.close();
    }

    @Test
    void isOpenHasAVersionAndThePackagesOfItsClasses() {
        var descriptor = module.find("dev.kfr").orElseThrow().descriptor();
        assertTrue(descriptor.isOpen());
        assertEquals("1.2.3-SNAPSHOT", descriptor.rawVersion().orElseThrow());
        assertEquals(Set.of("dev.kfr.agent"), descriptor.packages());
        assertTrue(module.find("java.base").isEmpty());
    }

    @Test
    void requiresOnlyWhatThisJvmHas() {
        var required = module.find("dev.kfr").orElseThrow().descriptor().requires().stream()
                .map(Requires::name)
                .collect(Collectors.toSet());
        assertTrue(required.contains("jdk.jfr"), required::toString);
        var present = ModuleLayer.boot().modules().stream().map(Module::getName).collect(Collectors.toSet());
        assertTrue(present.containsAll(required), required::toString);
    }

    @Test
    void readsWhatLiesUnderItsRoot() throws IOException {
        try (var reader = module.find("dev.kfr").orElseThrow().open()) {
            assertArrayEquals(logClass(), reader.open(LOG_CLASS).orElseThrow().readAllBytes());
            assertEquals(
                    Set.of(LOG_CLASS, "bpf/x86_64/files.bpf.o"), reader.list().collect(Collectors.toSet()));
            assertTrue(reader.open("dev/kfr/boot/Outside.class").isEmpty());
            assertTrue(reader.find("missing").isEmpty());
        }
    }

    @Test
    void itsClassesAreItsOwnAndFindTheirResources() throws Exception {
        var layer = Launcher.defineLayer(module).layer();
        var log = layer.findLoader("dev.kfr").loadClass("dev.kfr.agent.Log");
        assertNotSame(Log.class, log);
        assertSame(layer.findModule("dev.kfr").orElseThrow(), log.getModule());
        assertEquals(location.toURL(), log.getProtectionDomain().getCodeSource().getLocation());
        try (var resource = log.getResourceAsStream("/bpf/x86_64/files.bpf.o")) {
            assertNotNull(resource);
            assertEquals("an object", new String(resource.readAllBytes(), StandardCharsets.UTF_8));
        }
    }

    @Test
    void doesNotSeeTheServicesClasses() {
        var loader = Launcher.defineLayer(module).layer().findLoader("dev.kfr");
        assertThrows(ClassNotFoundException.class, () -> loader.loadClass(AgentModuleTest.class.getName()));
        assertThrows(ClassNotFoundException.class, () -> loader.loadClass(Launcher.class.getName()));
    }

    private static void put(JarOutputStream out, String name, byte[] content) throws IOException {
        out.putNextEntry(new ZipEntry(name));
        out.write(content);
    }

    private static byte[] logClass() throws IOException {
        try (var in = Log.class.getClassLoader().getResourceAsStream(LOG_CLASS)) {
            return in.readAllBytes();
        }
    }
}
