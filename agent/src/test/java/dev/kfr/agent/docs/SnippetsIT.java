// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.docs;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.kfr.agent.Jvm;
import dev.kfr.agent.KernelService;
import dev.kfr.agent.TestCgroup;
import dev.kfr.agent.TestCgroup.Hierarchy;
import dev.kfr.bpf.NeedsKernel;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import jdk.jfr.Configuration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * What {@code README.md}, {@code CONTRIBUTING.md} and {@code docs/} tell to type is typed here, and does what they say. Each command of
 * these pages is in one of the two lists below, in the form that {@link Snippet} gives it; {@link Workplace} says what is replaced.
 */
class SnippetsIT {
    @TempDir
    private static Path directory;

    private static Workplace shared;
    private static Watched watched;

    /** A service that several commands look at, as none of them changes it. */
    private record Watched(Jvm service, int port) {}

    /** Does what somebody would do with a command, and looks whether the command did its part. */
    @FunctionalInterface
    private interface Recipe {
        void follow(Workplace place, Snippet snippet) throws Exception;
    }

    private static final Map<String, Recipe> RUN = new LinkedHashMap<>();

    /** Why, by command. */
    private static final Map<String, String> NOT_RUN = new LinkedHashMap<>();

    static {
        run(
                SnippetsIT::serviceIsRecorded,
                "java -javaagent:kfr.jar -XX:StartFlightRecording:filename=my.jfr -jar service.jar",
                "java -javaagent:kfr.jar -XX:StartFlightRecording:settings=profile,settings=DIR/kernel.jfc,filename=my.jfr"
                        + " -jar service.jar");
        run(
                SnippetsIT::serviceRunsWithAgent,
                "java -javaagent:kfr.jar=scope=jvm,probes=cpu+files,mbeans=always -jar service.jar",
                "java -javaagent:kfr.jar -XX:StartFlightRecording:settings=profile,settings=/etc/kfr/kernel.jfc ...");
        run(
                SnippetsIT::recordingIsStarted,
                "jcmd PID JFR.start name=kernel",
                "jcmd PID JFR.start settings=profile settings=DIR/kernel.jfc",
                "jcmd PID JFR.start settings=default settings=DIR/kernel.jfc kernel.FileOpen#throttle=1000/s");
        run(
                SnippetsIT::recordingIsDumped,
                "jcmd PID JFR.dump filename=now.jfr",
                "jcmd PID JFR.dump name=kernel filename=now.jfr");
        run(SnippetsIT::rowsAreShown, "jfr view kernel.SyscallStatistics now.jfr", "jfr view kernel.FileSync now.jfr");
        run(SnippetsIT::eventsArePrinted, "jfr print --events kernel.RunQueueWait,kernel.Signal now.jfr");
        run(SnippetsIT::eventsAreCounted, "jfr summary now.jfr");
        run(SnippetsIT::allCommandsAreListed, "java -jar kfr.jar COMMAND");
        run(SnippetsIT::diagnoses, "java -jar kfr.jar doctor");
        run(
                SnippetsIT::diagnosesWithTwoCapabilities,
                "setpriv --bounding-set=-all,+bpf,+perfmon java -jar kfr.jar doctor");
        run(
                SnippetsIT::whatIsMissingIsFiltered,
                "java -jar kfr.jar doctor --json | jq '.probes[] | select(.works | not)'");
        run(
                SnippetsIT::tablesRefresh,
                "java -jar kfr.jar top",
                "java -jar kfr.jar top PID",
                "java -jar kfr.jar top app1.example.com:9010",
                "java -jar kfr.jar top PID --view files");
        run(SnippetsIT::passwordIsAskedFor, "java -jar kfr.jar top db1.example.com:9010 --user monitor");
        run(SnippetsIT::tablesArePrinted, "java -jar kfr.jar top --once --view cpu --view memory");
        run(
                SnippetsIT::aNumberIsFiltered,
                "java -jar kfr.jar top PID --json --once --view network | jq .network.BytesSent");
        run(SnippetsIT::numbersAreFiltered, "java -jar kfr.jar top PID --json --view network | jq .network.BytesSent");
        run(
                SnippetsIT::hostIsRecorded,
                "java -jar kfr.jar record --duration 30s --output host.jfr",
                "java -jar kfr.jar record --max-age 10m --max-size 500M");
        run(SnippetsIT::processIsRecorded, "java -jar kfr.jar record --pid PID --settings kernel-profile");
        run(
                SnippetsIT::containerIsRecorded,
                "java -jar kfr.jar record --container nginx.service",
                "java -jar kfr.jar record --container 0123456789ab --set kernel.FileSync#threshold=0ms");
        run(
                SnippetsIT::agentIsAttached,
                "java -jar kfr.jar attach PID scope=jvm",
                "java -jar kfr.jar attach PID",
                "java -jar kfr.jar attach PID scope=jvm probes=cpu+files mbeans=always");
        run(SnippetsIT::agentIsDetached, "java -jar kfr.jar detach PID");
        run(SnippetsIT::settingsAreWritten, "java -jar kfr.jar settings DIR", "java -jar kfr.jar settings /etc/kfr");
        run(SnippetsIT::aliasHelps, "alias kfr='java -jar /opt/kfr/kfr.jar'");
        run(SnippetsIT::commandsAreCompleted, "source <(kfr completion)");
        run(
                SnippetsIT::prometheusIsAnswered,
                "java -javaagent:kfr.jar -javaagent:jmx_prometheus_javaagent.jar=9404:fleet/jmx-exporter.yml -jar service.jar");
        run(
                SnippetsIT::openTelemetryExports,
                "java -javaagent:kfr.jar -javaagent:opentelemetry-javaagent.jar"
                        + " -Dotel.jmx.config=fleet/opentelemetry-jmx.yml -jar service.jar");
        run(
                SnippetsIT::jmxIsAnswered,
                "java -Dcom.sun.management.jmxremote.port=7091 -Dcom.sun.management.jmxremote.rmi.port=7091"
                        + " -Dcom.sun.management.jmxremote.host=127.0.0.1 -Djava.rmi.server.hostname=127.0.0.1"
                        + " -Dcom.sun.management.jmxremote.authenticate=false -Dcom.sun.management.jmxremote.ssl=false"
                        + " -javaagent:kfr.jar -jar service.jar");
        run(
                SnippetsIT::filesAreInstalled,
                "install -D -m 644 kfr.jar /opt/kfr/kfr.jar",
                "install -D -m 644 deploy/systemd/kfr.conf /etc/systemd/system/SERVICE.service.d/kfr.conf");
        run(
                SnippetsIT::optionsExist,
                "bin/kernels",
                "bin/kernels --quick 5.10",
                "bin/kernels --tests '.*FilesIT' 6.1 7.3",
                "bin/kernels --quick 6.12-arm64",
                "bin/kernels --run 'uname -a' newest",
                "bin/kernels --write",
                "bin/kernels --types --write");

        notRun("runs these tests", "bin/test", "bin/test -pl bpf");
        notRun("builds the product anew and takes a minute", "bin/demo");
        notRun("needs zsh", "autoload -U bashcompinit; bashcompinit; source <(kfr completion)");
        notRun("installs packages", ". bin/setup");
        notRun(
                "changes the services of this machine",
                "systemctl daemon-reload && systemctl restart SERVICE && journalctl -u SERVICE | grep -F '[kfr]'");
        notRun(
                "needs Docker and an image; DeploymentIT runs a service with the same rights",
                "docker run --cap-drop ALL --cap-add BPF --cap-add PERFMON --security-opt no-new-privileges --read-only --tmpfs /tmp notes");
        notRun(
                "needs a desktop",
                "jconsole PID",
                "jconsole -J-Dswing.plaf.metal.userFont=Monospaced-12 PID",
                "jconsole 127.0.0.1:7091");
        notRun("needs a second host", "ssh -L 7091:127.0.0.1:7091 HOST");
        notRun(
                "is a query; FleetIT asks a server with it",
                "max by (host) (rate(kfr_syscalls_total[5m]))",
                "sum(rate(kfr_syscalls_total[5m]) * on (job, instance) group_left () kfr_agent_scope{scope=\"host\"})");
        notRun("is about a file that jmc-plugin makes", "unzip kfr-jmc-plugin.zip -d /opt/jmc/dropins");
        notRun(
                "needs libraries of Mission Control; tests of jmc-plugin make the same report",
                "java -cp 'jmc/*' org.openjdk.jmc.flightrecorder.rules.report.html.JfrHtmlRulesReport my.jfr report.html");
    }

