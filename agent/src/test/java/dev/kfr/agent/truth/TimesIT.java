// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.truth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import jdk.jfr.consumer.RecordedEvent;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A kernel event stands at its true time and on its Java thread: inside the Java event around what caused it. */
class TimesIT {
    private static final int THREADS = 64;
    private static final int OPENS = 50;

    /** As far as a kernel event's time may be from the kernel's own time stamp. */
    private static final Duration PRECISION = Duration.ofNanos(100_000);

    @TempDir
    private Path directory;

    @Test
    void eachOpenLiesInsideTheJavaEventAroundIt() throws Exception {
        try (var host = Host.start("ring=64M", OpeningService.class)) {
            var early = host.jvm();
            early.write("start " + THREADS + " " + directory.toRealPath().resolve("early"));
            early.awaitStdout("started 1");
            var recording = host.record("FileOpen throttle=off scope=jvm");
            early.write("open " + OPENS);
            early.awaitStdout("opened 1");
            // Threads that did not exist when the recording began.
            early.write("start " + THREADS + " " + directory.toRealPath().resolve("late"));
            early.awaitStdout("started 2");
            early.write("open " + OPENS);
            early.awaitStdout("opened 2");
            var events = recording.stop();
            var openings = events.all().stream()
                    .filter(e -> e.getEventType().getName().equals(OpeningService.Opening.class.getName()))
                    .toList();
            assertEquals(3 * THREADS * OPENS, openings.size()); // the early ones open twice
            compare(events, openings);
        }
    }

    private static void compare(Events events, List<RecordedEvent> openings) {
        var byPath = openings.stream().map(e -> e.getString("path")).distinct().toList();
        assertEquals(2 * THREADS, byPath.size());
        long narrow = 0;
        for (var path : byPath) {
            var around = inOrder(openings, path);
            var opens = inOrder(
                    events.of("FileOpen").stream()
                            .filter(e -> !e.getString("flags").contains("O_CREAT")) // not how the file came to be
                            .toList(),
                    path);
            events.assertExactly(around.size(), opens.size(), "opens of " + path);
            if (around.size() != opens.size()) {
                continue; // skipped by the kernel: which is not known
            }
            for (int i = 0; i < around.size(); i++) {
                inside(around.get(i), opens.get(i));
                long bracket = around.get(i).getLong("after") - around.get(i).getLong("before");
                narrow += bracket <= PRECISION.toNanos() ? 1 : 0;
            }
        }
        // The kernel took its time stamp between two readings of the same clock; where these are close, it was as close
        // to the event's time.
        long found = narrow;
        assertTrue(
                found >= openings.size() / 10,
                () -> found + " of " + openings.size() + " opens took below " + PRECISION);
    }

    private static void inside(RecordedEvent around, RecordedEvent open) {
        var figures = around + "\n" + open;
        assertTrue(!open.getStartTime().isBefore(around.getStartTime()), figures);
        assertTrue(!open.getEndTime().isAfter(around.getEndTime()), figures);
        var thread = open.getThread("javaThread");
        assertTrue(thread != null, figures);
        assertEquals(around.getThread().getJavaThreadId(), thread.getJavaThreadId(), figures);
        assertEquals(around.getThread().getJavaName(), thread.getJavaName(), figures);
        assertEquals(around.getThread().getOSThreadId(), open.getLong("osThreadId"), figures);
    }

    private static List<RecordedEvent> inOrder(List<RecordedEvent> events, String path) {
        return events.stream()
                .filter(e -> e.getString("path").equals(path))
                .sorted(Comparator.comparing(RecordedEvent::getStartTime))
                .toList();
    }
}
