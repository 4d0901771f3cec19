// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.truth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.kfr.agent.Jvm;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/** A disk of the test's own: a file that the kernel presents as one. Closing it gives it back. */
final class LoopDevice implements AutoCloseable {
    private static final int SECTOR = 512;
    private static final int NAME = 2;
    private static final long SETTLE_MILLIS = 300;

    private final Path device;
    private final Path mounted;

    private LoopDevice(Path device, Path mounted) {
        this.device = device;
        this.mounted = mounted;
    }

    /**
     * What {@code /proc/diskstats} says. Milliseconds are those from the making of requests to their end.
     *
     * <p>Source: {@code Documentation/admin-guide/iostats.rst} of the kernel.
     */
    record Stats(
            long reads,
            long sectorsRead,
            long readMillis,
            long writes,
            long sectorsWritten,
            long writeMillis,
            long inFlight,
            long discards,
            long sectorsDiscarded,
            long discardMillis,
            long flushes,
            long flushMillis) {
        long bytesRead() {
            return sectorsRead * SECTOR;
        }

        long bytesWritten() {
            return sectorsWritten * SECTOR;
        }

        long bytesDiscarded() {
            return sectorsDiscarded * SECTOR;
        }

        Stats since(Stats before) {
            return new Stats(
                    reads - before.reads,
                    sectorsRead - before.sectorsRead,
                    readMillis - before.readMillis,
                    writes - before.writes,
                    sectorsWritten - before.sectorsWritten,
                    writeMillis - before.writeMillis,
                    inFlight,
                    discards - before.discards,
                    sectorsDiscarded - before.sectorsDiscarded,
                    discardMillis - before.discardMillis,
                    flushes - before.flushes,
                    flushMillis - before.flushMillis);
        }
    }

    /** Makes a disk of a new file in the directory, or skips the test where there are no such devices. */
    static LoopDevice of(Path directory, long megabytes) throws Exception {
        assumeTrue(Files.exists(Path.of("/dev/loop-control")), "this machine has no loop devices");
        var file = Files.createTempFile(directory, "disk", ".img");
        try (var content = new RandomAccessFile(file.toFile(), "rw")) {
            var megabyte = new byte[1 << 20];
            for (long i = 0; i < megabytes; i++) {
                content.write(megabyte); // and not a hole, which would be filled while the test measures
            }
        }
        var output = run("losetup", "--find", "--show", file.toString());
        return new LoopDevice(Path.of(output.getLast()), null);
    }

    /** Makes a file system on this disk and mounts it, or skips the test where that can't be done. */
    LoopDevice mounted(Path at) throws Exception {
        run("mkfs.ext4", "-q", "-F", device.toString());
        try (var mount = Jvm.startCommand("mount", device.toString(), at.toString())) {
            assumeTrue(mount.waitFor() == 0, mount::toString);
        }
        return new LoopDevice(device, at);
    }

    Path path() {
        return device;
    }

    /** As {@code /proc/diskstats} names it. */
    String name() {
        return device.getFileName().toString();
    }

    Stats stats() throws IOException {
        var words = Files.readAllLines(Path.of("/proc/diskstats")).stream()
                .map(line -> line.trim().split("\\s+"))
                .filter(line -> line[NAME].equals(name()))
                .findAny()
                .orElseThrow();
        long[] v =
                Arrays.stream(words).skip(NAME + 1).mapToLong(Long::parseLong).toArray();
        return new Stats(v[0], v[2], v[3], v[4], v[6], v[7], v[8], v[11], v[13], v[14], v[15], v[16]);
    }

    /** Waits until nobody uses the disk any more: whatever looks at new disks has had its look. */
    Stats settled() throws Exception {
        var last = new Stats[] {stats()};
        Host.await("the disk does not come to rest", () -> {
            try {
                Thread.sleep(SETTLE_MILLIS);
                var before = last[0];
                last[0] = stats();
                return last[0].equals(before) && last[0].inFlight == 0;
            } catch (IOException | InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
        return last[0];
    }

    static List<String> run(String... command) throws Exception {
        try (var process = Jvm.startCommand(command)) {
            assertEquals(0, process.waitFor(), process::toString);
            return process.stdout();
        }
    }

    @Override
    public void close() {
        try {
            if (mounted != null) {
                run("umount", mounted.toString());
            } else {
                run("losetup", "--detach", device.toString());
            }
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }
}
