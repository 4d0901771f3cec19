// SPDX-License-Identifier: Apache-2.0
package dev.kfr.jmc.rules;

import dev.kfr.events.EventTimes;
import dev.kfr.events.KernelEvents;
import dev.kfr.events.ScopedEvent;
import dev.kfr.events.files.FileSync;
import java.lang.reflect.Field;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.logging.Level;
import java.util.logging.Logger;
import jdk.jfr.Event;
import jdk.jfr.FlightRecorder;
import jdk.jfr.Name;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordingFile;
import org.openjdk.jmc.common.item.IItemCollection;
import org.openjdk.jmc.flightrecorder.JfrLoaderToolkit;

/**
 * A recording that a test makes up: made in this JVM from the real event classes, with chosen values and times, written
 * to a file and read by Mission Control's core. Times are seconds since the scene began and may lie in the future, so
 * that an hour takes no time.
 */
final class Scene implements AutoCloseable {
    static final long PID = ProcessHandle.current().pid();
    static final long OTHER = PID + 100_000;

    /**
     * Tells at each recording that it does not know a field of a type of the JDK's own; kept, as a logger would be
     * collected.
     */
    private static final Logger PARSER = Logger.getLogger("org.openjdk.jmc.flightrecorder.internal.parser");

    static {
        PARSER.setLevel(Level.SEVERE);
    }

    private static final Map<String, Class<? extends Event>> TYPES = register();
    private static final double NANOS_PER_TICK = nanosPerTick();

    private final Recording recording = new Recording();
    private final List<Class<? extends Event>> enabled;
    private final long origin;

    private Scene(List<Class<? extends Event>> types, boolean knowsItsJvm) {
        enabled = types;
        recording.enable("jdk.ActiveSetting");
        if (knowsItsJvm) {
            recording.enable("jdk.JVMInformation");
        }
        // A type that a recording does not name is on if its class says so.
        TYPES.values().stream().filter(type -> !types.contains(type)).forEach(recording::disable);
        types.forEach(type -> recording.enable(type).with("threshold", "0 ns").with("period", "1 h"));
        recording.start();
        origin = EventTimes.currentTicks();
    }

    /** All events are enabled. */
    static Scene begin() {
        return new Scene(List.copyOf(TYPES.values()), true);
    }

    /** All but these are. */
    static Scene without(String... missing) {
        return new Scene(
                TYPES.entrySet().stream()
                        .filter(type -> !List.of(missing).contains(type.getKey()))
                        .<Class<? extends Event>>map(Map.Entry::getValue)
                        .toList(),
                true);
    }

    /** None of ours is. */
    static Scene withoutKernelEvents() {
        return new Scene(List.of(), true);
    }

    /** As with settings that name no event but ours. */
    static Scene withoutJvmInformation() {
        return new Scene(List.copyOf(TYPES.values()), false);
    }

    /** An event at once, without a length, of this JVM unless the fields say otherwise. */
    Scene at(double seconds, String type, Object... fields) {
        return lasting(seconds, 0, type, fields);
    }

    /**
     * An event that took some time.
     *
     * @param fields names and values in turn
     */
    Scene lasting(double seconds, double length, String type, Object... fields) {
        try {
            var event = make(type, fields);
            ((ScopedEvent) event).times(origin + ticks(seconds), ticks(length));
            event.commit();
            return this;
        } catch (ReflectiveOperationException e) {
            throw new IllegalArgumentException(type + " " + Arrays.toString(fields), e);
        }
    }

    /** An event that has the time of its commit: now. */
    Scene now(String type, Object... fields) {
        try {
            make(type, fields).commit();
            return this;
        } catch (ReflectiveOperationException e) {
            throw new IllegalArgumentException(type + " " + Arrays.toString(fields), e);
        }
    }

    /** Rows of a table, one each ten seconds, that cover the time from one second to another. */
    Scene rows(double from, double to, String type, Object... fields) {
        for (double time = from + 10; time <= to + 0.001; time += 10) {
            var all = new ArrayList<>(List.of(fields));
            all.addAll(List.of("interval", 10_000_000_000L));
            at(time, type, all.toArray());
        }
        return this;
    }

    /** A row that has the time of its commit and covers the ten seconds before. */
    Scene rowNow(String type, Object... fields) {
        var all = new ArrayList<>(List.of(fields));
        all.addAll(List.of("interval", 10_000_000_000L));
        return now(type, all.toArray());
    }

    /** Another recording that begins or ends makes JFR begin a chunk. */
    Scene nextChunk() {
        try (var other = new Recording()) {
            other.start();
        }
        return this;
    }

    /** The recording as Mission Control's core reads it. */
    IItemCollection items() throws Exception {
        var file = Files.createTempFile("scene", ".jfr");
        try {
            recording.stop();
            recording.dump(file);
            return JfrLoaderToolkit.loadEvents(file.toFile());
        } finally {
            Files.delete(file);
        }
    }

    /** What all rules say about it. */
    Verdicts judge() throws Exception {
        return Verdicts.about(items());
    }

    @Override
    public void close() {
        recording.close();
    }

    static long nanos(double seconds) {
        return Math.round(seconds * 1e9);
    }

    private Event make(String type, Object... fields) throws ReflectiveOperationException {
        var eventClass = TYPES.get(type);
        if (eventClass == null || !enabled.contains(eventClass)) {
            throw new IllegalArgumentException("no event " + type);
        }
        var event = eventClass.getConstructor().newInstance();
        var values = new LinkedHashMap<String, Object>();
        if (Arrays.stream(eventClass.getFields())
                .anyMatch(field -> field.getName().equals("processName"))) {
            values.putAll(Map.of("pid", PID, "processName", "service", "container", "", "pidNamespace", ""));
        }
        for (int i = 0; i < fields.length; i += 2) {
            values.put((String) fields[i], fields[i + 1]);
        }
        for (var value : values.entrySet()) {
            set(event, eventClass.getField(value.getKey()), value.getValue());
        }
        return event;
    }

    private static void set(Event event, Field field, Object value) throws IllegalAccessException {
        if (value instanceof Number number) {
            if (field.getType() == int.class) {
                field.setInt(event, Math.toIntExact(number.longValue()));
            } else if (field.getType() == float.class) {
                field.setFloat(event, number.floatValue());
            } else {
                field.setLong(event, number.longValue());
            }
        } else {
            field.set(event, value);
        }
    }

    private static long ticks(double seconds) {
        return Math.round(seconds * 1e9 / NANOS_PER_TICK);
    }

    private static Map<String, Class<? extends Event>> register() {
        var types = new LinkedHashMap<String, Class<? extends Event>>();
        var all = new ArrayList<Class<? extends Event>>(KernelEvents.ALL);
        all.add(GcPause.class);
        all.add(ContainerThrottling.class);
        for (var type : all) {
            FlightRecorder.register(type);
            types.put(type.getAnnotation(Name.class).value(), type);
        }
        return types;
    }

    /** What JFR makes of a known number of its ticks. */
    private static double nanosPerTick() {
        try (var recording = new Recording()) {
            recording.enable(FileSync.class).with("threshold", "0 ns");
            recording.start();
            long ticks = 1_000_000_000_000L;
            var event = new FileSync();
            event.times(EventTimes.currentTicks(), ticks);
            event.commit();
            recording.stop();
            Path file = Files.createTempFile("ticks", ".jfr");
            recording.dump(file);
            var length = RecordingFile.readAllEvents(file).get(0).getDuration();
            Files.delete(file);
            return length.toNanos() / (double) ticks;
        } catch (java.io.IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