    private static void run(Recipe recipe, String... commands) {
        Stream.of(commands).forEach(command -> RUN.put(command, recipe));
    }

    private static void notRun(String reason, String... commands) {
        Stream.of(commands).forEach(command -> NOT_RUN.put(command, reason));
    }

    @Test
    void everyCommandOfThePagesIsRunOrSaidWhyNot() throws Exception {
        var unknown = new ArrayList<String>();
        var listed = new TreeSet<>(RUN.keySet());
        listed.addAll(NOT_RUN.keySet());
        var stale = new TreeSet<>(listed);
        for (var snippet : Snippet.ofAllPages()) {
            stale.remove(snippet.command());
            if (!listed.contains(snippet.command())) {
                unknown.add(snippet.places() + " " + snippet.command());
            }
        }
        assertEquals(
                List.of(),
                unknown,
                "commands that no test runs: give each a recipe in SnippetsIT, or the reason why it can't be run. "
                        + "What is output or a picture belongs between ``` fences");
        assertEquals(Set.of(), stale, "commands in SnippetsIT that are on no page any more: take them out");
    }

    @TestFactory
    @NeedsKernel
    Stream<DynamicTest> doesWhatThePageSays() throws Exception {
        return Snippet.ofAllPages().stream()
                .filter(snippet -> RUN.containsKey(snippet.command()))
                .map(snippet ->
                        DynamicTest.dynamicTest(snippet.pages() + ": " + snippet.command(), () -> follow(snippet)));
    }

