// SPDX-License-Identifier: Apache-2.0
package dev.kfr.events;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kfr.events.agent.ChunkEnd;
import dev.kfr.events.files.FileOpen;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import jdk.jfr.Event;
import jdk.jfr.EventType;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What is put into an event is what a recording holds. */
class RecordedEventTest {
    @TempDir
    Path directory;

    static List<Class<? extends Event>> all() {
        return KernelEvents.ALL;
    }

    static Stream<Class<? extends Event>> scoped() {
        return KernelEvents.ALL.stream().filter(ScopedEvent.class::isAssignableFrom);
    }

    @Test
    void timesAreSupportedHere() {
        assertTrue(EventTimes.supported());
    }

    @ParameterizedTest
    @MethodSource("all")
    void holdsEveryField(Class<? extends Event> type) throws Exception {
        try (var _ = new Registered(List.of(type));
                var recording = new Recording()) {
            recording.enable(type).with("threshold", "0 ns").withPeriod(Duration.ofHours(1));
            recording.start();
            Event event = type.getConstructor().newInstance();
            for (Field field : fields(type)) {
                field.set(event, sample(field));
            }
            event.commit();
            RecordedEvent recorded = stop(recording).getLast();
            assertEquals(
                    EventType.getEventType(type).getName(),
                    recorded.getEventType().getName());
            for (Field field : fields(type)) {
                if (field.getType() == Thread.class) {
                    assertEquals(
                            Thread.currentThread().threadId(),
                            recorded.getThread(field.getName()).getJavaThreadId());
                } else {
                    assertEquals(sample(field), recorded.getValue(field.getName()), field.toString());
                }
            }
            assertNull(recorded.getStackTrace());
        }
    }

    @ParameterizedTest
    @MethodSource("scoped")
    void carriesItsOwnTimes(Class<? extends ScopedEvent> type) throws Exception {
        try (var _ = new Registered(List.of(type, ChunkEnd.class));
                var recording = new Recording()) {
            recording.enable(type).with("threshold", "0 ns").withPeriod(Duration.ofHours(1));
            recording.start();
            ScopedEvent event = type.getConstructor().newInstance();
            long unit = 1_000_000; // of ticks, whatever they are
            long now = EventTimes.currentTicks();
            event.times(now, 0);
            event.commit();
            event.times(now + 7 * unit, 3 * unit);
            event.commit();
            event.times(now - 2000 * unit, 1000 * unit);
            event.commit();
            // in a file they are in the order in which JFR wrote its buffers
            List<RecordedEvent> events = stop(recording).stream()
                    .sorted(Comparator.comparing(RecordedEvent::getStartTime))
                    .toList();
            double nanosOfUnit = events.get(0).getDuration().toNanos() / 1000.0;
            List<String> found = new ArrayList<>();
            for (RecordedEvent each : events) {
                Duration start = Duration.between(events.get(1).getStartTime(), each.getStartTime());
                found.add(inUnits(start, nanosOfUnit) + " " + inUnits(each.getDuration(), nanosOfUnit));
            }
            assertEquals(List.of("-2000.0 1000.0", "0.0 0.0", "7.0 3.0"), found, "start and duration");
        }
    }

    @Test
    void takesTheTimeOfTheCommitIfNoneIsKnown() throws Exception {
        try (var _ = new Registered(List.of(FileOpen.class));
                var recording = new Recording()) {
            recording.start();
            var event = new FileOpen();
            Instant before = Instant.now().minusMillis(5);
            event.times(0, 5);
            event.commit();
            RecordedEvent recorded = stop(recording).getLast();
            assertTrue(recorded.getStartTime().isAfter(before), recorded::toString);
            assertEquals(Duration.ZERO, recorded.getDuration());
        }
    }

    private static double inUnits(Duration duration, double nanosOfUnit) {
        return Math.rint(duration.toNanos() / nanosOfUnit * 1000) / 1000;
    }

    private List<RecordedEvent> stop(Recording recording) throws Exception {
        recording.stop();
        Path file = Files.createTempFile(directory, "test", ".jfr");
        recording.dump(file);
        return RecordingFile.readAllEvents(file).stream()
                .filter(event -> event.getEventType().getName().startsWith("kernel."))
                .toList();
    }

    private static List<Field> fields(Class<?> type) {
        return Stream.of(type.getFields())
                .filter(field -> !Modifier.isStatic(field.getModifiers()))
                .toList();
    }

    private static Object sample(Field field) {
        Class<?> type = field.getType();
        if (type == String.class) {
            return "<" + field.getName() + ">";
        } else if (type == long.class) {
            return 5_000_000_000L + field.getName().length();
        } else if (type == int.class) {
            return 1_000_000 + field.getName().length();
        } else if (type == float.class) {
            return 0.25f;
        } else if (type == boolean.class) {
            return true;
        }
        return Thread.currentThread();
    }
}
