// SPDX-License-Identifier: Apache-2.0
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** Programs that C and libbpf load, for as long as this is open. See consumer.c. */
final class Consumer implements AutoCloseable {
    private static final int ROWS_PER_CPU = 4096;

    private final Process process;
    private final BufferedReader out;

    /**
     * Loads and attaches.
     *
     * @param object the compiled eBPF object
     * @param records where records of its ring are written; {@code -} reads none
     * @param rest programs and settings
     */
    Consumer(Path object, String records, String... rest) throws IOException {
        // The classic tracepoints of some want tracefs.
        var command = new ArrayList<>(List.of(
                "unshare",
                "-m",
                "sh",
                "-c",
                "mount -t tracefs tracefs /sys/kernel/tracing; exec ./consumer \"$@\"",
                "sh"));
        command.addAll(List.of(object.toString(), records));
        command.addAll(List.of(rest));
        process = new ProcessBuilder(command).redirectErrorStream(true).start();
        out = process.inputReader();
        var said = new ArrayList<String>();
        for (var line = out.readLine(); !"attached".equals(line); line = out.readLine()) {
            if (line == null) {
                throw new IOException(object + " was not attached: " + said);
            }
            said.add(line);
        }
    }

    /** Our own object, its tables as large as the agent makes them for this number of CPUs. */
    static Consumer ofOurs(Path object, String records, String... rest) throws IOException {
        int cpus = (int) IntStream.range(0, 4096)
                .filter(cpu ->
                        Path.of("/sys/devices/system/cpu/cpu" + cpu).toFile().exists())
                .count();
        int rows = cpus * (ROWS_PER_CPU + 1);
        var all = new ArrayList<>(List.of(
                "identity.cgroup_subsystem=-1", "event_counters@" + cpus, "syscall_rows@" + rows, "file_rows@" + rows));
        all.addAll(List.of(rest));
        return new Consumer(object, records, all.toArray(String[]::new));
    }

    long cpuNanos() throws IOException {
        return CpuTime.of(process.pid());
    }

    /** Ends it, and returns how many records it read and how many were lost. */
    long[] end() throws IOException, InterruptedException {
        process.getOutputStream().close();
        var words = out.readLine().split(" ");
        process.waitFor();
        return Arrays.stream(words).mapToLong(Long::parseLong).toArray();
    }

    @Override
    public void close() throws IOException, InterruptedException {
        process.getOutputStream().close();
        process.waitFor();
    }
}