    private static void follow(Snippet snippet) throws Exception {
        try (var place = new Workplace(Files.createTempDirectory(directory, "place"))) {
            RUN.get(snippet.command()).follow(place, snippet);
        } catch (AssertionError failed) {
            throw new AssertionError(snippet.places() + "\n" + snippet.text() + "\n" + failed.getMessage(), failed);
        }
    }

    private static synchronized Watched watched() throws Exception {
        if (watched == null) {
            shared = new Workplace(directory.resolve("watched"));
            int port = Jvm.freePort();
            var service = shared.serviceWithAgent(
                    "-Dcom.sun.management.jmxremote.port=" + port,
                    "-Dcom.sun.management.jmxremote.host=127.0.0.1",
                    "-Djava.rmi.server.hostname=127.0.0.1",
                    "-Dcom.sun.management.jmxremote.authenticate=false",
                    "-Dcom.sun.management.jmxremote.ssl=false");
            watched = new Watched(service, port);
        }
        return watched;
    }

    @AfterAll
    static void stop() throws Exception {
        if (shared != null) {
            shared.close();
        }
    }

    private static void assumeInstalled(String program) {
        assumeTrue(
                Stream.of(System.getenv("PATH").split(":"))
                        .anyMatch(each -> Files.isExecutable(Path.of(each, program))),
                () -> "no " + program);
    }

    // ---- a service with the agent ----

    private static void serviceIsRecorded(Workplace place, Snippet snippet) throws Exception {
        serviceRunsWithAgent(place, snippet);
        place.assertKernelEvents(place.file("my.jfr"));
    }

    private static void serviceRunsWithAgent(Workplace place, Snippet snippet) throws Exception {
        if (snippet.text().contains("kernel.jfc")) {
            place.run("java -jar kfr.jar settings " + (snippet.text().contains("DIR") ? "DIR" : "/etc/kfr"));
        }
        var service = place.replace("...", "-jar service.jar").start(snippet.text());
        Workplace.awaitProbes(service);
        Workplace.awaitWork(service);
        assertTrue(holdsPrograms(service), service::toString);
        place.interrupt(service);
    }

    private static void agentIsAttached(Workplace place, Snippet snippet) throws Exception {
        var service = place.service("-XX:+EnableDynamicAgentLoading");
        replaceTarget(place, service);
        place.run(snippet.text());
        Workplace.awaitProbes(service);
        assertTrue(holdsPrograms(service), service::toString);
        place.interrupt(service);
    }

    private static void agentIsDetached(Workplace place, Snippet snippet) throws Exception {
        var service = place.serviceWithAgent();
        replaceTarget(place, service);
        assertTrue(holdsPrograms(service), service::toString);
        place.run(snippet.text());
        assertFalse(holdsPrograms(service), service::toString);
        assertTrue(service.isAlive(), service::toString);
        Workplace.awaitWork(service);
        place.interrupt(service);
    }

