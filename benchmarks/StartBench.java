// SPDX-License-Identifier: Apache-2.0
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;

/** What an agent adds to the start of a JVM and to its memory, beside other well-known agents. */
final class StartBench implements Benchmark {
    private static final String NONE = "no agent";
    private static final String JMX = "no agent, JMX started";
    private static final String KFR = "**KFR**";
    private static final String KFR_JMX = "**KFR**, JMX started";
    private static final String KFR_SYNC = "**KFR**, `start=sync`";
    private static final String RECORDING = "no agent, recording";
    private static final String KFR_RECORDING = "**KFR**, recording";
    private static final String OTEL = "OpenTelemetry javaagent";
    private static final String EXPORTER = "jmx_exporter";

    private static final String MAIN = "main";
    private static final String PREMAIN = "premain";
    private static final String CLASSES = "classes";
    private static final String RESIDENT = "resident";
    private static final String HEAP = "heap";
    private static final String METASPACE = "metaspace";
    private static final String ATTACHED = "attached";

    private static final double MEGABYTE = 1 << 20;

    /** The agent looks for an MBean server until 5 s after the start. */
    private static final long SETTLED_MILLIS = 6_000;

    @Override
    public String name() {
        return "start";
    }

    @Override
    public String title() {
        return "The start of a JVM";
    }

    @Override
    public void run(Bench bench, Answer answer) throws Exception {
        Files.writeString(Path.of("stamp.txt"), "Premain-Class: StampAgent\n");
        Command.run("jar", "cfm", "stamp.jar", "stamp.txt", "-C", "classes", "StampAgent.class");
        Files.writeString(Path.of("exporter.yaml"), "rules:\n- pattern: \".*\"\n");
        var agent = "-javaagent:" + bench.jar();
        var variants = new LinkedHashMap<String, List<String>>();
        variants.put(NONE, List.of());
        variants.put(KFR, List.of(agent));
        variants.put(KFR_SYNC, List.of(agent + "=start=sync"));
        variants.put(JMX, List.of());
        variants.put(KFR_JMX, List.of(agent));
        variants.put(RECORDING, List.of("-XX:StartFlightRecording:filename=start.jfr"));
        variants.put(KFR_RECORDING, List.of(agent, "-XX:StartFlightRecording:filename=start.jfr"));
        var rounds = new Rounds(bench.rounds());
        variants.forEach((name, options) -> rounds.add(name, () -> start(name.endsWith("JMX started"), options)));
        rounds.peer(
                OTEL,
                () -> start(
                        false,
                        List.of(
                                "-Dotel.traces.exporter=none",
                                "-Dotel.metrics.exporter=none",
                                "-Dotel.logs.exporter=none",
                                "-javaagent:"
                                        + central(
                                                "io.opentelemetry.javaagent",
                                                "opentelemetry-javaagent",
                                                OTEL_VERSION))));
        rounds.peer(
                EXPORTER,
                () -> start(
                        false,
                        List.of("-javaagent:"
                                + central("io.prometheus.jmx", "jmx_prometheus_javaagent", EXPORTER_VERSION)
                                + "=9404:exporter.yaml")));
        rounds.add(ATTACHED, () -> Map.of(ATTACHED, attached(bench.jar())));
        show(rounds.run(), answer);
        answer.peer("OpenTelemetry javaagent " + OTEL_VERSION);
        answer.peer("jmx_exporter " + EXPORTER_VERSION);
    }

    private static final String OTEL_VERSION = "2.20.1";
    private static final String EXPORTER_VERSION = "1.0.1";

    /** An artifact of Maven Central. */
    private static Path central(String group, String artifact, String version)
            throws IOException, InterruptedException {
        var file = Path.of(artifact + "-" + version + ".jar").toAbsolutePath();
        if (!Files.exists(file)) {
            Command.run(
                    "mvn",
                    "-q",
                    "-B",
                    "dependency:copy",
                    "-Dartifact=" + group + ":" + artifact + ":" + version,
                    "-DoutputDirectory=" + file.getParent());
        }
        return file;
    }

