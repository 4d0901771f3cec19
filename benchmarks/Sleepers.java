// SPDX-License-Identifier: Apache-2.0
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Many processes on the host, for as long as this is open. See sleepers.c. */
final class Sleepers implements AutoCloseable {
    private final Process process;

    /** Returns when all of them have done their part and sleep. */
    Sleepers(int processes, int threads) throws IOException {
        Files.writeString(Path.of("opened"), "");
        process = new ProcessBuilder("./sleepers", Integer.toString(processes), Integer.toString(threads), "opened")
                .redirectErrorStream(true)
                .start();
        var said = process.inputReader().readLine();
        if (!"asleep".equals(said)) {
            throw new IOException(processes + " processes can't be had here: " + said);
        }
    }

    @Override
    public void close() throws IOException, InterruptedException {
        process.getOutputStream().close();
        process.waitFor();
    }
}
