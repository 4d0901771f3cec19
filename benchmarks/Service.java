// SPDX-License-Identifier: Apache-2.0
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** An idle JVM with the agent, for as long as this is open. */
final class Service implements AutoCloseable {
    private final Process process;
    private final BufferedReader out;

    /** Starts it and waits until the agent says that probes are attached. */
    Service(Path jar) throws IOException {
        this(jar, "probes=all", List.of());
    }

    /**
     * The same with options.
     *
     * @param options of the agent
     * @param jvm options of the JVM
     */
    Service(Path jar, String options, List<String> jvm) throws IOException {
        var command = new ArrayList<>(List.of("java", "-javaagent:" + jar + "=start=sync," + options));
        command.addAll(jvm);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), "Idle"));
        process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.appendTo(Path.of("service.err").toFile()))
                .start();
        out = process.inputReader();
        while (true) {
            var line = out.readLine();
            if (line == null) {
                throw new IOException("the service did not start, see service.err");
            }
            if (line.startsWith("main ")) {
                break;
            }
        }
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
        jcmd(start.toArray(String[]::new));
        return () -> jcmd("JFR.stop", "name=bench");
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
