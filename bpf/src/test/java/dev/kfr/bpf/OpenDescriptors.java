// SPDX-License-Identifier: Apache-2.0
package dev.kfr.bpf;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/** What this process has open that eBPF could have left there: the BPF, perf and epoll objects of {@code /proc/self/fd}. */
record OpenDescriptors(Map<String, String> targets) {
    static OpenDescriptors now() {
        Map<String, String> targets = new TreeMap<>();
        try (var descriptors = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
            for (Path descriptor : descriptors) {
                String target = target(descriptor);
                if (target.startsWith("anon_inode:")) { // files and jars of the test machinery come and go
                    targets.put(descriptor.getFileName().toString(), target);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new OpenDescriptors(targets);
    }

    private static String target(Path descriptor) {
        try {
            return Files.readSymbolicLink(descriptor).toString();
        } catch (IOException e) {
            return ""; // the one that lists the directory
        }
    }

    /** Fails, naming the difference, unless the same is open as before. */
    void assertSameNow() {
        assertEquals(targets, now().targets, "open descriptors");
    }
}
