// SPDX-License-Identifier: Apache-2.0
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A tool of others that watches the host for as long as this is open. */
final class Peer implements AutoCloseable {
    /** None of them tells when it has begun to watch. */
    private static final long BEGIN_MILLIS = 2500;

    private final Process process;
    private final Path output;
    private final Path errors;

    /**
     * Starts it and waits until it watches.
     *
     * @throws IOException if it ended instead, with what it said
     */
    static Peer start(String... command) throws IOException, InterruptedException {
        var peer = new Peer(command);
        if (peer.process.waitFor(BEGIN_MILLIS, TimeUnit.MILLISECONDS)) {
            throw new IOException(Files.readString(peer.errors));
        }
        return peer;
    }

    private Peer(String... command) throws IOException {
        // They want tracefs, which need not be mounted: each gets one of its own.
        var mounted = new ArrayList<>(List.of("unshare", "-m", "sh", "-c"));
        mounted.add(
                "mount -t tracefs tracefs /sys/kernel/tracing; mount -t debugfs debugfs /sys/kernel/debug; exec \"$@\"");
        mounted.add("sh");
        mounted.addAll(List.of(command));
        output = Path.of("peer.out");
        errors = Path.of("peer.err");
        process = new ProcessBuilder(mounted)
                .redirectInput(new File("/dev/null"))
                .redirectOutput(output.toFile())
                .redirectError(errors.toFile())
                .start();
    }

    long cpuNanos() throws IOException {
        return CpuTime.of(process.pid());
    }

    /** Ends it and returns how many lines it printed that have a word. */
    long lines(String word) throws IOException, InterruptedException {
        end();
        try (var lines = Files.newBufferedReader(output)) {
            return lines.lines().filter(line -> line.contains(word)).count();
        }
    }

    private void end() throws InterruptedException {
        if (process.isAlive()) {
            process.destroy();
            if (!process.waitFor(20, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
        }
    }

    @Override
    public void close() throws InterruptedException {
        end();
    }
}
