// SPDX-License-Identifier: Apache-2.0
import java.io.File;
import java.io.IOException;

/** Programs that are run to their end. */
final class Command {
    private Command() {}

    /**
     * Runs a program and returns what it printed.
     *
     * @throws IOException if it failed, with what it printed
     */
    static String run(String... command) throws IOException, InterruptedException {
        var process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
                .start();
        var output = new String(process.getInputStream().readAllBytes()).strip();
        if (process.waitFor() != 0) {
            throw new IOException(String.join(" ", command) + " failed: " + output);
        }
        return output;
    }
}
