// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.control;

import dev.kfr.agent.DaemonThread;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * The threads of this process that the kernel side leaves alone: the agent's own, which would record themselves, and the thread with
 * which Flight Recorder writes its file, since each write of events would be an event to write. For the control thread.
 */
final class OwnThreads {
    static final String CONTROL = "kfr-control";

    /** The thread that writes recordings, as the kernel has its name: 15 bytes at most. */
    private static final String RECORDER = "JFR Recorder Th";

    private static final Path TASKS = Path.of("/proc/self/task");

    private int recorder; // 0: not known; it stays once Flight Recorder has started

    /**
     * Their ids in this process's pid namespace.
     *
     * @param recording whether Flight Recorder has started, and its thread is there
     */
    int[] ids(boolean recording) {
        int[] own = DaemonThread.ids();
        if (recording && recorder == 0) {
            recorder = find();
        }
        if (recorder == 0) {
            return own;
        }
        int[] all = Arrays.copyOf(own, own.length + 1);
        all[own.length] = recorder;
        return all;
    }

    /** 0 where it can't be looked up: then the recorder is seen, which does no harm but noise. */
    private static int find() {
        try (DirectoryStream<Path> tasks = Files.newDirectoryStream(TASKS)) {
            for (var task : tasks) {
                if (name(task).equals(RECORDER)) {
                    return Integer.parseInt(task.getFileName().toString());
                }
            }
        } catch (IOException | RuntimeException hidden) {
            // there is no /proc, or no descriptor is left to look into it
        }
        return 0;
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