    private static void replaceTarget(Workplace place, Jvm service) {
        place.replace("PID", service.pid()).replace("4711", service.pid());
    }

    /** The kernel's own word for it. */
    private static boolean holdsPrograms(Jvm service) throws IOException {
        try (var descriptors = Files.newDirectoryStream(Path.of("/proc/" + service.pid() + "/fd"))) {
            for (var each : descriptors) {
                if (Files.isSymbolicLink(each)
                        && Files.readSymbolicLink(each).toString().equals("anon_inode:bpf-prog")) {
                    return true;
                }
            }
        }
        return false;
    }

    private static void recordingIsStarted(Workplace place, Snippet snippet) throws Exception {
        var service = place.serviceWithAgent();
        place.replace("PID", service.pid());
        if (snippet.text().contains("DIR")) {
            place.run("java -jar kfr.jar settings DIR");
        }
        var said = place.run(snippet.text());
        assertTrue(said.stream().anyMatch(line -> line.startsWith("Started recording 1.")), said::toString);
        // Probes that only a recording wants come with it.
        KernelService.await(
                () -> {
                    place.run("jcmd PID JFR.dump filename=my.jfr");
                    return !place.kernelEvents(place.file("my.jfr")).isEmpty();
                },
                () -> "nothing of the kernel in a recording of " + service);
    }

    private static void recordingIsDumped(Workplace place, Snippet snippet) throws Exception {
        var service = place.serviceWithAgent("-XX:StartFlightRecording:name=kernel");
        Workplace.awaitWork(service);
        place.replace("PID", service.pid()).run(snippet.text());
        place.assertKernelEvents(place.file("now.jfr"));
    }

    private static void prometheusIsAnswered(Workplace place, Snippet snippet) throws Exception {
        int port = Jvm.freePort();
        var service = place.replace("=9404:", "=" + port + ":").start(snippet.text());
        Workplace.awaitProbes(service);
        var metrics = Pattern.compile("^kfr_syscalls_total [1-9]", Pattern.MULTILINE);
        KernelService.await(() -> metrics.matcher(scrape(port)).find(), () -> "no " + metrics + "\n" + service);
        place.interrupt(service);
    }

    private static String scrape(int port) throws Exception {
        try (var client = HttpClient.newHttpClient()) {
            var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/metrics"));
            return client.send(request.build(), HttpResponse.BodyHandlers.ofString())
                    .body();
        }
    }

    private static void openTelemetryExports(Workplace place, Snippet snippet) throws Exception {
        for (var signal : List.of("TRACES", "LOGS")) {
            place.set("OTEL_" + signal + "_EXPORTER", "none");
        }
        place.set("OTEL_METRICS_EXPORTER", "console").set("OTEL_METRIC_EXPORT_INTERVAL", "1000");
        var service = place.start(snippet.text());
        service.awaitStderr("name=kfr.syscalls");
        place.interrupt(service);
    }

    private static void jmxIsAnswered(Workplace place, Snippet snippet) throws Exception {
        int port = Jvm.freePort();
        var service = place.replace("7091", port).start(snippet.text());
        Workplace.awaitProbes(service);
        var look = "java -jar kfr.jar top 127.0.0.1:" + port + " --once --json --interval 10ms --view syscalls";
        KernelService.await(() -> place.start(look).waitFor() == 0, () -> "no MBeans\n" + service);
        place.interrupt(service);
    }

    // ---- commands ----

    private static void allCommandsAreListed(Workplace place, Snippet snippet) throws Exception {
        var help = place.replace("COMMAND", "--help").run(snippet.text());
        for (var command : List.of("doctor", "top", "record", "attach", "detach", "settings", "completion")) {
            assertTrue(help.stream().anyMatch(line -> line.matches(" +" + command + " .*")), help::toString);
        }
    }

    private static void diagnoses(Workplace place, Snippet snippet) throws Exception {
        diagnosed(place.start(snippet.text()), line -> line.startsWith("Probes, each in the variant"));
    }

    private static void diagnosesWithTwoCapabilities(Workplace place, Snippet snippet) throws Exception {
        assumeTrue(System.getProperty("user.name").equals("root"), "only root can take capabilities away");
        diagnosed(place.start(snippet.text()), line -> line.startsWith("  note     capabilities"));
    }

