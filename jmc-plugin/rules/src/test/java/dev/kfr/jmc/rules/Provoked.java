// SPDX-License-Identifier: Apache-2.0
package dev.kfr.jmc.rules;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmc.common.item.IItemCollection;
import org.openjdk.jmc.flightrecorder.JfrLoaderToolkit;

/** A {@link Trouble} in a JVM of its own under the agent, recorded as the first lines of the documentation say. */
final class Provoked implements AutoCloseable {
    private static final long LIMIT_SECONDS = 180;

    private final Path recording;
    private final Path output;
    private final Process process;
    private final List<String> command = new ArrayList<>();

    private Provoked(Builder builder) throws Exception {
        recording = Files.createTempFile("provoked", ".jfr");
        output = Files.createTempFile("provoked", ".log");
        command.addAll(builder.prefix);
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(builder.options);
        command.add("-javaagent:" + agent() + "=" + builder.agent);
        command.add("-XX:StartFlightRecording:filename=" + recording + builder.settings);
        command.addAll(List.of("--enable-native-access=ALL-UNNAMED", "-cp", testClasses(), Trouble.class.getName()));
        command.addAll(builder.trouble);
        process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
    }

    /** @param trouble names, see {@link Trouble} */
    static Builder by(int seconds, Object... trouble) {
        return new Builder(seconds, trouble);
    }

    static final class Builder {
        private final List<String> trouble = new ArrayList<>();
        private final List<String> prefix = new ArrayList<>();
        private final List<String> options = new ArrayList<>();
        private String agent = "start=sync";
        private String settings = "";

        private Builder(int seconds, Object... trouble) {
            this.trouble.add(Integer.toString(seconds));
            for (var word : trouble) {
                this.trouble.add(word.toString());
            }
        }

        /** Begins with a command that becomes the JVM. */
        Builder under(List<String> command) {
            prefix.addAll(command);
            return this;
        }

        Builder under(String... command) {
            return under(List.of(command));
        }

        Builder options(String... more) {
            options.addAll(List.of(more));
            return this;
        }

        Builder agent(String more) {
            agent += "," + more;
            return this;
        }

        /** Changes a setting of the recording, such as {@code kernel.FileSync#threshold=0ms}. */
        Builder setting(String setting) {
            settings += ",+" + setting;
            return this;
        }

        Provoked start() throws Exception {
            return new Provoked(this);
        }

        /** Runs it to its end and has all rules look at the recording. */
        Verdicts judge() throws Exception {
            try (var provoked = start()) {
                return provoked.judge();
            }
        }
    }

    long pid() {
        return process.pid();
    }

    /** Waits until all troubles have begun. */
    void awaitReady() throws Exception {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(LIMIT_SECONDS);
        while (!Files.readAllLines(output).contains("ready")) {
            assertTrue(process.isAlive() && System.nanoTime() < end, this::toString);
            Thread.sleep(10);
        }
    }

    /** Waits for the end and reads the recording. */
    IItemCollection events() throws Exception {
        assertTrue(process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS), this::toString);
        assertTrue(Files.size(recording) > 0, this::toString);
        return JfrLoaderToolkit.loadEvents(recording.toFile());
    }

    /** Waits for the end and has all rules look at the recording. */
    Verdicts judge() throws Exception {
        return Verdicts.about(events());
    }

    /** Likewise, and it ended by itself. */
    Verdicts judgeWell() throws Exception {
        var verdicts = judge();
        assertEquals(0, process.exitValue(), this::toString);
        return verdicts;
    }

    @Override
    public void close() throws IOException {
        process.destroyForcibly().onExit().join();
        Files.deleteIfExists(recording);
        Files.deleteIfExists(output);
    }

    @Override
    public String toString() {
        try {
            return String.join(" ", command) + "\n" + Files.readString(output);
        } catch (IOException e) {
            return String.join(" ", command);
        }
    }

    private static Path agent() {
        var jar = Path.of(System.getProperty("kfr.jar", "../../agent/target/kfr.jar"));
        assertTrue(Files.exists(jar), "no " + jar.toAbsolutePath().normalize() + ": build the agent first");
        return jar.toAbsolutePath().normalize();
    }

    private static String testClasses() throws URISyntaxException {
        return Path.of(Trouble.class
                        .getProtectionDomain()
                        .getCodeSource()
                        .getLocation()
                        .toURI())
                .toString();
    }
}
