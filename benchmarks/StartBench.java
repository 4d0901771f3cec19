// SPDX-License-Identifier: Apache-2.0
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;

/** From the start of the JVM to {@code main}, and to what a recording asks for being attached. */
final class StartBench {
    private StartBench() {}

    static void run(Path jar) throws Exception {
        var variants = new LinkedHashMap<String, Bench.Variant>();
        var recording = "-XX:StartFlightRecording:filename=start.jfr";
        variants.put("to main, no agent", () -> toMain());
        variants.put("to main, agent", () -> toMain("-javaagent:" + jar));
        variants.put("to main, agent with start=sync", () -> toMain("-javaagent:" + jar + "=start=sync"));
        variants.put("to main, recording, no agent", () -> toMain(recording));
        variants.put("to main, recording, agent", () -> toMain("-javaagent:" + jar, recording));
        variants.put("recording's start to system calls attached", () -> toAttached(jar));
        Bench.print("Start of a JVM", "ms", Bench.rounds(variants));
    }

    private static double toMain(String... options) throws Exception {
        var command = new ArrayList<>(List.of("java"));
        command.addAll(List.of(options));
        command.addAll(List.of("-Xlog:disable", "-cp", System.getProperty("java.class.path"), "Idle"));
        long start = System.nanoTime();
        for (var line : Bench.run(command.toArray(String[]::new)).lines().toList()) {
            if (line.startsWith("main ")) {
                return (Long.parseLong(line.substring(5)) - start) / 1e6;
            }
        }
        throw new IllegalStateException("main was not reached");
    }

    private static double toAttached(Path jar) throws Exception {
        try (var service = new Service(
                jar, "probes=all", List.of("-Xlog:disable", "-XX:StartFlightRecording:filename=attached.jfr"))) {
            Thread.sleep(2000);
        }
        var events = RecordingFile.readAllEvents(Path.of("attached.jfr"));
        var started = events.stream()
                .filter(e -> e.getEventType().getName().equals("jdk.ActiveRecording"))
                .map(e -> e.getInstant("recordingStart"))
                .findFirst()
                .orElseThrow();
        var attached = events.stream()
                .filter(e -> e.getEventType().getName().equals("kernel.ProbeStatus"))
                .filter(e -> e.getString("state").equals("ATTACHED"))
                .filter(e -> e.getString("probe").equals("sys_enter"))
                .map(RecordedEvent::getStartTime)
                .findFirst()
                .orElseThrow();
        return java.time.Duration.between(started, attached).toNanos() / 1e6;
    }
}
