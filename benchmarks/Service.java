// SPDX-License-Identifier: Apache-2.0
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A JVM, with the agent unless said otherwise, for as long as this is open. */
final class Service implements AutoCloseable {
    private static final String LINK = "anon_inode:bpf_link";
    private static final long ATTACHED_NANOS = 10_000_000_000L;
    private static final long STABLE_MILLIS = 300;

    private final Process process;
    private final BufferedReader out;
    private final Map<String, String> said = new HashMap<>();

    /** Starts it and waits until the agent says that probes are attached. */
    Service(Path jar) throws IOException {
        this(jar, "probes=all", List.of());
    }

    /**
     * The same with options.
     *
     * @param options of the agent
     * @param jvm options of the JVM
     * @param main class and its arguments; {@link Idle} if there are none
     */
    Service(Path jar, String options, List<String> jvm, String... main) throws IOException {
        this(join(List.of("-javaagent:" + jar + "=start=sync," + options), jvm), main);
    }

    /** A JVM with these options, and without the agent unless they name it. */
    Service(List<String> jvm, String... main) throws IOException {
        var command = new ArrayList<>(List.of("java"));
        command.addAll(jvm);
        command.addAll(List.of("-cp", System.getProperty("java.class.path")));
        command.addAll(main.length == 0 ? List.of("Idle") : List.of(main));
        process = new ProcessBuilder(command)
                .redirectError(
                        ProcessBuilder.Redirect.appendTo(Path.of("service.err").toFile()))
                .start();
        out = process.inputReader();
        for (var line = out.readLine(); ; line = out.readLine()) {
            if (line == null) {
                throw new IOException("the service did not start, see service.err");
            }
            if (line.startsWith("main ")) {
                break;
            }
            int space = line.indexOf(' ');
            said.put(line.substring(0, Math.max(space, 0)), line.substring(space + 1));
        }
    }

    /** What it printed before {@code main}, in a line that begins with a word. */
    String said(String word) {
        return said.get(word);
    }

    private static List<String> join(List<String> first, List<String> second) {
        var both = new ArrayList<>(first);
        both.addAll(second);
        return both;
    }

    /** Sends a line to its standard input and returns the line that it answers. */
    String ask(String line) throws IOException {
        var in = process.outputWriter();
        in.write(line + "\n");
        in.flush();
        return out.readLine();
    }

    /** Runs a command of jcmd. */
    void jcmd(String... arguments) throws IOException, InterruptedException {
        var command = new ArrayList<>(List.of("jcmd", Long.toString(process.pid())));
        command.addAll(List.of(arguments));
        Command.run(command.toArray(String[]::new));
    }

    /** A recording, for as long as it is open. */
    interface Recording extends AutoCloseable {
        @Override
        void close() throws IOException, InterruptedException;
    }

    /**
     * Starts a recording.
     *
     * @param settings of JFR.start; without {@code settings=} nothing but what they name is recorded
     */
    Recording record(String... settings) throws IOException, InterruptedException {
        var start = new ArrayList<>(List.of("JFR.start", "name=bench"));
        if (Arrays.stream(settings).noneMatch(setting -> setting.startsWith("settings="))) {
            start.add("settings=none");
        }
        start.addAll(List.of(settings));
        long before = links();
        jcmd(start.toArray(String[]::new));
        awaitAttached(before);
        return () -> jcmd("JFR.stop", "name=bench");
    }

    /** Waits until more programs are attached than before, and no others come; at once without the agent. */
    private void awaitAttached(long before) throws IOException, InterruptedException {
        long end = System.nanoTime() + ATTACHED_NANOS;
        long last = before;
        for (long now = links(); before > 0 && System.nanoTime() < end; now = links()) {
            if (now > before && now == last) {
                return;
            }
            last = now;
            Thread.sleep(STABLE_MILLIS);
        }
    }

    /** How many programs are attached: each is a descriptor. */
    private long links() throws IOException {
        long links = 0;
        try (var descriptors = Files.newDirectoryStream(Path.of("/proc/" + process.pid() + "/fd"))) {
            for (var descriptor : descriptors) {
                try {
                    links += Files.readSymbolicLink(descriptor).toString().startsWith(LINK) ? 1 : 0;
                } catch (NoSuchFileException closed) {
                    // it was no link that stays
                }
            }
        }
        return links;
    }

    long pid() {
        return process.pid();
    }

    /** CPU time of the whole JVM so far. */
    long cpuNanos() throws IOException {
        return CpuTime.of(process.pid());
    }

    @Override
    public void close() throws IOException {
        process.getOutputStream().close();
        try {
            process.waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
