// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Predicate;
import java.util.function.Supplier;

/** A {@link CommandedService} in a JVM of its own, and what the kernel holds for that JVM. Closing it kills it. */
public final class KernelService implements AutoCloseable {
    /** Tracepoints of the programs that stay attached as long as the agent runs. */
    static final List<String> LIFE_CYCLE =
            List.of("mark_victim", "sched_process_exec", "sched_process_exit", "signal_generate");

    /** Of all programs while anything about system calls or files is wanted. */
    static final List<String> WITH_SYSCALLS = List.of(
            "mark_victim", "sched_process_exec", "sched_process_exit", "signal_generate", "sys_enter", "sys_exit");

    private final Jvm jvm;
    private int answered;

    private KernelService(Jvm jvm) throws Exception {
        this.jvm = jvm;
        jvm.awaitStdout("ready");
        answered = 1;
    }

    /** Starts a service with these options of the JVM, and waits until it is ready. */
    static KernelService start(String... options) throws Exception {
        return startCommand(List.of(), options);
    }

    /** Likewise, by a command such as {@code setpriv} that becomes the JVM. */
    public static KernelService startCommand(List<String> prefix, String... options) throws Exception {
        return start(prefix, Path.of(System.getProperty("java.home")), options);
    }

    /** Likewise, on another Java runtime. */
    static KernelService on(Path javaHome, String... options) throws Exception {
        return start(List.of(), javaHome, options);
    }

    private static KernelService start(List<String> prefix, Path javaHome, String... options) throws Exception {
        var command = new ArrayList<>(prefix);
        command.add(javaHome.resolve("bin/java").toString());
        command.addAll(List.of(options));
        command.addAll(List.of("-Xlog:jfr+startup=error", "-cp", Jvm.testClasses(), CommandedService.class.getName()));
        return new KernelService(Jvm.startCommand(command.toArray(String[]::new)));
    }

    public Jvm jvm() {
        return jvm;
    }

    long pid() {
        return jvm.pid();
    }

    /** Has the service do something, and returns its answer. */
    public synchronized String ask(String command) throws Exception {
        jvm.write(command);
        await(() -> jvm.stdout().size() > answered || !jvm.isAlive(), () -> "no answer to " + command);
        var lines = jvm.stdout();
        if (lines.size() <= answered) {
            throw new AssertionError("ended at " + command + "\n" + jvm);
        }
        return lines.get(answered++);
    }

    /** Asks until the answer is as it should be, and returns it. */
    public String askUntil(String command, Predicate<String> right) throws Exception {
        var last = new String[1];
        await(() -> right.test(last[0] = ask(command)), () -> command + " answers " + last[0]);
        return last[0];
    }

    /** A number that an MBean shows for a subject: {@code produced}, {@code recorded}, {@code throttled} or {@code lost}. */
    public long events(String subject, String kind) throws Exception {
        var answer = ask("get Agent Events");
        for (var row : answer.replaceAll("[\\[\\]]", "").split("; ")) {
            if (row.startsWith("key=" + subject + " ")) {
                return Long.parseLong(row.replaceAll(".*\\b" + kind + "=(\\d+).*", "$1"));
            }
        }
        throw new AssertionError("no row " + subject + " in " + answer);
    }

    /** Waits until these tracepoints, and no others, have a program of this process attached. Returns when that was seen, by nanoTime. */
    long awaitLinks(List<String> tracepoints) throws Exception {
        return awaitLinks(tracepoints, held -> held.equals(tracepoints));
    }

    /** Waits until these tracepoints, whatever others, have a program of this process attached. */
    void awaitLinksAmong(List<String> tracepoints) throws Exception {
        awaitLinks(tracepoints, held -> held.containsAll(tracepoints));
    }

    private long awaitLinks(List<String> tracepoints, Predicate<List<String>> right) throws Exception {
        var last = new Object[1];
        await(
                () -> {
                    var held = BpfDescriptors.of(pid());
                    last[0] = held.tracepoints();
                    // a program is loaded before it is attached, and goes after its link
                    return right.test(held.tracepoints())
                            && new HashSet<>(held.programs()).equals(new HashSet<>(held.linked()));
                },
                () -> "attached: " + last[0] + ", wanted: " + tracepoints + "\n" + String.join("\n", jvm.stderr()));
        return System.nanoTime();
    }

    /** Waits for a condition, with a bound. */
    public static void await(Callable<Boolean> condition, Supplier<String> otherwise) throws Exception {
        long end = System.nanoTime() + Jvm.LIMIT.toNanos();
        while (!condition.call()) {
            if (System.nanoTime() > end) {
                throw new AssertionError(otherwise.get());
            }
            Thread.sleep(Duration.ofMillis(2));
        }
    }

    /** Ends the service's input, and expects that all went well. */
    public void endsWell() throws IOException, InterruptedException {
        assertEquals(0, jvm.endInput(), jvm::toString);
    }

    @Override
    public void close() {
        jvm.close();
    }
}
