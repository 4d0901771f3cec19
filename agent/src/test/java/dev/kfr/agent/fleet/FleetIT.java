// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.fleet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.kfr.agent.Jvm;
import dev.kfr.agent.KernelService;
import dev.kfr.agent.cli.JsonText;
import dev.kfr.agent.truth.Host;
import dev.kfr.agent.truth.Witness;
import dev.kfr.bpf.NeedsKernel;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code docs/fleet.md} promises, with the real exporter beside our agent and a real Prometheus server. */
@NeedsKernel
class FleetIT {
    private static final Path DASHBOARD = Path.of("../fleet/grafana/kernel-flight-recorder.json");
    private static final Pattern METRIC = Pattern.compile("\\bkfr_\\w+");

    /** Attributes that a scrape may read and has no metric for: parts of what has one, and what is no measurement. */
    private static final Set<String> NOT_EXPORTED = Set.of(
            "Agent.EventsProduced",
            "Agent.EventsRecorded",
            "Agent.EventsThrottled",
            "Agent.EventsLost",
            "Agent.KernelTimestamps",
            "Agent.JavaThreadsReason",
            "Agent.StateReason",
            "Block.Requests",
            "Block.RequestsWithoutTime",
            "Block.Bytes",
            "Block.Errors",
            "Cpu.ContextSwitches",
            "Memory.KernelCountingSince");

    @TempDir
    private static Path directory;

    private static int port;
    private static Host host;
    private static Prometheus prometheus;
    private static Scrape first;
    private static boolean disks;

    @BeforeAll
    static void start() throws Exception {
        port = Jvm.freePort();
        host = Host.startWith(List.of("-javaagent:" + exporter() + "=127.0.0.1:" + port + ":" + ExporterRules.FILE));
        first = Scrape.of(port);
        KernelService.await(() -> Scrape.of(port).value("kfr_syscalls_total") > 0, () -> "nothing is counted");
        KernelService.await(() -> host.attribute("Processes", "CountingSince") != null, () -> "no forks are counted");
        if (Prometheus.isInstalled()) {
            prometheus = Prometheus.start(directory, port);
            write(directory.resolve("to-disk"));
            prometheus.awaitScrape();
            prometheus.awaitScrape();
            disks = prometheus.metrics().contains("kfr_block_requests_total");
        }
    }

