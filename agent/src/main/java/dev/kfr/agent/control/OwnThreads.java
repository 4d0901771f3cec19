// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.control;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Finds the threads of this process that the kernel side leaves alone: the agent's own, which would record themselves, and the thread with
 * which Flight Recorder writes its file, since each write of events would be an event to write.
 */
final class OwnThreads {
    static final String READER = "kfr-reader";
    static final String CONTROL = "kfr-control";

    /** As the kernel has them: 15 bytes at most. */
    private static final Set<String> NAMES = Set.of(READER, CONTROL, "JFR Recorder Th");

    private OwnThreads() {}

    /** Ids of these threads in this process's pid namespace; those that can be found. */
    static int[] find() {
        var ids = IntStream.builder();
        try (DirectoryStream<Path> tasks = Files.newDirectoryStream(Path.of("/proc/self/task"))) {
            for (var task : tasks) {
                if (NAMES.contains(name(task))) {
                    ids.add(Integer.parseInt(task.getFileName().toString()));
                }
            }
        } catch (IOException | RuntimeException noProc) {
            return new int[0]; // without /proc the agent sees itself, which does no harm but noise
        }
        return ids.build().toArray();
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
