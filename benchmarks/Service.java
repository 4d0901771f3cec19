// SPDX-License-Identifier: Apache-2.0
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** An idle JVM with the agent, for as long as this is open. */
final class Service implements AutoCloseable {
    private static final double TICKS_PER_SECOND = 100; // USER_HZ

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
        out = new BufferedReader(new InputStreamReader(process.getInputStream()));
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
        Bench.run(command.toArray(String[]::new));
    }

    /** CPU time of the whole JVM so far, in seconds. */
    double cpuSeconds() throws IOException {
        var stat = Files.readString(Path.of("/proc/" + process.pid() + "/stat"));
        var fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
        return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) / TICKS_PER_SECOND;
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