    /** So that disks have something to do, where there are any. */
    private static void write(Path file) throws Exception {
        try (var channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.allocate(1 << 20));
            channel.force(true);
        }
    }

    private static Path exporter() {
        return Path.of(System.getProperty("jmx-exporter.jar"));
    }

    @AfterAll
    static void stop() throws Exception {
        if (prometheus != null) {
            prometheus.close();
        }
        if (host != null) {
            host.close();
        }
    }

    private static void assumePrometheus() {
        assertTrue(
                prometheus != null || !"1".equals(System.getenv("KFR_REQUIRE_KERNEL")),
                "no prometheus and promtool on the PATH: bin/setup fetches them");
        assumeTrue(prometheus != null, "no prometheus and promtool on the PATH");
    }

    @Test
    void theFirstScrapeHasZerosAndStartsTheCounters() {
        for (var metric : List.of("kfr_syscalls_total", "kfr_file_opens_total", "kfr_sockets_total")) {
            assertEquals(0, first.value(metric), metric);
        }
        assertEquals(1, first.value("kfr_agent_scope{scope=\"host\"}"), first::toString);
    }

    @Test
    void everyRuleThatIsNotSwitchedOffGivesAMetricOfItsType() throws Exception {
        var rules = ExporterRules.read();
        var scrape = Scrape.of(port);
        var missing = new TreeSet<String>();
        for (var rule : rules.rules()) {
            boolean optIn = rule.mbean() != null && rules.excludes(rule.mbean(), rule.attribute());
            boolean needsADisk = "Block".equals(rule.mbean());
            if (scrape.has(rule.metric())) {
                assertFalse(optIn, rule + " is exported");
                assertEquals(
                        rule.type().toLowerCase(Locale.ROOT), scrape.types().get(rule.metric()), rule.metric());
                assertEquals(rule.type().equals("COUNTER"), rule.metric().endsWith("_total"), rule.metric());
            } else if (!optIn && !needsADisk) {
                missing.add(rule.metric());
            }
        }
        assertEquals(Set.of(), missing);
    }

    @Test
    void everyAttributeIsExportedOrLeftOutOnPurpose() throws Exception {
        var rules = ExporterRules.read();
        var forgotten = new TreeSet<String>();
        var existing = new TreeSet<String>();
        for (var mbean : host.mbeans()) {
            for (var attribute : host.attributes(mbean)) {
                existing.add(mbean + "." + attribute);
                boolean exported = rules.rules().stream()
                        .anyMatch(rule -> mbean.equals(rule.mbean()) && attribute.equals(rule.attribute()));
                if (!exported
                        && !rules.excludes(mbean, attribute)
                        && !NOT_EXPORTED.contains(mbean + "." + attribute)
                        && !Set.of("TableSize", "CountingSince").contains(attribute)) {
                    forgotten.add(mbean + "." + attribute);
                }
            }
        }
        assertEquals(Set.of(), forgotten, "neither exported nor excluded");
        for (var rule : rules.rules()) {
            assertTrue(
                    rule.mbean() == null || existing.contains(rule.mbean() + "." + rule.attribute()), rule::toString);
        }
        rules.excluded()
                .forEach((mbean, attributes) -> attributes.forEach(attribute -> assertTrue(
                        existing.contains(mbean.substring("kernel:type=".length()) + "." + attribute),
                        mbean + " " + attribute)));
    }

    @Test
    void everyCounterHasTheValueOfItsAttributeInBaseUnits() throws Exception {
        var counters = ExporterRules.read().rules().stream()
                .filter(rule -> rule.plain() && rule.type().equals("COUNTER"))
                .filter(rule -> first.has(rule.metric()))
                .toList();
        assertTrue(counters.size() > 30, counters::toString);
        var before = values(counters);
        var scrape = Scrape.of(port);
        var after = values(counters);
        for (var rule : counters) {
            double exported = scrape.value(rule.metric());
            double least = before.get(rule) * (1 - 1e-9);
            double most = after.get(rule) * (1 + 1e-9);
            assertTrue(
                    least <= exported && exported <= most,
                    rule.metric() + ": " + exported + ", the MBean's is " + before.get(rule) + " to "
                            + after.get(rule));
        }
    }

    private static Map<ExporterRules.Rule, Double> values(List<ExporterRules.Rule> rules) throws Exception {
        var values = new LinkedHashMap<ExporterRules.Rule, Double>();
        for (var rule : rules) {
            values.put(rule, host.number(rule.mbean(), rule.attribute()) * rule.factor());
        }
        return values;
    }

    @Test
    void aScrapeStartsNothingThatCostsTheHostSomething() throws Exception {
        Scrape.of(port);
        assertEquals(null, host.attribute("Memory", "KernelCountingSince"));
        var states = host.texts("Agent", "ProbeStates");
        for (var probe : List.of("kmalloc", "kmem_cache_alloc", "sched_switch", "sched_wakeup")) {
            assertEquals("DETACHED", states.getOrDefault(probe, "DETACHED"), probe);
        }
        assertTrue(ExporterRules.read().excludes("Agent", "Probes"), "run statistics cost every BPF program");
    }

    @Test
    void noLabelNamesAProcess() throws Exception {
        assertEquals(
                List.of(),
                Scrape.of(port).samples().keySet().stream()
                        .filter(name -> name.startsWith("kfr_"))
                        .filter(name -> Pattern.compile("\\b(pid|process|container|path|name)=")
                                .matcher(name)
                                .find())
                        .toList());
    }

    @Test
    void queriesTellWhatAProgramDid() throws Exception {
        assumePrometheus();
        final int failures = 3_000;
        final int reads = 2_000;
        final int size = 5_000;
        final int connections = 200;
        final int children = 30;
        var file = Files.write(directory.resolve("read"), new byte[size]);
        long errorsBefore = host.number("Syscalls", "Errors");
        try (var failing = Witness.start("fail", failures);
                var reading = Witness.start("read", reads, size, file);
                var forking = Witness.start("fork", children);
                var talking = Witness.talker("pairs", connections, "4", "client", 1_000)) {
            var before = counts();
            for (var witness : List.of(failing, reading, forking, talking)) {
                witness.go();
            }
            var after = counts();
            assertDone(2 * failures, before, after, "kfr_syscall_errors_total");
            assertDone(2 * failures, before, after, "kfr_syscalls_total");
            assertDone(reads, before, after, "kfr_file_reads_total");
            assertDone((double) reads * size, before, after, "kfr_file_read_bytes_total");
            assertDone(children, before, after, "kfr_processes_started_total");
            assertDone(connections, before, after, "kfr_tcp_connections_opened_total");
            assertDone(connections, before, after, "kfr_tcp_connections_accepted_total");
            assertDone(connections * 2_007.0, before, after, "kfr_network_sent_bytes_total");
            assertDone(connections * 2_007.0, before, after, "kfr_network_received_bytes_total");
            long most = host.number("Syscalls", "Errors") - errorsBefore;
            double told = after.get("kfr_syscall_errors_total") - before.get("kfr_syscall_errors_total");
            assertTrue(told <= most, "errors " + told + ", the MBean counted " + most + " in a longer time");
        }
    }

    /** Values of all counters of the host as the server has them after a scrape that began after this call. */
    private static Map<String, Double> counts() throws Exception {
        prometheus.awaitScrape();
        var counts = new LinkedHashMap<String, Double>();
        for (var sample : prometheus.results("{__name__=~\"kfr_.*_total\",job=\"kfr\"}")) {
            counts.merge(sample.labels().get("__name__").toString(), sample.value(), Double::sum);
        }
        return counts;
    }

    private static void assertDone(double done, Map<String, Double> before, Map<String, Double> after, String metric)
            throws Exception {
        double counted = after.get(metric) - before.get(metric);
        assertTrue(counted + host.skipped() >= done, metric + ": done " + done + ", counted " + counted);
    }

    @Test
    void everyQueryOfTheDashboardIsAnswered() throws Exception {
        assumePrometheus();
        int queries = 0;
        for (var query : dashboardQueries()) {
            queries++;
            assertMetricsExist(query);
            // that nothing failed is no data
            if (query.contains("state=\"FAILED\"") || hasNoDisk(query)) {
                prometheus.query(query);
            } else {
                prometheus.results(query);
            }
        }
        assertTrue(queries > 40, "queries: " + queries);
    }

    @Test
    void everyQueryOfThePageHasData() throws Exception {
        assumePrometheus();
        var page = Files.readString(Path.of("../docs/fleet.md"));
        var queries = Pattern.compile("^ {4}((?:max|sum|rate).*kfr_.*)$|`(rate\\([^`]*kfr_[^`]*)`", Pattern.MULTILINE)
                .matcher(page)
                .results()
                .map(found -> found.group(1) != null ? found.group(1) : found.group(2))
                .toList();
        assertEquals(3, queries.size(), queries::toString);
        for (var query : queries) {
            assertMetricsExist(query);
            assertTrue(hasNoDisk(query) || !prometheus.results(query).isEmpty(), query);
        }
        var byHost = prometheus.results(queries.getFirst()).getFirst().labels();
        assertEquals("localhost", byHost.get("host"), byHost::toString);
    }

    /** With what Grafana puts in place of variables. */
    private static List<String> dashboardQueries() throws Exception {
        var dashboard = JsonText.object(Files.readString(DASHBOARD));
        return JsonText.objects(dashboard.get("panels")).stream()
                .flatMap(panel -> panel.containsKey("targets")
                        ? JsonText.objects(panel.get("targets")).stream()
                        : Stream.<Map<String, Object>>of())
                .map(target -> target.get("expr").toString())
                .map(query -> query.replace("$job", ".+")
                        .replace("$instance", ".+")
                        .replace("$__rate_interval", "30s")
                        .replace("$__range", "1h"))
                .toList();
    }

    /** Whether a query is about disks, and this machine has none whose requests are seen. */
    private static boolean hasNoDisk(String query) {
        return query.contains("kfr_block_") && !disks;
    }

    private static void assertMetricsExist(String query) throws Exception {
        var metrics = prometheus.metrics();
        METRIC.matcher(query)
                .results()
                .map(MatchResult::group)
                .filter(metric -> disks || !metric.startsWith("kfr_block_"))
                .forEach(metric -> assertTrue(metrics.contains(metric), "no metric " + metric + ": " + query));
    }

    @Test
    void theServerEvaluatesEveryAlert() throws Exception {
        assumePrometheus();
        KernelService.await(
                () -> prometheus.alerts().stream()
                        .noneMatch(alert -> alert.get("health").equals("unknown")),
                () -> "alerts are not evaluated");
        var alerts = prometheus.alerts();
        assertTrue(alerts.size() >= 10, alerts::toString);
        for (var alert : alerts) {
            assertEquals("ok", alert.get("health"), alert::toString);
            assertMetricsExist(alert.get("query").toString());
        }
        var firing = prometheus.query("ALERTS{alertname=~\"Kfr.*\"}");
        assertEquals(List.of(), firing, "alerts about the agent, which is well");
    }

    @Test
    void everyAlertFiresWhenItShouldAndOnlyThen() throws Exception {
        assumePrometheus();
        Prometheus.check("check", "config", "prometheus.yml");
        Prometheus.check("check", "rules", "kfr-alerts.yml");
        Prometheus.check("test", "rules", "kfr-alerts-test.yml");
        var tests = Files.readString(Prometheus.CONFIGURATION.resolve("kfr-alerts-test.yml"));
        for (var alert : prometheus.alerts()) {
            var name = alert.get("name").toString();
            assertTrue(
                    Pattern.compile("alertname: " + name + ", .*exp_alerts: \\[]")
                            .matcher(tests)
                            .find(),
                    "no test that " + name + " does not fire");
            assertTrue(
                    Pattern.compile("alertname: " + name + "\\n +eval_time")
                            .matcher(tests)
                            .find(),
                    "no test that " + name + " fires");
        }
    }

    /** The OpenTelemetry agent itself runs in SnippetsIT; that the attributes exist and cost nothing is what can go wrong on our side. */
    @Test
    void openTelemetryReadsAttributesThatExistAndCostNothing() throws Exception {
        Map<String, List<Map<String, Object>>> file = ExporterRules.yaml(Path.of("../fleet/opentelemetry-jmx.yml"));
        var excluded = ExporterRules.read();
        var seen = new TreeSet<String>();
        for (var rule : file.get("rules")) {
            var mbean = rule.get("bean").toString().substring("kernel:type=".length());
            seen.add(mbean);
            for (var attribute : ((Map<?, ?>) rule.get("mapping")).keySet()) {
                assertTrue(host.attributes(mbean).contains(attribute), mbean + " has no " + attribute);
                assertFalse(excluded.excludes(mbean, attribute.toString()), mbean + " " + attribute);
            }
        }
        assertEquals(new TreeSet<>(host.mbeans()), seen);
    }
}
