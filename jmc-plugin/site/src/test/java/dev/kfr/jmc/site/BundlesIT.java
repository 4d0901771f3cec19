// SPDX-License-Identifier: Apache-2.0
package dev.kfr.jmc.site;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.constantpool.ClassEntry;
import java.lang.classfile.constantpool.MemberRefEntry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.osgi.framework.Bundle;
import org.osgi.framework.Constants;
import org.osgi.framework.wiring.BundleWiring;

/** The bundles as they are delivered, in the oldest and the newest Mission Control of which there are parts to be had. */
class BundlesIT {
    private static final int JAVA_17 = 61;

    @TempDir
    static Path storage;

    static final List<MissionControl> VERSIONS = new ArrayList<>();

    @BeforeAll
    static void start() throws Exception {
        List<Path> ours = delivered();
        VERSIONS.add(MissionControl.start("8.3", storage.resolve("8.3"), jars(target().resolve("jmc-8.3")), ours));
        VERSIONS.add(MissionControl.start("9.1", storage.resolve("9.1"), MissionControl.onClassPath(), ours));
    }

    @AfterAll
    static void stop() throws Exception {
        for (MissionControl version : VERSIONS) {
            version.stop();
        }
    }

    static List<MissionControl> versions() {
        return VERSIONS;
    }

    @ParameterizedTest
    @MethodSource("versions")
    void allAreResolved(MissionControl version) {
        List<String> unresolved = version.ours()
                .filter(bundle -> (bundle.getState() & (Bundle.RESOLVED | Bundle.ACTIVE)) == 0)
                .map(Bundle::getSymbolicName)
                .toList();

        assertEquals(List.of(), unresolved);
        assertEquals(3, version.ours().count());
    }

    /** Resolving looks at packages only; a method that this version lacks would be missed when it is called. */
    @ParameterizedTest
    @MethodSource("versions")
    void allThatTheyCallIsThere(MissionControl version) throws Exception {
        var missing = new TreeSet<String>();
        int looked = 0;
        for (Path jar : delivered()) {
            Bundle bundle = version.bundle(symbolicName(jar));
            if (bundle.getSymbolicName().endsWith(".pages") && !version.offersTemplates()) {
                continue; // that Mission Control has this part in its user interface, which is not to be had here
            }
            for (ClassModel model : classes(jar)) {
                for (var entry : model.constantPool()) {
                    if (entry instanceof MemberRefEntry member && isTheirs(member.owner())) {
                        looked++;
                        if (!version.has(bundle, member)) {
                            missing.add(member.owner().asInternalName() + "." + member.name() + member.type());
                        }
                    }
                }
            }
        }
        assertEquals(new TreeSet<>(), missing);
        assertTrue(looked > 100, "looked at " + looked);
    }

    @Test
    void noneNeedsMoreThanJava17() throws Exception {
        for (Path jar : delivered()) {
            for (ClassModel model : classes(jar)) {
                assertTrue(model.majorVersion() <= JAVA_17, () -> model.thisClass() + " " + model.majorVersion());
            }
        }
    }

    @Test
    void noneNeedsTheUserInterfaceOrAVersion() {
        VERSIONS.getLast().ours().forEach(bundle -> {
            String imports = bundle.getHeaders().get(Constants.IMPORT_PACKAGE);
            assertTrue(imports == null || !imports.contains("version="), () -> bundle + ": " + imports);
            assertTrue(imports == null || !imports.contains(".ui"), () -> bundle + ": " + imports);
            assertEquals(null, bundle.getHeaders().get(Constants.REQUIRE_BUNDLE), bundle::getSymbolicName);
        });
    }

    @ParameterizedTest
    @MethodSource("versions")
    void theThreadsFragmentBecomesPartOfTheParser(MissionControl version) throws Exception {
        Bundle parser = version.bundle("org.openjdk.jmc.flightrecorder");

        Class<?> extension = parser.loadClass("dev.kfr.jmc.threads.KernelThreads");
        assertSame(parser.adapt(BundleWiring.class).getClassLoader(), extension.getClassLoader());
        String service = "org.openjdk.jmc.flightrecorder.parser.IParserExtension";
        assertEquals(List.of(extension.getName()), MissionControl.services(parser, service));
        assertTrue(
                parser.loadClass(service).isInstance(extension.getConstructor().newInstance()));
    }

    @ParameterizedTest
    @MethodSource("versions")
    void everyRuleCanBeMade(MissionControl version) throws Exception {
        Bundle bundle = version.bundle("dev.kfr.jmc.rules");
        Class<?> rule = version.bundle("org.openjdk.jmc.flightrecorder.rules")
                .loadClass("org.openjdk.jmc.flightrecorder.rules.IRule");

        List<String> rules = MissionControl.services(bundle, rule.getName());
        assertTrue(rules.size() >= 14, () -> "rules: " + rules);
        for (String name : rules) {
            assertTrue(rule.isInstance(bundle.loadClass(name).getConstructor().newInstance()), name);
        }
    }

    @Test
    void theTemplatesCanBeMade() throws Exception {
        Class<?> templates =
                VERSIONS.getLast().bundle("dev.kfr.jmc.pages").loadClass("dev.kfr.jmc.pages.KernelTemplates");

        Object found = templates
                .getMethod("getStorageDelegates", String.class)
                .invoke(templates.getConstructor().newInstance(), ".jfc");
        assertEquals(4, ((List<?>) found).size());
    }

    private static boolean isTheirs(ClassEntry owner) {
        return owner.asInternalName().startsWith("org/openjdk/jmc/");
    }

    private static List<ClassModel> classes(Path jar) throws IOException {
        var models = new ArrayList<ClassModel>();
        try (var file = new JarFile(jar.toFile())) {
            for (JarEntry entry :
                    file.stream().filter(e -> e.getName().endsWith(".class")).toList()) {
                models.add(ClassFile.of().parse(file.getInputStream(entry).readAllBytes()));
            }
        }
        return models;
    }

    private static String symbolicName(Path jar) {
        return MissionControl.symbolicName(jar);
    }

    static Path target() {
        return Path.of(System.getProperty("kfr.jmc.target"));
    }

    static List<Path> delivered() throws IOException {
        return jars(target().resolve("plugins"));
    }

    private static List<Path> jars(Path directory) throws IOException {
        try (Stream<Path> jars = Files.list(directory)) {
            return jars.filter(jar -> jar.toString().endsWith(".jar")).toList();
        }
    }
}
