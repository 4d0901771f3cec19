// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.control;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.IntStream;

/**
 * Finds the threads of this process that the kernel side leaves alone: the agent's own, which would record themselves, and the thread with
 * which Flight Recorder writes its file, since each write of events would be an event to write.
 */
final class OwnThreads {
    static final String READER = "kfr-reader";
    static final String CONTROL = "kfr-control";

    /** What names of the agent's threads begin with. */
    private static final String PREFIX = "kfr-";

    /** The thread that writes recordings, as the kernel has its name: 15 bytes at most. */
    private static final String RECORDER = "JFR Recorder Th";

    private OwnThreads() {}

    /**
     * Ids of these threads in this process's pid namespace.
     *
     * @param known the answer where they can't be looked up: there is no /proc, or no descriptor is left to look into it
     */
    static int[] find(int[] known) {
        var ids = IntStream.builder();
        try (DirectoryStream<Path> tasks = Files.newDirectoryStream(Path.of("/proc/self/task"))) {
            for (var task : tasks) {
                var name = name(task);
                if (name.startsWith(PREFIX) || name.equals(RECORDER)) {
                    ids.add(Integer.parseInt(task.getFileName().toString()));
                }
            }
        } catch (IOException | RuntimeException hidden) {
            return known; // if that is none the agent sees itself, which does no harm but noise
        }
        var found = ids.build().sorted().toArray();
        return found.length == 0 ? known : found;
    }

    private static String name(Path task) {
        try {
            return Files.readString(task.resolve("comm"), StandardCharsets.ISO_8859_1)
                    .strip();
        } catch (IOException ended) {
            return "";
        }
    }
}
