// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.logging.LogManager;
import java.util.spi.ToolProvider;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import javax.management.MBeanServer;
import javax.management.MBeanServerBuilder;
import javax.management.MBeanServerDelegate;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Starts services with {@code -javaagent:kfr.jar}: whatever is wrong, the service runs as if the agent were not there. */
class StartIT {
    @TempDir
    private Path directory;

    @Test
    void printsNothingOnStandardOutputAndNoWarningOfTheJdk() throws Exception {
        try (var service = idleService(Jvm.agent("start=sync"))) {
            runsUndisturbed(service);
            service.stderr().forEach(line -> assertTrue(line.startsWith("[kfr] "), service::toString));
        }
    }

    /** For each class that is redefined the JVM stops all threads for some milliseconds. */
    @Test
    void aRecordingFromTheStartHasFewEventClassesRedefined() throws Exception {
        var log = directory.resolve("redefined.log");
        try (var service = KernelService.start(
                Jvm.agent("start=async"),
                "-XX:StartFlightRecording:filename=" + directory.resolve("start.jfr"),
                "-Xlog:redefine+class+load=info:file=" + log)) {
            service.askUntil("types", names -> names.contains("kernel.ChunkEnd"));
            service.endsWell();
        }
        long redefined = Files.readAllLines(log).stream()
                .filter(line -> line.contains("redefined name=dev.kfr.events."))
                .count();
        // those of the life cycle, if the agent was faster than Flight Recorder
        assertTrue(redefined <= 7, redefined + " classes redefined");
    }

    @Test
    void anOldJvmSaysOneLineAndRunsTheService() throws Exception {
        var oldJava = oldJavaHome();
        var compiler = javax.tools.ToolProvider.getSystemJavaCompiler();
        var source = Path.of("src/test/java/dev/kfr/agent/IdleService.java");
        assertEquals(
                0,
                compiler.run(
                        null,
                        null,
                        null,
                        "--release",
                        "8",
                        "-Xlint:-options",
                        "-d",
                        directory.toString(),
                        source.toString()));
        try (var service =
                Jvm.start(oldJava, Jvm.agent("start=sync"), "-cp", directory.toString(), IdleService.class.getName())) {
            runsUndisturbed(service);
            assertTrue(
                    onlyLine(service)
                            .startsWith("[kfr] ERROR Kernel Flight Recorder needs Java 25 or later, and this is"),
                    service::toString);
        }
    }

    @Test
    void namesTheValidOptionsInOneLine() throws Exception {
        try (var service = idleService(Jvm.agent("start=sync,probe=files"))) {
            runsUndisturbed(service);
            assertEquals(
                    "[kfr] ERROR unknown option 'probe': valid are probes, scope, mbeans, ring, processes, start."
                            + " The service runs without the agent.",
                    onlyLine(service));
        }
    }

    @Test
    void deniedNativeAccessIsTheOperatorsNo() throws Exception {
        try (var service = idleService("--illegal-native-access=deny", Jvm.agent("start=sync"))) {
            runsUndisturbed(service);
            var line = onlyLine(service);
            assertTrue(line.startsWith("[kfr] ERROR native access is denied"), line);
            assertTrue(line.contains("--enable-native-access=ALL-UNNAMED"), line);
        }
    }

    @Test
    void nativeAccessGrantedToTheClassPathIsGrantedToTheAgent() throws Exception {
        try (var service = idleService(
                "--illegal-native-access=deny", "--enable-native-access=ALL-UNNAMED", Jvm.agent("start=sync"))) {
            runsUndisturbed(service);
            service.stderr().forEach(line -> assertTrue(!line.contains("native access"), service::toString));
        }
    }

    @Test
    void aRuntimeWithoutJfrAndManagementSaysSo() throws Exception {
        try (var service = idleServiceOn(runtimeWith("java.instrument"), Jvm.agent("start=sync"))) {
            runsUndisturbed(service);
            assertTrue(onlyLine(service).contains("neither module jdk.jfr nor java.management"), service::toString);
        }
    }

    @Test
    void aRuntimeWithoutJfrSaysThatThereAreNoEvents() throws Exception {
        try (var service = idleServiceOn(runtimeWith("java.instrument,java.management"), Jvm.agent("start=sync"))) {
            runsUndisturbed(service);
            service.awaitStderr("[kfr] WARN this Java runtime has no module jdk.jfr");
        }
    }

    @Test
    void aRuntimeWithoutManagementSaysThatThereAreNoMBeans() throws Exception {
        try (var service = idleServiceOn(runtimeWith("java.instrument,jdk.jfr"), Jvm.agent("start=sync"))) {
            runsUndisturbed(service);
            service.awaitStderr("[kfr] WARN this Java runtime has no module java.management");
        }
    }

    @Test
    void theServiceChoosesItsLogManagerAndMBeanServer() throws Exception {
        try (var service =
                Jvm.start(Jvm.agent("start=sync"), "-cp", Jvm.testClasses(), ChoosingService.class.getName())) {
            assertEquals(0, service.waitFor(), service::toString);
            assertEquals(
                    List.of(ChoosingService.Logs.class.getName(), ChoosingService.Servers.class.getName()),
                    service.stdout(),
                    service::toString);
        }
    }

