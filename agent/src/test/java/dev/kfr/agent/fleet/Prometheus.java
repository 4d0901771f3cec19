// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.fleet;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.kfr.agent.Jvm;
import dev.kfr.agent.KernelService;
import dev.kfr.agent.cli.JsonText;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** A Prometheus server of the distribution, on a free port of the loopback interface, with the project's own configuration and alerts. */
final class Prometheus implements AutoCloseable {
    static final Path CONFIGURATION = Path.of("../fleet/prometheus");

    private static final HttpClient CLIENT = HttpClient.newHttpClient();

    private final Jvm process;
    private final int port;

    /** One result of an instant query; of several results of a query the order is not defined. */
    record Sample(Map<String, Object> labels, double value, double time) {}

    private Prometheus(Jvm process, int port) {
        this.process = process;
        this.port = port;
    }

    /** Whether there is one; bin/setup fetches it. */
    static boolean isInstalled() {
        return Stream.of(System.getenv("PATH").split(":"))
                .anyMatch(directory -> Files.isExecutable(Path.of(directory, "prometheus"))
                        && Files.isExecutable(Path.of(directory, "promtool")));
    }

    /** Starts one that scrapes this port often. */
    static Prometheus start(Path directory, int target) throws Exception {
        var configuration = Files.readString(CONFIGURATION.resolve("prometheus.yml"));
        configuration = replace(configuration, "localhost:9404", "localhost:" + target);
        configuration = replace(configuration, "scrape_interval: 15s", "scrape_interval: 2s");
        configuration = replace(configuration, "evaluation_interval: 15s", "evaluation_interval: 1s");
        var file = Files.writeString(directory.resolve("prometheus.yml"), configuration);
        Files.copy(CONFIGURATION.resolve("kfr-alerts.yml"), directory.resolve("kfr-alerts.yml"));
        int port = Jvm.freePort();
        var prometheus = new Prometheus(
                Jvm.startCommand(
                        "prometheus",
                        "--config.file=" + file,
                        "--storage.tsdb.path=" + directory.resolve("data"),
                        "--web.listen-address=127.0.0.1:" + port),
                port);
        KernelService.await(prometheus::isReady, prometheus.process::toString);
        return prometheus;
    }

    private static String replace(String text, String old, String with) {
        if (!text.contains(old)) {
            throw new AssertionError("no '" + old + "' in\n" + text);
        }
        return text.replace(old, with);
    }

    /** Runs {@code promtool}, in the directory of the configuration, and expects that it likes what it sees. */
    static void check(String... arguments) throws Exception {
        var command = Stream.concat(Stream.of("env", "--chdir=" + CONFIGURATION, "promtool"), Stream.of(arguments));
        try (var tool = Jvm.startCommand(command.toArray(String[]::new))) {
            assertEquals(0, tool.waitFor(), tool::toString);
        }
    }

    private boolean isReady() throws InterruptedException {
        try {
            return get(port, "/-/ready").statusCode() == 200;
        } catch (IOException notYet) {
            return false;
        }
    }

    static HttpResponse<String> get(int port, String path) throws IOException, InterruptedException {
        var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path));
        return CLIENT.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    private Object api(String path) throws Exception {
        var response = get(port, "/api/v1/" + path);
        assertEquals(200, response.statusCode(), () -> path + ": " + response.body());
        return JsonText.object(response.body()).get("data");
    }

    /** What an instant query gives; fails if it is not a query. */
    List<Sample> query(String query) throws Exception {
        var data = (Map<?, ?>) api("query?query=" + URLEncoder.encode(query, StandardCharsets.UTF_8));
        return JsonText.objects(data.get("result")).stream()
                .map(Prometheus::sample)
                .toList();
    }

    private static Sample sample(Map<String, Object> result) {
        @SuppressWarnings("unchecked")
        var labels = (Map<String, Object>) result.get("metric");
        var value = (List<?>) result.get("value");
        var text = value.get(1).toString();
        return new Sample(
                labels,
                switch (text) {
                    case "+Inf" -> Double.POSITIVE_INFINITY;
                    case "-Inf" -> Double.NEGATIVE_INFINITY;
                    default -> Double.parseDouble(text);
                },
                (double) value.getFirst());
    }

    /** Likewise, of a query that has results unless the last scrape failed, as on a busy machine: waits for them. */
    List<Sample> results(String query) throws Exception {
        var results = new ArrayList<Sample>();
        KernelService.await(() -> results.addAll(query(query)), () -> "no data: " + query + "\n" + process);
        return results;
    }

    /** Waits for a scrape that begins after this call. */
    void awaitScrape() throws Exception {
        double now = System.currentTimeMillis() / 1e3;
        KernelService.await(
                () -> query("timestamp(up{job=\"kfr\"})").stream().anyMatch(up -> up.value() > now)
                        && query("up{job=\"kfr\"} == 1").size() == 1,
                () -> "no scrape\n" + process);
    }

    /** Names of all metrics that it has. */
    List<?> metrics() throws Exception {
        return (List<?>) api("label/__name__/values");
    }

    /** All alerts, as the server that evaluates them tells of them. */
    List<Map<String, Object>> alerts() throws Exception {
        var groups = JsonText.objects(((Map<?, ?>) api("rules?type=alert")).get("groups"));
        return groups.stream()
                .flatMap(group -> JsonText.objects(group.get("rules")).stream())
                .toList();
    }

    @Override
    public void close() {
        process.close();
    }
}
