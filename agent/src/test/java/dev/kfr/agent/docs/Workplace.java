// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.docs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.kfr.agent.Jvm;
import dev.kfr.agent.KernelService;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;

/**
 * A directory in which somebody tries what the pages say, with all that they speak of as if it were there: {@code kfr.jar}, a {@code
 * service.jar}, the directories of a checkout, other agents. What is a placeholder on a page is replaced before a command runs.
 *
 * <p>Commands run in a bash as a reader has it. Each is a process group, so that Ctrl-C reaches all of it, as on a terminal. Closing ends
 * what still runs.
 */
final class Workplace implements AutoCloseable {
    private static final Path CHECKOUT = Path.of("..").toAbsolutePath().normalize();

    private static final Map<String, String> JARS = Map.of(
            "jmx_prometheus_javaagent.jar", "jmx-exporter.jar",
            "opentelemetry-javaagent.jar", "opentelemetry.jar");

    private static final Pattern COLOURS = Pattern.compile("\u001b\\[[0-9;?]*[a-zA-Z]");

    /** Rounds of a service after which there is something to see of it. */
    private static final int ROUNDS = 5;

    private final Path directory;
    private final Map<String, String> here = new LinkedHashMap<>();
    private final Map<String, String> environment = new HashMap<>();
    private final List<Jvm> started = new ArrayList<>();

