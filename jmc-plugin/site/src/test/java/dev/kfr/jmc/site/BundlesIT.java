// SPDX-License-Identifier: Apache-2.0
package dev.kfr.jmc.site;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.TreeMap;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.Bundle;
import org.osgi.framework.Constants;
import org.osgi.framework.launch.Framework;
import org.osgi.framework.launch.FrameworkFactory;
import org.osgi.framework.wiring.BundleWiring;
import org.osgi.framework.wiring.FrameworkWiring;

/** The bundles as they are delivered, in an Equinox beside the bundles of JMC's core: what Mission Control is made of, less its user interface. */
class BundlesIT {
    @TempDir
    static Path storage;

    static Framework equinox;
    static final Map<String, Bundle> BUNDLES = new TreeMap<>();

    @BeforeAll
    static void start() throws Exception {
        FrameworkFactory factory =
                ServiceLoader.load(FrameworkFactory.class).findFirst().orElseThrow();
        equinox = factory.newFramework(Map.of(Constants.FRAMEWORK_STORAGE, storage.toString()));
        equinox.start();
        for (Path jar : Stream.concat(coreBundles(), delivered()).toList()) {
            Bundle bundle = equinox.getBundleContext().installBundle("reference:" + jar.toUri());
            BUNDLES.put(bundle.getSymbolicName(), bundle);
        }
        equinox.adapt(FrameworkWiring.class).resolveBundles(BUNDLES.values());
    }

    @AfterAll
    static void stop() throws Exception {
        equinox.stop();
        equinox.waitForStop(10_000);
    }

    @Test
    void allAreResolved() {
        List<String> unresolved = ours().filter(bundle -> (bundle.getState() & (Bundle.RESOLVED | Bundle.ACTIVE)) == 0)
                .map(Bundle::getSymbolicName)
                .toList();

        assertEquals(List.of(), unresolved);
        assertEquals(3, ours().count());
    }

    @Test
    void noneNeedsTheUserInterfaceOrAVersion() {
        ours().forEach(bundle -> {
            String imports = bundle.getHeaders().get(Constants.IMPORT_PACKAGE);
            assertTrue(imports == null || !imports.contains("version="), () -> bundle + ": " + imports);
            assertTrue(imports == null || !imports.contains(".ui"), () -> bundle + ": " + imports);
            assertEquals(null, bundle.getHeaders().get(Constants.REQUIRE_BUNDLE), bundle::getSymbolicName);
        });
    }

    @Test
    void theThreadsFragmentBecomesPartOfTheParser() throws Exception {
        Bundle parser = BUNDLES.get("org.openjdk.jmc.flightrecorder");

        Class<?> extension = parser.loadClass("dev.kfr.jmc.threads.KernelThreads");
        assertSame(parser.adapt(BundleWiring.class).getClassLoader(), extension.getClassLoader());
        String service = "org.openjdk.jmc.flightrecorder.parser.IParserExtension";
        assertEquals(List.of(extension.getName()), services(parser, service));
        assertTrue(
                parser.loadClass(service).isInstance(extension.getConstructor().newInstance()));
    }

    @Test
    void everyRuleCanBeMade() throws Exception {
        Bundle bundle = BUNDLES.get("dev.kfr.jmc.rules");
        Class<?> rule = BUNDLES.get("org.openjdk.jmc.flightrecorder.rules")
                .loadClass("org.openjdk.jmc.flightrecorder.rules.IRule");

        List<String> rules = services(bundle, rule.getName());
        assertTrue(rules.size() >= 14, () -> "rules: " + rules);
        for (String name : rules) {
            assertTrue(rule.isInstance(bundle.loadClass(name).getConstructor().newInstance()), name);
        }
    }

    @Test
    void theTemplatesCanBeMade() throws Exception {
        Class<?> templates = BUNDLES.get("dev.kfr.jmc.pages").loadClass("dev.kfr.jmc.pages.KernelTemplates");

        Object found = templates
                .getMethod("getStorageDelegates", String.class)
                .invoke(templates.getConstructor().newInstance(), ".jfc");
        assertEquals(4, ((List<?>) found).size());
    }

    @Test
    void theUpdateSiteListsWhatItHolds() throws Exception {
        Path site = target().resolve("update-site");
        String content = Files.readString(site.resolve("content.xml"));
        String artifacts = Files.readString(site.resolve("artifacts.xml"));
        for (Path jar : delivered().toList()) {
            try (JarFile file = new JarFile(jar.toFile())) {
                var manifest = file.getManifest().getMainAttributes();
                String name = manifest.getValue(Constants.BUNDLE_SYMBOLICNAME).split(";")[0];
                String version = manifest.getValue(Constants.BUNDLE_VERSION);
                assertEquals(name + "_" + version + ".jar", jar.getFileName().toString());
                assertTrue(Files.exists(site.resolve("plugins").resolve(jar.getFileName())), jar::toString);
                assertTrue(content.contains("<unit id='" + name + "' version='" + version + "'>"), content);
                assertTrue(artifacts.contains("id='" + name + "' version='" + version + "'"), artifacts);
            }
        }
    }

    private static Stream<Bundle> ours() {
        return BUNDLES.values().stream()
                .filter(bundle -> bundle.getSymbolicName().startsWith("dev.kfr."));
    }

    private static Path target() {
        return Path.of(System.getProperty("kfr.jmc.target"));
    }

    private static Stream<Path> delivered() throws IOException {
        try (Stream<Path> jars = Files.list(target().resolve("plugins"))) {
            return jars.toList().stream();
        }
    }

    /** JMC's core and what it needs, from the class path of this test. */
    private static Stream<Path> coreBundles() {
        return Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(entry -> entry.endsWith(".jar"))
                .map(Path::of)
                .filter(jar -> {
                    String name = symbolicName(jar);
                    return !name.isEmpty() && !name.startsWith("dev.kfr.") && !name.equals("org.eclipse.osgi");
                });
    }

    private static String symbolicName(Path jar) {
        try (JarFile file = new JarFile(jar.toFile())) {
            String name = file.getManifest() == null
                    ? null
                    : file.getManifest().getMainAttributes().getValue(Constants.BUNDLE_SYMBOLICNAME);
            return name == null ? "" : name.split(";")[0];
        } catch (IOException e) {
            throw new IllegalStateException(jar.toString(), e);
        }
    }

    /** The providers of ours that a bundle's class loader sees. */
    private static List<String> services(Bundle bundle, String service) throws IOException {
        var names = new ArrayList<String>();
        var files = bundle.getResources("META-INF/services/" + service);
        while (files != null && files.hasMoreElements()) {
            URL file = files.nextElement();
            try (var lines = new BufferedReader(new InputStreamReader(file.openStream(), StandardCharsets.UTF_8))) {
                lines.lines().filter(line -> line.startsWith("dev.kfr.")).forEach(names::add);
            }
        }
        // A fragment's files are found on the way through the host and on that to the fragment.
        return names.stream().distinct().toList();
    }
}
