// SPDX-License-Identifier: Apache-2.0
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** Throughput and 99th percentile of a web service under load, with and without the agent and recordings. */
final class ServiceBench implements Benchmark {
    private static final String OFF = "no agent";
    private static final String THROUGHPUT = "requests";
    private static final String P99 = "p99";
    private static final List<String> PATHS = List.of("light", "files");
    private static final Map<String, String> TITLES = Map.of(
            "light", "Requests that compute, few system calls: receive, sort 2,000 numbers, send",
            "files", "Requests that use files: receive, read 20 files, write and delete one, send");

    /** Without it answers wait for acknowledgements of the client. */
    private static final String NO_DELAY = "-Dsun.net.httpserver.nodelay=true";

    private static final int SECONDS = 5;
    private static final int CONNECTIONS = 8;
    private static final int WARM_UP_SECONDS = 10;

    private static final Pattern REQUESTS = Pattern.compile("Requests/sec:\\s+([\\d.]+)");
    private static final Pattern LATENCY = Pattern.compile("99%\\s+([\\d.]+)(us|ms|s)");

    @Override
    public String name() {
        return "service";
    }

    @Override
    public String title() {
        return "A web service";
    }

    @Override
    public void run(Bench bench, Answer answer) throws Exception {
        Command.run("java", "-jar", bench.jar().toString(), "settings", ".");
        try (var plain = new Service(List.of("-Xlog:disable", NO_DELAY), "WebService")) {
            try (var watched =
                    new Service(bench.jar(), "probes=all", List.of("-Xlog:disable", NO_DELAY), "WebService")) {
                for (var path : PATHS) {
                    load(plain, path, WARM_UP_SECONDS);
                    load(watched, path, WARM_UP_SECONDS);
                }
                for (var path : PATHS) {
                    measure(bench, answer, plain, watched, path);
                }
            }
        }
        answer.peer(Host.version("wrk"));
    }

    private static void measure(Bench bench, Answer answer, Service plain, Service watched, String path)
            throws Exception {
        var results = new Rounds(bench.rounds())
                .add(OFF, () -> load(plain, path, SECONDS))
                .add("**KFR**, no recording", () -> load(watched, path, SECONDS))
                .add("no agent, recording `default`", () -> recorded(plain, path, "settings=default"))
                .add(
                        "**KFR**, recording `default` and `kernel`",
                        () -> recorded(watched, path, "settings=default", "settings=kernel.jfc"))
                .add("no agent, recording `profile`", () -> recorded(plain, path, "settings=profile"))
                .add(
                        "**KFR**, recording `profile` and `kernel-profile`",
                        () -> recorded(watched, path, "settings=profile", "settings=kernel-profile.jfc"))
                .run();
        var table = new Table(
                TITLES.get(path), "what", "requests a second", "beside no agent", "p99, ms", "beside no agent");
        for (var variant : results.samples().keySet()) {
            table.row(
                    variant,
                    results.of(variant, THROUGHPUT).toString(),
                    beside(results, variant, THROUGHPUT),
                    results.of(variant, P99).toString(),
                    beside(results, variant, P99));
            if (variant.contains("KFR")) {
                var slower = results.of(OFF, THROUGHPUT).over(results.of(variant, THROUGHPUT));
                answer.ratio(path + ", " + variant.replace("**", "").replace("`", ""), slower.median());
            }
        }
        answer.table(table);
    }

    private static String beside(Rounds.Results results, String variant, String figure) {
        return variant.equals(OFF)
                ? ""
                : Table.percent(results.of(variant, figure)
                                .over(results.of(OFF, figure))
                                .median()
                        - 1);
    }

    private static Map<String, Double> recorded(Service service, String path, String... settings) throws Exception {
        try (var recording = service.record(settings)) {
            Thread.sleep(500); // what it asks for is attached by then
            return load(service, path, SECONDS);
        }
    }

    private static Map<String, Double> load(Service service, String path, int seconds) throws Exception {
        var said = Command.run(
                "wrk",
                "-t1",
                "-c" + CONNECTIONS,
                "-d" + seconds + "s",
                "--latency",
                "http://127.0.0.1:" + service.said("port") + "/" + path);
        var requests = REQUESTS.matcher(said);
        var latency = LATENCY.matcher(said);
        if (!requests.find() || !latency.find() || said.contains("Non-2xx")) {
            throw new IllegalStateException(said);
        }
        double unit = Map.of("us", 1e-3, "ms", 1.0, "s", 1e3).get(latency.group(2));
        return Map.of(
                THROUGHPUT, Double.parseDouble(requests.group(1)), P99, Double.parseDouble(latency.group(1)) * unit);
    }
}
