// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent;

import java.io.BufferedReader;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.text.ParseException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.management.Notification;
import javax.management.ObjectName;
import javax.management.openmbean.CompositeData;
import javax.management.openmbean.TabularData;
import jdk.jfr.Configuration;
import jdk.jfr.EventType;
import jdk.jfr.FlightRecorder;
import jdk.jfr.Recording;

/** A service that does what the lines of its standard input say, and answers each with one line. */
final class CommandedService {
    /** Without it nothing writes at the end of a chunk what waits. */
    private static final String CHUNK_END = "kernel.ChunkEnd";

    private static final Map<String, Recording> RECORDINGS = new HashMap<>();
    private static final CompletableFuture<String> SIGNAL = new CompletableFuture<>();

    private CommandedService() {}

    public static void main(String[] arguments) throws Exception {
        System.out.println("ready");
        try (var in = new BufferedReader(new InputStreamReader(System.in))) {
            for (var line = in.readLine(); line != null; line = in.readLine()) {
                System.out.println(answer(line.split(" ")));
            }
        }
    }

    private static String answer(String[] words) throws Exception {
        return switch (words[0]) {
            case "record" -> record(words[1], Arrays.copyOfRange(words, 2, words.length));
            case "configure" -> configure(words[1], words[2], words[3]);
            case "set" -> set(words[1], Arrays.copyOfRange(words, 2, words.length));
            case "stop" -> stop(words[1]);
            case "dump" -> dump(words[1], words[2]);
            case "open" -> open(Integer.parseInt(words[1]), words[2]);
            case "run" -> run(Arrays.copyOfRange(words, 1, words.length));
            case "get" -> get(words[1], words[2]);
            case "invoke" -> invoke(words[1], words[2], Arrays.copyOfRange(words, 3, words.length));
            case "show" -> show(words[1]);
            case "listen" -> listen(words[1]);
            case "heard" -> SIGNAL.get(60, TimeUnit.SECONDS);
            case "mbeans" -> names("kernel:*");
            case "types" -> types();
            case "recorder" -> FlightRecorder.isInitialized() ? "started" : "";
            case "threads" -> threads();
            case "exit" -> exit(Integer.parseInt(words[1]));
            default -> "what?";
        };
    }

    /**
     * Starts a recording with settings such as {@code kernel.FileOpen#enabled=true}, and all that is not named off: what no
     * recording names would be as its annotations say. Answers when that was, by nanoTime.
     */
    private static String record(String name, String... settings) {
        var recording = new Recording();
        RECORDINGS.put(name, recording);
        kernelTypes().filter(type -> !type.equals(CHUNK_END)).forEach(recording::disable);
        var all = new HashMap<>(recording.getSettings());
        all.putAll(parsed(settings));
        recording.setSettings(all);
        long before = System.nanoTime();
        recording.start();
        return Long.toString(before);
    }

    /** Starts a recording with the settings of the JDK by that name and those of a file together. */
    private static String configure(String name, String jdk, String file) throws IOException, ParseException {
        var all = new HashMap<>(Configuration.getConfiguration(jdk).getSettings());
        all.putAll(Configuration.create(Path.of(file)).getSettings());
        var recording = new Recording();
        RECORDINGS.put(name, recording);
        recording.setSettings(all);
        recording.start();
        return "configured";
    }

    private static Map<String, String> parsed(String[] settings) {
        var parsed = new HashMap<String, String>();
        for (var setting : settings) {
            int equals = setting.indexOf('=');
            parsed.put(setting.substring(0, equals), setting.substring(equals + 1));
        }
        return parsed;
    }

    private static String set(String name, String... settings) {
        var merged = new HashMap<>(RECORDINGS.get(name).getSettings());
        merged.putAll(parsed(settings));
        long before = System.nanoTime();
        RECORDINGS.get(name).setSettings(merged);
        return Long.toString(before);
    }

    private static String stop(String name) {
        long before = System.nanoTime();
        RECORDINGS.remove(name).close();
        return Long.toString(before);
    }

    private static String dump(String name, String file) throws IOException {
        RECORDINGS.get(name).dump(Path.of(file));
        return "dumped";
    }

    private static String open(int times, String path) throws IOException {
        for (int i = 0; i < times; i++) {
            new FileInputStream(path).close();
        }
        return "opened";
    }

    private static String run(String... command) throws Exception {
        var process = new ProcessBuilder(command)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        return process.pid() + " " + process.waitFor();
    }

    private static String get(String mbean, String attribute) throws Exception {
        var value = ManagementFactory.getPlatformMBeanServer().getAttribute(name(mbean), attribute);
        return text(value).replace("\n", "\\n");
    }

    private static String text(Object value) {
        return switch (value) {
            case TabularData rows ->
                rows.values().stream().map(CommandedService::text).sorted().collect(Collectors.joining("; ", "[", "]"));
            case CompositeData[] rows ->
                Arrays.stream(rows).map(CommandedService::text).collect(Collectors.joining("; ", "[", "]"));
            case CompositeData row ->
                row.getCompositeType().keySet().stream()
                        .sorted()
                        .map(key -> key + "=" + text(row.get(key)))
                        .collect(Collectors.joining(" "));
            case null -> "null";
            default -> value.toString();
        };
    }

    private static String invoke(String mbean, String operation, String... arguments) throws Exception {
        var signature = new String[arguments.length];
        Arrays.fill(signature, String.class.getName());
        ManagementFactory.getPlatformMBeanServer().invoke(name(mbean), operation, arguments, signature);
        return "invoked";
    }

    private static String show(String mbean) throws Exception {
        var shown = ManagementFactory.getPlatformMBeanServer().invoke(name(mbean), "show", null, null);
        return shown.toString().replace("\n", "\\n");
    }

    /** Listens for one notification of this type. */
    private static String listen(String type) throws Exception {
        ManagementFactory.getPlatformMBeanServer()
                .addNotificationListener(
                        name("Agent"),
                        (notification, handback) -> SIGNAL.complete(notification.getMessage()),
                        (Notification notification) -> notification.getType().equals(type),
                        null);
        return "listening";
    }

    private static ObjectName name(String type) throws Exception {
        return new ObjectName("kernel:type=" + type);
    }

    private static String names(String pattern) throws Exception {
        return ManagementFactory.getPlatformMBeanServer().queryNames(new ObjectName(pattern), null).stream()
                .map(ObjectName::toString)
                .sorted()
                .collect(Collectors.joining(" "));
    }

    /** Starts Flight Recorder. */
    private static String types() {
        return kernelTypes().collect(Collectors.joining(" "));
    }

    private static Stream<String> kernelTypes() {
        return FlightRecorder.getFlightRecorder().getEventTypes().stream()
                .map(EventType::getName)
                .filter(name -> name.startsWith("kernel."))
                .sorted();
    }

    private static String threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .sorted()
                .collect(Collectors.joining(", "));
    }

    private static String exit(int code) {
        System.exit(code);
        return "";
    }
}
