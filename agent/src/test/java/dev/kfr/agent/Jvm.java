// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A JVM that a test starts, whose output it reads as it comes.
 *
 * <p>Ends with the test: {@link #close()} kills what still runs.
 */
public final class Jvm implements AutoCloseable {
    /**
     * The bound of everything that waits: far beyond what a slow machine needs. An emulated one is slower still: {@code KFR_SLOW} in the
     * environment says how many times.
     */
    public static final Duration LIMIT = Duration.ofSeconds(60).multipliedBy(slowness());

    /** Options for each JVM that a test starts, {@code KFR_JVM_OPTIONS}: an emulated machine compiles slowly. */
    private static final List<String> OPTIONS = Pattern.compile("\\s+")
            .splitAsStream(System.getenv().getOrDefault("KFR_JVM_OPTIONS", ""))
            .filter(option -> !option.isEmpty())
            .toList();

    private final Process process;
    private final List<String> command;
    private final Output stdout;
    private final Output stderr;

    private Jvm(List<String> command) throws IOException {
        this.command = command;
        process = new ProcessBuilder(command).start();
        stdout = new Output("stdout", process.getInputStream());
        stderr = new Output("stderr", process.getErrorStream());
    }

    /** A port of the loopback interface that nobody uses now. */
    public static int freePort() throws IOException {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    /** How many times slower than a real machine this one may be. */
    public static long slowness() {
        return Long.parseLong(System.getenv().getOrDefault("KFR_SLOW", "1"));
    }

    /** Starts this JDK's {@code java} with the arguments. */
    public static Jvm start(String... arguments) throws IOException {
        return start(Path.of(System.getProperty("java.home")), arguments);
    }

    /** Starts {@code bin/java} of another Java home. */
    public static Jvm start(Path javaHome, String... arguments) throws IOException {
        var command = Stream.concat(Stream.of(javaHome.resolve("bin/java").toString()), OPTIONS.stream());
        return startCommand(Stream.concat(command, Stream.of(arguments)).toArray(String[]::new));
    }

    /** Starts a command that becomes a JVM, for instance {@code setpriv ... java ...}. */
    public static Jvm startCommand(String... command) throws IOException {
        return new Jvm(List.of(command));
    }

    /** The product as it was built: {@code kfr.jar}. */
    public static Path agentJar() {
        var jar = System.getProperty("kfr.jar");
        if (jar == null) {
            throw new IllegalStateException("no system property kfr.jar: run with 'mvn verify'");
        }
        return Path.of(jar);
    }

    /** {@code -javaagent:kfr.jar=options}. */
    public static String agent(String options) {
        return "-javaagent:" + agentJar() + (options.isEmpty() ? "" : "=" + options);
    }

    /**
     * The directory of the tests' own classes, for a service that is one of them. Nothing more: with the agent's module
     * directories on the service's class path the JVM would take the agent from there and not from its jar.
     */
    public static String testClasses() {
        try {
            return Path.of(Jvm.class
                            .getProtectionDomain()
                            .getCodeSource()
                            .getLocation()
                            .toURI())
                    .toString();
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    public long pid() {
        return process.pid();
    }

    /** What was written to standard output so far, by lines. */
    public List<String> stdout() {
        return stdout.lines();
    }

    /** What was written to standard error so far, by lines. */
    public List<String> stderr() {
        return stderr.lines();
    }

    /** Waits for a line of standard output that contains the text, and returns it. */
    public String awaitStdout(String text) throws InterruptedException {
        return await(stdout, text);
    }

    /** Waits for a line of standard error that contains the text, and returns it. */
    public String awaitStderr(String text) throws InterruptedException {
        return await(stderr, text);
    }

    /** Writes a line to the JVM's standard input. */
    public void write(String line) throws IOException {
        process.getOutputStream().write((line + "\n").getBytes(StandardCharsets.UTF_8));
        process.getOutputStream().flush();
    }

    /** Ends the JVM's standard input, which ends an {@link IdleService}, and returns the exit code. */
    public int endInput() throws IOException, InterruptedException {
        process.getOutputStream().close();
        return waitFor();
    }

    /** Waits for the end and for the rest of the output, and returns the exit code. */
    public int waitFor() throws InterruptedException {
        if (!process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)) {
            throw new AssertionError("still runs after " + LIMIT + "\n" + this);
        }
        stdout.awaitEnd();
        stderr.awaitEnd();
        return process.exitValue();
    }

    /** Asks the JVM to end (SIGTERM), waits for it and returns the exit code. */
    public int terminate() throws InterruptedException {
        process.toHandle().destroy(); // and not process.destroy(), which ends its standard input too
        return waitFor();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }

    /** The command and all that it wrote: for the message of a failed assertion. */
    @Override
    public String toString() {
        return String.join(" ", command) + "\npid " + pid() + (process.isAlive() ? "" : ", exit " + process.exitValue())
                + "\nstdout:\n" + String.join("\n", stdout()) + "\nstderr:\n" + String.join("\n", stderr());
    }

    private String await(Output output, String text) throws InterruptedException {
        var line = output.await(candidate -> candidate.contains(text));
        if (line == null) {
            throw new AssertionError("no line with '" + text + "' on " + output.name + "\n" + this);
        }
        return line;
    }

    /** Collects one stream on a thread of its own, so that the JVM never waits for us. */
    private static final class Output {
        private final String name;
        private final List<String> lines = new ArrayList<>();
        private boolean ended;

        Output(String name, InputStream stream) {
            this.name = name;
            Thread.ofPlatform().daemon().name(name).start(() -> collect(stream));
        }

        private void collect(InputStream stream) {
            try (var reader = new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8))) {
                for (var line = reader.readLine(); line != null; line = reader.readLine()) {
                    add(line);
                }
            } catch (IOException closedWithItsProcess) {
                // The process was killed.
            } finally {
                end();
            }
        }

        private synchronized void add(String line) {
            lines.add(line);
            notifyAll();
        }

        private synchronized void end() {
            ended = true;
            notifyAll();
        }

        synchronized List<String> lines() {
            return List.copyOf(lines);
        }

        /** Returns the first line that matches, or null if none came until the end or the limit. */
        synchronized String await(Predicate<String> condition) throws InterruptedException {
            var deadline = System.nanoTime() + LIMIT.toNanos();
            for (var next = 0; ; ) {
                for (; next < lines.size(); next++) {
                    if (condition.test(lines.get(next))) {
                        return lines.get(next);
                    }
                }
                var millis = (deadline - System.nanoTime()) / 1_000_000;
                if (ended || millis <= 0) {
                    return null;
                }
                wait(millis);
            }
        }

        synchronized void awaitEnd() throws InterruptedException {
            var deadline = System.nanoTime() + LIMIT.toNanos();
            while (!ended) {
                var millis = (deadline - System.nanoTime()) / 1_000_000;
                if (millis <= 0) {
                    throw new AssertionError(name + " is still open after " + LIMIT);
                }
                wait(millis);
            }
        }
    }
}
