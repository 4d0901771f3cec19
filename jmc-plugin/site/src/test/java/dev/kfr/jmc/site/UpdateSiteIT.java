// SPDX-License-Identifier: Apache-2.0
package dev.kfr.jmc.site;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The archive with the update site, installed by Equinox p2, which is what is behind Help > Install New Software. */
class UpdateSiteIT {
    private static final long LIMIT_SECONDS = 120;
    private static final String FEATURE = "dev.kfr.jmc.feature.group";

    @TempDir
    Path directory;

    @Test
    void isInstalledIntoTheOldestMissionControlThatIsSupported() throws Exception {
        var director = install("8.3.0");

        assertEquals(0, director.exitValue(), this::log);
        for (Path jar : BundlesIT.delivered()) {
            Path installed = directory.resolve("installed/plugins").resolve(jar.getFileName());
            assertTrue(Files.exists(installed), this::log);
            assertArrayEquals(Files.readAllBytes(jar), Files.readAllBytes(installed), jar::toString);
        }
        assertFalse(log().contains("No digest algorithm"), this::log);
    }

    @Test
    void isRefusedByAnOlderOne() throws Exception {
        var director = install("8.2.0");

        assertNotEquals(0, director.exitValue(), this::log);
        assertTrue(log().contains("org.openjdk.jmc.flightrecorder.ui 8.3.0' but it could not be found"), this::log);
        assertFalse(Files.exists(directory.resolve("installed/plugins")), this::log);
    }

    private Process install(String missionControl) throws Exception {
        Path host = Files.createDirectories(directory.resolve("host"));
        Files.writeString(host.resolve("content.xml"), bundlesOf(missionControl));
        String site =
                "jar:" + BundlesIT.target().resolve("kfr-jmc-update-site.zip").toUri() + "!/";
        var director = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        // p2 reads XML, which is the JDK's and not a bundle's
                        "-Dorg.osgi.framework.bootdelegation=*",
                        "-jar",
                        jar("org.eclipse.equinox.launcher").toString(),
                        "-configuration",
                        configuration().toUri().toString(),
                        "-data",
                        directory.resolve("data").toString(),
                        "-consoleLog",
                        "-application",
                        "org.eclipse.equinox.p2.director",
                        "-metadataRepository",
                        host.toUri() + "," + site,
                        "-artifactRepository",
                        site,
                        "-installIU",
                        FEATURE,
                        "-profile",
                        "MissionControl",
                        "-destination",
                        directory.resolve("installed").toString(),
                        "-bundlepool",
                        directory.resolve("installed").toString())
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("director.log").toFile())
                .start();
        try {
            assertTrue(director.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS), this::log);
        } finally {
            director.destroyForcibly().onExit().join();
        }
        return director;
    }

    /** A Mission Control as p2 sees it: bundles of a version. */
    private static String bundlesOf(String version) {
        String bundles = Stream.of("", ".rules", ".ui")
                .map(name -> "<provided namespace='osgi.bundle' name='org.openjdk.jmc.flightrecorder" + name
                        + "' version='" + version + "'/>")
                .collect(Collectors.joining());
        return "<?metadataRepository version='1.1.0'?><repository name='host' version='1'"
                + " type='org.eclipse.equinox.internal.p2.metadata.repository.LocalMetadataRepository'>"
                + "<units size='1'><unit id='host' version='" + version + "'><provides size='4'>"
                + "<provided namespace='org.eclipse.equinox.p2.iu' name='host' version='" + version + "'/>"
                + bundles + "</provides></unit></units></repository>";
    }

    /** An Equinox of p2's bundles, which are on the class path of this test. */
    private Path configuration() throws IOException {
        var bundles = new ArrayList<String>();
        for (Path jar : jars()) {
            String name = MissionControl.symbolicName(jar);
            if (!name.isEmpty()
                    && !name.equals("org.eclipse.osgi")
                    && !name.startsWith("dev.kfr.")
                    && !name.startsWith("org.openjdk.jmc.")) {
                bundles.add("reference:" + jar.toUri() + startLevel(name));
            }
        }
        Path configuration = Files.createDirectories(directory.resolve("configuration"));
        Files.write(
                configuration.resolve("config.ini"),
                List.of(
                        "osgi.bundles=" + String.join(",", bundles).replace(":", "\\:"),
                        "osgi.framework="
                                + jar("org.eclipse.osgi").toUri().toString().replace(":", "\\:"),
                        "osgi.bundles.defaultStartLevel=4"));
        return configuration;
    }

    /** The others start when one of their classes is asked for. */
    private static String startLevel(String bundle) {
        return switch (bundle) {
            case "org.apache.felix.scr" -> "@1:start";
            case "org.eclipse.equinox.common" -> "@2:start";
            case "org.eclipse.core.runtime" -> "@4:start";
            default -> "";
        };
    }

    private static Path jar(String bundle) {
        return jars().stream()
                .filter(jar -> MissionControl.symbolicName(jar).equals(bundle))
                .findAny()
                .orElseThrow();
    }

    private static List<Path> jars() {
        return Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(entry -> entry.endsWith(".jar"))
                .map(Path::of)
                .toList();
    }

    private String log() {
        try {
            return Files.readString(directory.resolve("director.log"));
        } catch (IOException e) {
            return e.toString();
        }
    }
}
