// SPDX-License-Identifier: Apache-2.0
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What an agent costs that is only there, and one that records while a service makes 50,000 system calls a second. */
final class IdleBench implements Benchmark {
    private static final String NONE = "no agent";
    private static final String KFR = "**KFR**";
    private static final String RECORDING = "no agent, recording";
    private static final String KFR_RECORDING = "**KFR**, recording";
    private static final String CPU = " cpu";
    private static final String WAKE_UPS = " wake-ups";
    private static final String OF_AGENT = " agent's";

    /** What a JVM and the agent do once after their start is over by then. */
    private static final long SETTLED_MILLIS = 15_000;

    private static final int WATCHED_SECONDS = 60;
    private static final int LEAST_SECONDS = 10;

    /** Rows come every 10 s: once during the load. */
    private static final long BEGUN_MILLIS = 3_000;

    private static final int CALLS_PER_SECOND = 50_000;
    private static final int LOAD_SECONDS = 10;

    @Override
    public String name() {
        return "idle";
    }

    @Override
    public String title() {
        return "An idle agent, and a continuous recording";
    }

    @Override
    public void run(Bench bench, Answer answer) throws Exception {
        var record = "-XX:StartFlightRecording:filename=idle-%p.jfr";
        var agent = "-javaagent:" + bench.jar() + "=start=sync";
        var services = new LinkedHashMap<String, Service>();
        try {
            services.put(NONE, new Service(List.of("-Xlog:disable")));
            services.put(KFR, new Service(List.of(agent, "-Xlog:disable")));
            Thread.sleep(SETTLED_MILLIS);
            idle(bench, services, answer);
        } finally {
            close(services);
        }
        services.clear();
        try {
            services.put(RECORDING, new Service(List.of(record, "-Xlog:disable")));
            services.put(KFR_RECORDING, new Service(List.of(agent, "-Xlog:disable")));
            busy(bench, services, answer);
        } finally {
            close(services);
        }
    }

    private static void close(Map<String, Service> services) throws IOException {
        for (var service : services.values()) {
            service.close();
        }
    }

    private static void idle(Bench bench, Map<String, Service> services, Answer answer) throws Exception {
        long seconds = Math.max(LEAST_SECONDS, WATCHED_SECONDS / bench.rounds());
        var results = new Rounds(bench.rounds())
                .add("", () -> watch(services, seconds))
                .run();
        var table = new Table(
                "An idle JVM",
                "what",
                "CPU, % of one",
                "of that threads of the agent",
                "wake-ups a second",
                "of that threads of the agent");
        services.keySet()
                .forEach(name -> table.row(
                        name,
                        results.of("", name + CPU).toString(),
                        results.of("", name + OF_AGENT + CPU).toString(),
                        results.of("", name + WAKE_UPS).toString(),
                        results.of("", name + OF_AGENT + WAKE_UPS).toString()));
        answer.table(table);
        answer.ratio("agent's CPU %", results.of("", KFR + OF_AGENT + CPU).median());
        answer.ratio(
                "agent's wake-ups", results.of("", KFR + OF_AGENT + WAKE_UPS).median());
    }

    /** All at the same time: none of them does anything that could disturb the others. */
    private static Map<String, Double> watch(Map<String, Service> services, long seconds) throws Exception {
        var before = new LinkedHashMap<String, Double>();
        var after = new LinkedHashMap<String, Double>();
        count(services, before);
        Thread.sleep(seconds * 1000);
        count(services, after);
        after.replaceAll((name, value) -> (value - before.get(name)) / seconds);
        return after;
    }

    private static void count(Map<String, Service> services, Map<String, Double> figures) throws IOException {
        for (var service : services.entrySet()) {
            long pid = service.getValue().pid();
            var name = service.getKey();
            figures.put(name + CPU, CpuTime.of(pid) / 1e9 * 100);
            figures.put(name + OF_AGENT + CPU, CpuTime.of(pid, thread -> thread.startsWith("kfr-")) / 1e9 * 100);
            figures.put(name + WAKE_UPS, (double) wakeUps(pid, ""));
            figures.put(name + OF_AGENT + WAKE_UPS, (double) wakeUps(pid, "kfr-"));
        }
    }

    private static long wakeUps(long pid, String prefix) throws IOException {
        long switches = 0;
        try (var threads = Files.newDirectoryStream(Path.of("/proc/" + pid + "/task"))) {
            for (var thread : threads) {
                if (Files.readString(thread.resolve("comm")).startsWith(prefix)) {
                    for (var line : Files.readAllLines(thread.resolve("status"))) {
                        if (line.startsWith("voluntary_ctxt_switches:")) {
                            switches += Long.parseLong(line.replaceAll("\\D", ""));
                        }
                    }
                }
            }
        }
        return switches;
    }

    /**
     * The agent's service records only while it is measured: its programs would run for the others' calls too. It lives through all rounds, since
     * what a JVM compiles in the first minute of a recording is no cost of a continuous one.
     */
    private static void busy(Bench bench, Map<String, Service> services, Answer answer) throws Exception {
        Command.run("java", "-jar", bench.jar().toString(), "settings", ".");
        var without = services.get(RECORDING);
        var with = services.get(KFR_RECORDING);
        var rounds = new Rounds(bench.rounds());
        for (var kind : List.of("getppid", "open")) {
            rounds.add(RECORDING + ", " + kind, () -> load(without, kind));
            rounds.add(KFR_RECORDING + ", " + kind, () -> {
                try (var recording = with.record("settings=default", "settings=kernel.jfc")) {
                    Thread.sleep(BEGUN_MILLIS);
                    return load(with, kind);
                }
            });
        }
        var results = rounds.run();
        var table = new Table(
                "A continuous default recording, and a service that makes 50,000 system calls a second; % of one CPU",
                "calls", "service without KFR", "with KFR", "JVM that records without KFR", "with KFR", "KFR in all");
        double most = 0;
        for (var kind : List.of("getppid", "open")) {
            var recording = KFR_RECORDING + ", " + kind;
            var none = RECORDING + ", " + kind;
            double all = 0;
            for (var part : List.of("load", "jvm")) {
                all += results.of(recording, part).minus(results.of(none, part)).median();
            }
            table.row(
                    kind.equals("open") ? "open and close" : kind,
                    results.of(none, "load").toString(),
                    results.of(recording, "load").toString(),
                    results.of(none, "jvm").toString(),
                    results.of(recording, "jvm").toString(),
                    Table.figure(all));
            most = Math.max(most, all);
        }
        answer.table(table);
        answer.ratio("recording CPU %", most);
    }

    private static Map<String, Double> load(Service service, String kind) throws Exception {
        boolean open = kind.equals("open"); // and close: two calls
        int perSecond = open ? CALLS_PER_SECOND / 2 : CALLS_PER_SECOND;
        var arguments = Integer.toString(perSecond * LOAD_SECONDS);
        var rate = Integer.toString(perSecond);
        Files.writeString(Path.of("opened"), "");
        long before = service.cpuNanos();
        var words = (open
                        ? Command.run("./load", kind, arguments, rate, "opened")
                        : Command.run("./load", kind, arguments, rate))
                .split(" ");
        double nanos = Double.parseDouble(words[0]);
        return Map.of(
                "load", Double.parseDouble(words[1]) / nanos * 100,
                "jvm", (service.cpuNanos() - before) / nanos * 100);
    }
}
