// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.docs;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;

/**
 * {@code service.jar} of the pages: writes a file and has it synced, round by round, until it is ended. Says {@code ready}, and then a line
 * for each round.
 */
final class SampleService {
    /** Longer than any test; whoever lost sight of it need not look for it. */
    private static final Duration LIFE = Duration.ofMinutes(10);

    private static final Duration PAUSE = Duration.ofMillis(50);

    private SampleService() {}

    public static void main(String[] arguments) throws IOException, InterruptedException {
        System.out.println("ready");
        long end = System.nanoTime() + LIFE.toNanos();
        for (int round = 1; System.nanoTime() < end; round++) {
            write(Path.of("notes"), round);
            System.out.println("round " + round);
            Thread.sleep(PAUSE);
        }
    }

    private static void write(Path file, int round) throws IOException {
        try (var channel = FileChannel.open(
                file, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
            channel.write(ByteBuffer.allocate(Integer.BYTES).putInt(0, round));
            channel.force(true);
        }
    }
}
