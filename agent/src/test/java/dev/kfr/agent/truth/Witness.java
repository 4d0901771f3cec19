// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.truth;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.kfr.agent.Jvm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A program that does a known number of things when it is told to, and then stays until it is closed: see {@code witness.c}.
 *
 * <p>What it and the kernel say of it is what events and MBeans have to agree with.
 */
public final class Witness implements AutoCloseable {
    /** System calls besides those that it was asked for, from "go" until it waits to be closed: one read and one write. */
    static final long OWN_CALLS = 2;

    private static final Path SOURCES = Path.of("src/test/c");
    private static Path program;
    private static Path tiny;
    private static Path waits;
    private static Path talker;

    private final Jvm process;

    /** A child that the witness waited for. Times are ns of CLOCK_MONOTONIC around fork and wait; {@code bytesRead} from disks. */
    record Child(long pid, int status, long before, long after, long cpuTime, long maxResident, long bytesRead) {
        int exitCode() {
            return status >> 8 & 0xff;
        }

        int signal() {
            return status & 0x7f;
        }
    }

    private Witness(Jvm process) {
        this.process = process;
    }

    /** Starts it; it does nothing yet. */
    public static Witness start(Object... arguments) throws Exception {
        return startBy(List.of(), arguments);
    }

    /** Likewise, by a command that becomes it. */
    static Witness startBy(List<String> command, Object... arguments) throws Exception {
        var all = new ArrayList<Object>(command);
        all.add(program());
        all.addAll(List.of(arguments));
        return startCommand(all);
    }

    /** Starts {@code talker.c}, which does the same kind of things over the network. */
    public static Witness talker(Object... arguments) throws Exception {
        return startTalker(List.of(), arguments);
    }

    /** The same in a network namespace of its own; only root makes one. */
    static Witness talkerInItsOwnNetwork(Object... arguments) throws Exception {
        return startTalker(List.of("unshare", "--net"), arguments);
    }

    private static Witness startTalker(List<String> command, Object... arguments) throws Exception {
        var all = new ArrayList<Object>(command);
        all.add(talker());
        all.addAll(List.of(arguments));
        return startCommand(all);
    }

    private static Witness startCommand(List<Object> command) throws Exception {
        var witness = new Witness(
                Jvm.startCommand(command.stream().map(String::valueOf).toArray(String[]::new)));
        witness.process.awaitStdout("pid=" + witness.pid());
        return witness;
    }

    /** Starts a program of threads that run and wait: see {@code waits.c}. */
    static Witness startWaits(Object... arguments) throws Exception {
        var all = new ArrayList<Object>(List.of(waits()));
        all.addAll(List.of(arguments));
        var witness =
                new Witness(Jvm.startCommand(all.stream().map(String::valueOf).toArray(String[]::new)));
        witness.process.awaitStdout("pid=" + witness.pid());
        return witness;
    }

    private static synchronized Path waits() throws Exception {
        if (waits == null) {
            waits = compile("waits", "-O1", "-pthread");
        }
        return waits;
    }

    /** The compiled witness. */
    static synchronized Path program() throws Exception {
        if (program == null) {
            program = compile("witness", "-O1", "-pthread");
        }
        return program;
    }

    private static synchronized Path talker() throws Exception {
        if (talker == null) {
            talker = compile("talker", "-O1", "-pthread");
        }
        return talker;
    }

    /** What runs a command that may make certain system calls alone. */
    public static Path filtered() throws Exception {
        return compile("filtered", "-O1");
    }

    /** The smallest program that ends, with exit code 42. */
    static synchronized Path tiny() throws Exception {
        if (tiny == null) {
            tiny = compile("tiny", "-static", "-nostdlib");
        }
        return tiny;
    }

    private static Path compile(String name, String... options) throws Exception {
        var directory = Files.createDirectories(Path.of("target/test-c").toAbsolutePath());
        var output = directory.resolve(name);
        var command = new ArrayList<>(List.of("cc", "-o", output.toString()));
        command.addAll(List.of(options));
        command.add(SOURCES.resolve(name + ".c").toString());
        try (var compiler = Jvm.startCommand(command.toArray(String[]::new))) {
            assertEquals(0, compiler.waitFor(), compiler::toString);
        }
        return output;
    }

    long pid() {
        return process.pid();
    }

    /** Has it begin. */
    Witness begin() throws IOException {
        process.write("go");
        return this;
    }

    /** Waits until it has done all. */
    Witness await() throws InterruptedException {
        process.awaitStdout("done");
        return this;
    }

    /** Has it do all, and returns when it has. */
    public Witness go() throws Exception {
        return begin().await();
    }

    /** What it printed so far. */
    List<String> lines() {
        return process.stdout();
    }

    /** The values of all lines that begin with {@code key=}. */
    List<Long> values(String key) {
        return lines().stream()
                .filter(line -> line.startsWith(key + "="))
                .map(line -> fields(line).get(key))
                .toList();
    }

    List<Child> children() {
        return lines().stream()
                .filter(line -> line.startsWith("child="))
                .map(Witness::fields)
                .map(f -> new Child(
                        f.get("child"),
                        f.get("status").intValue(),
                        f.get("before"),
                        f.get("after"),
                        f.get("cpu"),
                        f.get("maxrss") * 1024,
                        f.get("inblock") * 512))
                .toList();
    }

    /** The numbers of a line of {@code key=value}. */
    static Map<String, Long> fields(String line) {
        var fields = new HashMap<String, Long>();
        for (var field : line.split(" ")) {
            int equals = field.indexOf('=');
            fields.put(field.substring(0, equals), Long.parseLong(field, equals + 1, field.length(), 10));
        }
        return fields;
    }

    /** The kernel's own counts of what the process read and wrote: {@code /proc/PID/io}. */
    Map<String, Long> io() throws IOException {
        var counts = new HashMap<String, Long>();
        for (var line : Files.readAllLines(Path.of("/proc/" + pid() + "/io"))) {
            counts.put(line.substring(0, line.indexOf(':')), Long.parseLong(line.substring(line.indexOf(' ') + 1)));
        }
        return counts;
    }

    /** Bytes that it has printed so far. */
    long printed() {
        return lines().stream().mapToLong(line -> line.length() + 1).sum();
    }

    /** Has it end, and waits for that. */
    void end() throws Exception {
        assertEquals(0, process.endInput(), process::toString);
    }

    @Override
    public void close() {
        process.close();
    }

    @Override
    public String toString() {
        return process.toString();
    }
}
