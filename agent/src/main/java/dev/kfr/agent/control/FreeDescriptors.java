// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.control;

import dev.kfr.bpf.BpfException;
import dev.kfr.bpf.BpfException.Reason;
import dev.kfr.bpf.linux.Errno;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * How many file descriptors this process may still open. A service whose last ones the agent took could not even load its classes, so the agent
 * takes none where they are few.
 */
final class FreeDescriptors {
    /** More than the agent ever holds, and as many again for the service. */
    private static final int NEEDED = 64;

    private static final String LIMIT = "Max open files";

    private FreeDescriptors() {}

    /** @throws BpfException NO_SPACE if there are few; none where that can't be known */
    static void require(String operation) {
        long free = free();
        if (free < NEEDED) {
            throw new BpfException(
                    Reason.NO_SPACE,
                    operation,
                    "only " + free + " file descriptors are left to the service, so the agent takes none",
                    Errno.EMFILE,
                    Errno.name(Errno.EMFILE),
                    "");
        }
    }

    private static long free() {
        try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
            for (var line : Files.readAllLines(Path.of("/proc/self/limits"))) {
                if (line.startsWith(LIMIT)) {
                    var soft = line.substring(LIMIT.length()).strip().split(" ")[0];
                    return soft.equals("unlimited") ? Long.MAX_VALUE : Long.parseLong(soft) - open.count();
                }
            }
        } catch (IOException | RuntimeException unknown) {
            // opening what tells it may fail for want of a descriptor
            return unknown.getMessage() != null && unknown.getMessage().contains("Too many open files")
                    ? 0
                    : Long.MAX_VALUE;
        }
        return Long.MAX_VALUE;
    }
}