    @Test
    void theJarMayLieAnywhere() throws Exception {
        var jar = directory.resolve("a b#c%20ü").resolve("kfr renamed.jar");
        Files.createDirectories(jar.getParent());
        Files.copy(Jvm.agentJar(), jar);
        try (var service = idleService("-javaagent:" + jar + "=start=sync,probe=files")) {
            runsUndisturbed(service);
            assertTrue(onlyLine(service).contains("unknown option 'probe'"), service::toString);
        }
    }

    @Test
    void aDamagedJarDoesNotStopTheService() throws Exception {
        var jar = directory.resolve("damaged.jar");
        copyWithout("kfr/dev/kfr/agent/", Jvm.agentJar(), jar);
        try (var service = idleService("-javaagent:" + jar + "=start=sync")) {
            runsUndisturbed(service);
            assertTrue(
                    onlyLine(service)
                            .startsWith(
                                    "[kfr] ERROR Kernel Flight Recorder could not start, the service runs without it"),
                    service::toString);
        }
    }

    @Test
    void aServiceWithoutStandardErrorRuns() throws Exception {
        var java = Path.of(System.getProperty("java.home"), "bin/java").toString();
        try (var service = Jvm.startCommand(
                "sh",
                "-c",
                "exec \"$@\" 2>&-",
                "sh",
                java,
                Jvm.agent("start=sync"),
                "-cp",
                Jvm.testClasses(),
                IdleService.class.getName())) {
            runsUndisturbed(service);
        }
    }

    /** Sets in {@code main} what JBoss and others set there, and says whether it took effect. */
    public static final class ChoosingService {
        private ChoosingService() {}

        public static void main(String[] arguments) {
            System.setProperty("java.util.logging.manager", Logs.class.getName());
            System.setProperty("javax.management.builder.initial", Servers.class.getName());
            System.out.println(LogManager.getLogManager().getClass().getName());
            ManagementFactory.getPlatformMBeanServer();
            System.out.println(Servers.used ? Servers.class.getName() : "the JDK's own");
        }

        /** The service's own log manager. */
        public static final class Logs extends LogManager {}

        /** The service's own builder of MBean servers. */
        public static final class Servers extends MBeanServerBuilder {
            private static boolean used;

            @Override
            public MBeanServer newMBeanServer(String domain, MBeanServer outer, MBeanServerDelegate delegate) {
                used = true;
                return super.newMBeanServer(domain, outer, delegate);
            }
        }
    }

    private static Jvm idleService(String... options) throws IOException {
        return idleServiceOn(Path.of(System.getProperty("java.home")), options);
    }

    private static Jvm idleServiceOn(Path javaHome, String... options) throws IOException {
        var arguments = new ArrayList<>(List.of(options));
        arguments.addAll(List.of("-cp", Jvm.testClasses(), IdleService.class.getName()));
        return Jvm.start(javaHome, arguments.toArray(String[]::new));
    }

    private static void runsUndisturbed(Jvm service) throws Exception {
        service.awaitStdout("ready");
        assertEquals(0, service.endInput(), service::toString);
        assertEquals(List.of("ready"), service.stdout(), service::toString);
    }

    private static String onlyLine(Jvm service) {
        assertEquals(1, service.stderr().size(), service::toString);
        return service.stderr().getFirst();
    }

    private static Path oldJavaHome() throws IOException {
        var homes = Path.of("/usr/lib/jvm");
        Assumptions.assumeTrue(Files.isDirectory(homes), "no other JVM here");
        try (var candidates = Files.list(homes)) {
            return candidates
                    .filter(home -> Files.isExecutable(home.resolve("bin/java")))
                    .filter(StartIT::isOld)
                    .findFirst()
                    .orElseGet(() -> Assumptions.abort("no JVM older than 25 here"));
        }
    }

    private static boolean isOld(Path home) {
        try {
            return Files.readAllLines(home.resolve("release")).stream()
                    .anyMatch(line -> line.matches("JAVA_VERSION=\"(1\\.8|9|1[0-9]|2[0-4])\\b.*"));
        } catch (IOException unknown) {
            return false;
        }
    }

    private Path runtimeWith(String modules) {
        var runtime = directory.resolve("runtime");
        var jlink = ToolProvider.findFirst("jlink").orElseThrow();
        var exitCode = jlink.run(System.out, System.err, "--add-modules", modules, "--output", runtime.toString());
        assertEquals(0, exitCode, "jlink");
        return runtime;
    }

    private static void copyWithout(String prefix, Path from, Path to) throws IOException {
        try (var in = new ZipFile(from.toFile());
                var out = new ZipOutputStream(Files.newOutputStream(to))) {
            for (var entry :
                    in.stream().filter(e -> !e.getName().startsWith(prefix)).toList()) {
                out.putNextEntry(new ZipEntry(entry.getName()));
                in.getInputStream(entry).transferTo(out);
            }
        }
    }
}