    /** The exit code is as the host is, and the last line says the same. */
    private static void diagnosed(Jvm doctor, Predicate<String> line) throws Exception {
        boolean works = doctor.waitFor() == 0;
        assertEquals(works, doctor.stdout().getLast().equals("Everything works."), doctor::toString);
        assertTrue(doctor.stdout().stream().anyMatch(line), doctor::toString);
    }

    private static void whatIsMissingIsFiltered(Workplace place, Snippet snippet) throws Exception {
        assumeInstalled("jq");
        var missing = place.start(snippet.text());
        boolean works = missing.waitFor() == 0;
        assertTrue(!works || missing.stdout().isEmpty(), missing::toString);
        assertTrue(missing.stdout().stream().noneMatch(line -> line.contains("\"works\": true")), missing::toString);
        assertTrue(missing.stderr().stream().allMatch(line -> line.startsWith("NOTE: Picked up")), missing::toString);
    }

    private static void replaceWatched(Workplace place) throws Exception {
        var address = "127.0.0.1:" + watched().port();
        replaceTarget(place, watched().service());
        place.replace("app1.example.com:9010", address).replace("db1.example.com:9010", address);
    }

    private static void tablesRefresh(Workplace place, Snippet snippet) throws Exception {
        replaceWatched(place);
        endsByKey(place, place.startOnTerminal(snippet.text()));
    }

    private static void passwordIsAskedFor(Workplace place, Snippet snippet) throws Exception {
        replaceWatched(place);
        var top = place.startOnTerminal(snippet.text());
        place.awaitOnScreen(Pattern.compile("password: "));
        top.write("lighthouse"); // which a JVM without users does not look at
        endsByKey(place, top);
    }

    private static void endsByKey(Workplace place, Jvm top) throws Exception {
        place.awaitOnScreen(Pattern.compile("Top (processes|files)"));
        top.write("q");
        assertEquals(0, top.waitFor(), top::toString);
    }

    private static void tablesArePrinted(Workplace place, Snippet snippet) throws Exception {
        var lines = place.run(snippet.text());
        for (var view : List.of("cpu", "memory")) {
            assertTrue(lines.stream().anyMatch(line -> line.startsWith(view + " of host ")), lines::toString);
        }
        // A row of a process begins with its pid; some had a CPU in this time.
        assertTrue(
                lines.stream().anyMatch(line -> line.matches(" +\\d+  .* [1-9][0-9.]* (us|ms|s)  .*")),
                lines::toString);
    }

    private static void aNumberIsFiltered(Workplace place, Snippet snippet) throws Exception {
        assumeInstalled("jq");
        replaceWatched(place);
        var lines = place.run(snippet.text());
        assertEquals(1, lines.size(), lines::toString);
        assertTrue(lines.getFirst().matches("\\d+"), lines::toString);
    }

    private static void numbersAreFiltered(Workplace place, Snippet snippet) throws Exception {
        assumeInstalled("jq");
        replaceWatched(place);
        var top = place.startOnTerminal(snippet.text());
        place.awaitOnScreen(Pattern.compile("^\\d+\\R+\\d+$", Pattern.MULTILINE));
        top.write("\u0003"); // Ctrl-C
        top.waitFor(); // jq leaves by the signal
    }

    private static void hostIsRecorded(Workplace place, Snippet snippet) throws Exception {
        var service = place.service();
        record(place, snippet, service);
        assertTrue(pids(place).contains(service.pid()), () -> "no events of " + service);
    }

    private static void processIsRecorded(Workplace place, Snippet snippet) throws Exception {
        var service = place.service();
        replaceTarget(place, service);
        record(place, snippet, service);
        assertEquals(Set.of(service.pid()), pids(place));
    }

    private static void containerIsRecorded(Workplace place, Snippet snippet) throws Exception {
        assumeTrue(System.getProperty("user.name").equals("root"), "only root makes cgroups");
        var hierarchy = Files.exists(Path.of("/sys/fs/cgroup/memory")) ? Hierarchy.V1 : Hierarchy.V2;
        try (var group = TestCgroup.in(hierarchy, "pages");
                var unit = group.below(group.name() + ".service");
                var container = group.below("docker-0123456789ab" + "0".repeat(52) + ".scope")) {
            place.replace("nginx.service", unit.name());
            var service = place.service();
            (snippet.text().contains("nginx.service") ? unit : container).take(service.pid());
            try {
                record(place, snippet, service);
                assertEquals(Set.of(service.pid()), pids(place));
            } finally {
                place.interrupt(service); // so that the cgroup can go
            }
        }
    }