    private static void show(Rounds.Results results, Answer answer) {
        var time = new Table("Start of a JVM", "what", "to main, ms", "premain, ms");
        var memory = new Table(
                "Memory of an idle JVM after a collection, -Xmx64m",
                "what",
                "classes",
                "resident, MB",
                "heap used, MB",
                "metaspace, MB",
                "resident beyond the same JVM without");
        for (var variant : results.samples().keySet()) {
            if (variant.equals(ATTACHED)) {
                continue;
            }
            time.row(
                    variant,
                    results.of(variant, MAIN).toString(),
                    results.of(variant, PREMAIN).toString());
            var without = variant.equals(KFR_JMX) ? JMX : variant.equals(KFR_RECORDING) ? RECORDING : NONE;
            memory.row(
                    variant,
                    Table.figure(results.of(variant, CLASSES).median()),
                    results.of(variant, RESIDENT).toString(),
                    Table.figure(results.of(variant, HEAP).median()),
                    Table.figure(results.of(variant, METASPACE).median()),
                    variant.equals(without)
                            ? ""
                            : Table.figure(results.of(variant, RESIDENT)
                                    .minus(results.of(without, RESIDENT))
                                    .median()));
        }
        answer.table(time);
        answer.note("From the start of a recording to system calls attached: " + results.of(ATTACHED, ATTACHED)
                + " ms, with `start=sync` and the recording on the command line.");
        answer.table(memory);
        answer.notes(results);
        answer.ratio("premain ms", results.of(KFR, PREMAIN).median());
        answer.ratio("attached ms", results.of(ATTACHED, ATTACHED).median());
        answer.ratio(
                "resident MB beyond JMX",
                results.of(KFR_JMX, RESIDENT).minus(results.of(JMX, RESIDENT)).median());
    }

    /** Starts a JVM with agents, and looks at it when it has settled. */
    private static Map<String, Double> start(boolean jmx, List<String> options) throws Exception {
        var command = new ArrayList<>(List.of("java", "-Xmx64m", "-javaagent:stamp.jar=before"));
        command.addAll(options);
        command.addAll(List.of(
                "-javaagent:stamp.jar=after", "-Xlog:disable", "-cp", System.getProperty("java.class.path"), "Idle"));
        if (jmx) {
            command.add("jmx");
        }
        long began = System.nanoTime();
        var process = new ProcessBuilder(command)
                .redirectError(
                        ProcessBuilder.Redirect.appendTo(Path.of("service.err").toFile()))
                .start();
        try (var input = process.getOutputStream()) {
            var figures = new LinkedHashMap<String, Double>();
            var out = process.inputReader();
            while (!figures.containsKey(MAIN)) {
                var line = out.readLine();
                if (line == null) {
                    throw new IOException("the JVM did not start: " + command);
                }
                if (line.startsWith("premain ")) {
                    figures.put(PREMAIN, Long.parseLong(line.substring(8)) / 1e6);
                } else if (line.startsWith("main ")) {
                    figures.put(MAIN, (Long.parseLong(line.substring(5)) - began) / 1e6);
                }
            }
            Thread.sleep(SETTLED_MILLIS);
            look(process.pid(), figures);
            return figures;
        } finally {
            process.waitFor();
        }
    }

    private static void look(long pid, Map<String, Double> figures) throws Exception {
        var id = Long.toString(pid);
        Command.run("jcmd", id, "GC.run");
        figures.put(CLASSES, statistic(id, "-class", "Loaded"));
        figures.put(METASPACE, statistic(id, "-gc", "MU") / 1024);
        figures.put(
                HEAP,
                (statistic(id, "-gc", "S0U")
                                + statistic(id, "-gc", "S1U")
                                + statistic(id, "-gc", "EU")
                                + statistic(id, "-gc", "OU"))
                        / 1024);
        figures.put(RESIDENT, resident(pid) / MEGABYTE);
    }

    /** A figure of jstat, which reads what the JVM publishes and so changes nothing in it; 0 if it has none. */
    private static double statistic(String pid, String kind, String column) throws Exception {
        var lines = Command.run("jstat", kind, pid).lines().toList();
        var headings = List.of(lines.getFirst().strip().split("\\s+"));
        var value = lines.getLast().strip().split("\\s+")[headings.indexOf(column)];
        return value.equals("-") ? 0 : Double.parseDouble(value);
    }

    private static double resident(long pid) throws IOException {
        try (var lines = Files.lines(Path.of("/proc/" + pid + "/status"))) {
            return lines.filter(line -> line.startsWith("VmRSS"))
                            .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                            .sum()
                    * 1024.0;
        }
    }

    /** Milliseconds from the start of the recording until the programs that it needs for system calls were attached. */
    private static double attached(Path jar) throws Exception {
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
        return Duration.between(started, attached).toNanos() / 1e6;
    }
}