    Workplace(Path directory) throws Exception {
        this.directory = Files.createDirectories(directory);
        Files.copy(Jvm.agentJar(), directory.resolve("kfr.jar"));
        makeService(directory.resolve("service.jar"));
        for (var each : List.of("bin", "deploy", "examples", "fleet")) {
            Files.createSymbolicLink(directory.resolve(each), CHECKOUT.resolve(each));
        }
        for (var jar : JARS.entrySet()) {
            Files.createSymbolicLink(directory.resolve(jar.getKey()), Path.of(System.getProperty(jar.getValue())));
        }
        // Whoever runs these tests may do what they need, or they are skipped.
        replace("sudo ", "");
        replace("--duration 30s", "--duration 2s");
        // Where a page installs something for the whole machine.
        replace(" /opt/", " " + directory + "/opt/");
        replace(" /etc/", " " + directory + "/etc/");
        replace("=/etc/", "=" + directory + "/etc/");
        replace("DIR", directory.resolve("settings").toString());
        // JVMs that live for seconds: with the other compiler and collector they take twice the time.
        environment.put("JDK_JAVA_OPTIONS", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC");
        environment.put("PATH", System.getProperty("java.home") + "/bin:" + System.getenv("PATH"));
    }

    private static void makeService(Path jar) throws Exception {
        var manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        manifest.getMainAttributes().put(Attributes.Name.MAIN_CLASS, SampleService.class.getName());
        var file = SampleService.class.getName().replace('.', '/') + ".class";
        try (var out = new JarOutputStream(Files.newOutputStream(jar), manifest)) {
            out.putNextEntry(new JarEntry(file));
            Files.copy(Path.of(Jvm.testClasses(), file), out);
        }
    }

    /** What is written so is run otherwise. A word is replaced where it stands alone. */
    Workplace replace(String written, Object by) {
        here.put(written, by.toString());
        return this;
    }

    /** A variable for all that is started from now on. */
    Workplace set(String variable, String value) {
        environment.put(variable, value);
        return this;
    }

    Path file(String name) {
        return directory.resolve(name);
    }

    /** What of this is run here. */
    private String asHere(String text) {
        var all = text;
        for (var each : here.entrySet()) {
            var word = each.getKey().matches("\\w+");
            var written = word ? "\\b" + each.getKey() + "\\b" : Pattern.quote(each.getKey());
            all = all.replaceAll(written, Matcher.quoteReplacement(each.getValue()));
        }
        return all;
    }

    private Jvm startBy(List<String> command) throws Exception {
        var all = new ArrayList<>(List.of("env", "-C", directory.toString(), "--default-signal=INT"));
        environment.forEach((name, value) -> all.add(name + "=" + value));
        all.addAll(command);
        var process = Jvm.startCommand(all.toArray(String[]::new));
        started.add(process);
        return process;
    }

    private static List<String> shell(String... arguments) {
        return Stream.concat(
                        Stream.of("bash", "-O", "expand_aliases", "-o", "pipefail"),
                        Stream.of(arguments)) // aliases, as where somebody types; and no failure in silence
                .toList();
    }

    /** Starts what somebody types. */
    Jvm start(String text) throws Exception {
        var command = new ArrayList<>(List.of("setsid"));
        command.addAll(shell("-c", asHere(text)));
        return startBy(command);
    }

    /** Likewise, with the terminal that script(1) makes, and what is to be seen there in the file {@code screen}. */
    Jvm startOnTerminal(String text) throws Exception {
        assumeTrue(
                Files.isExecutable(Path.of("/usr/bin/script")) && Files.exists(Path.of("/dev/ptmx")),
                "no script(1), or no terminals");
        Files.writeString(file("typed"), asHere(text) + "\n");
        Files.writeString(file("screen"), "");
        set("TERM", "xterm-256color");
        // In place of the shell of script(1), which would get Ctrl-C too.
        return startBy(List.of("script", "-qefc", "exec " + String.join(" ", shell("typed")), "screen"));
    }

    /** Waits until the screen has such text. */
    void awaitOnScreen(Pattern text) throws Exception {
        KernelService.await(
                () -> text.matcher(COLOURS.matcher(read("screen")).replaceAll(""))
                        .find(),
                () -> "no " + text + " on the screen of\n" + started.getLast() + "\n" + read("screen"));
    }

    private String read(String name) {
        try {
            return Files.readString(file(name));
        } catch (Exception e) {
            return e.toString();
        }
    }

    /** Runs what somebody types to its end, which has to be a good one, and returns its output. */
    List<String> run(String text) throws Exception {
        var process = start(text);
        assertEquals(0, process.waitFor(), process::toString);
        return process.stdout();
    }

    /** Ctrl-C, and the exit code after it. */
    int interrupt(Jvm process) throws Exception {
        var kill = signal("INT", process);
        assertEquals(0, kill.waitFor(), kill::toString);
        return process.waitFor();
    }

    private static Jvm signal(String name, Jvm process) throws IOException {
        return Jvm.startCommand("kill", "-" + name, "--", "-" + process.pid());
    }

    /** Starts {@code service.jar} with options, and returns when it works. */
    Jvm service(String... options) throws Exception {
        var service = start("exec java " + String.join(" ", options) + " -jar service.jar");
        service.awaitStdout("ready");
        return service;
    }

    /** Likewise with the agent, when its probes are there. */
    Jvm serviceWithAgent(String... options) throws Exception {
        var service = service(Stream.concat(Stream.of("-javaagent:kfr.jar"), Stream.of(options))
                .toArray(String[]::new));
        awaitProbes(service);
        return service;
    }

    static void awaitProbes(Jvm service) throws Exception {
        service.awaitStderr("[kfr] INFO probes attached");
    }

    /** Waits until a service has done something from now on. */
    static void awaitWork(Jvm service) throws Exception {
        int rounds = service.stdout().size() + ROUNDS;
        KernelService.await(() -> service.stdout().size() > rounds, () -> "does nothing: " + service);
    }

    /** Events of the kernel in a recording, those that are about processes. */
    List<RecordedEvent> kernelEvents(Path recording) throws Exception {
        assertTrue(Files.exists(recording), () -> recording + " is not there: " + started);
        return RecordingFile.readAllEvents(recording).stream()
                .filter(event -> event.getEventType().getName().startsWith("kernel.") && event.hasField("pid"))
                .toList();
    }

    void assertKernelEvents(Path recording) throws Exception {
        assertFalse(kernelEvents(recording).isEmpty(), () -> "nothing of the kernel in " + recording + ": " + started);
    }

    /** The one recording that is in this directory. */
    Path recording() throws Exception {
        try (var files = Files.list(directory)) {
            var recordings =
                    files.filter(file -> file.toString().endsWith(".jfr")).toList();
            assertEquals(1, recordings.size(), () -> "recordings " + recordings + ": " + started);
            return recordings.getFirst();
        }
    }

    @Override
    public void close() throws IOException {
        for (var each : started) {
            if (each.isAlive()) {
                // on a terminal the group is another one, and ends when the terminal goes
                signal("KILL", each);
            }
            each.close();
        }
        // JUnit removes the directory, and warns of each link that leads out of it.
        try (var files = Files.list(directory)) {
            for (var link : files.filter(Files::isSymbolicLink).toList()) {
                Files.delete(link);
            }
        }
    }
}