    private static void record(Workplace place, Snippet snippet, Jvm service) throws Exception {
        var command = place.start(snippet.text());
        command.awaitStderr("recording to ");
        Workplace.awaitWork(service);
        boolean ends = snippet.text().contains("--duration");
        assertEquals(0, ends ? command.waitFor() : place.interrupt(command), command::toString);
        assertTrue(command.stderr().getLast().contains(place.recording().getFileName() + ": 0:"), command::toString);
    }

    /** Of processes in the recording; rows about no single process have none. */
    private static Set<Long> pids(Workplace place) throws Exception {
        return place.kernelEvents(place.recording()).stream()
                .map(event -> event.getLong("pid"))
                .filter(pid -> pid > 0)
                .collect(Collectors.toSet());
    }

    private static void settingsAreWritten(Workplace place, Snippet snippet) throws Exception {
        place.run(snippet.text());
        var target = place.file(snippet.text().contains("/etc/kfr") ? "etc/kfr" : "settings");
        for (var name : List.of("kernel.jfc", "kernel-profile.jfc")) {
            var settings = Configuration.create(target.resolve(name)).getSettings();
            assertEquals("true", settings.get("kernel.FileOpen#enabled"), name);
        }
    }

    private static void rowsAreShown(Workplace place, Snippet snippet) throws Exception {
        assertShown(place, snippet, " java ");
    }

    private static void eventsArePrinted(Workplace place, Snippet snippet) throws Exception {
        assertShown(place, snippet, "kernel.Signal {");
    }

    private static void eventsAreCounted(Workplace place, Snippet snippet) throws Exception {
        assertShown(place, snippet, "kernel.FileSync  ");
    }

    private static void assertShown(Workplace place, Snippet snippet, String text) throws Exception {
        Files.createSymbolicLink(place.file("now.jfr"), recorded());
        var lines = place.run(snippet.text());
        assertTrue(lines.stream().anyMatch(line -> line.contains(text)), () -> text + " is not in " + lines);
    }

    /** A recording of a service's work and of a signal to it. */
    private static synchronized Path recorded() throws Exception {
        var service = watched().service();
        var recording = shared.file("recorded.jfr");
        if (!Files.exists(recording)) {
            var record = shared.start("java -jar kfr.jar record --settings kernel-profile --output recorded.jfr");
            record.awaitStderr("recording to ");
            shared.run("kill -CONT " + service.pid());
            Workplace.awaitWork(service);
            shared.interrupt(record);
        }
        return recording;
    }

    private static final String ALIAS = "alias kfr='java -jar /opt/kfr/kfr.jar'";

    private static void aliasHelps(Workplace place, Snippet snippet) throws Exception {
        install(place);
        var help = place.run(snippet.text() + "\nkfr --help");
        assertTrue(help.stream().anyMatch(line -> line.contains("doctor")), help::toString);
    }

    private static void commandsAreCompleted(Workplace place, Snippet snippet) throws Exception {
        install(place);
        var lines = place.run(ALIAS + "\n" + snippet.text() + "\ncomplete -p kfr");
        assertEquals(1, lines.size(), lines::toString);
        assertTrue(lines.getFirst().matches("complete .*-F \\w+ kfr"), lines::toString);
    }

    private static void install(Workplace place) throws Exception {
        place.run("install -D -m 644 kfr.jar /opt/kfr/kfr.jar");
    }

    // ---- the rest ----

    private static void filesAreInstalled(Workplace place, Snippet snippet) throws Exception {
        var words = snippet.command().split(" ");
        var source = place.file(words[words.length - 2]);
        var target = place.file(words[words.length - 1].substring(1));
        place.run(snippet.text());
        assertArrayEquals(Files.readAllBytes(source), Files.readAllBytes(target), target.toString());
    }

    /** What takes too long here, and runs elsewhere. */
    private static void optionsExist(Workplace place, Snippet snippet) throws Exception {
        var words = snippet.command().split(" ");
        var usage = String.join("\n", place.run(words[0] + " --help"));
        for (var word : words) {
            assertTrue(!word.startsWith("--") || usage.contains(" " + word + " "), () -> word + " is not in\n" + usage);
        }
    }
}
