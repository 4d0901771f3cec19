// SPDX-License-Identifier: Apache-2.0
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What a recording with the settings of kernel.jfc costs a busy host, subject by subject: each kind of work with and without it. */
final class SubjectBench implements Benchmark {
    private static final List<String> SUBJECTS =
            List.of("syscalls", "files", "processes", "cpu", "memory", "network", "block");

    private static final String NOTHING = "no recording";
    private static final String ALL = "all of them";

    @Override
    public String name() {
        return "subjects";
    }

    @Override
    public String title() {
        return "A busy host";
    }

    @Override
    public void run(Bench bench, Answer answer) throws Exception {
        Command.run("java", "-jar", bench.jar().toString(), "settings", ".");
        var services = new LinkedHashMap<String, Service>();
        try {
            for (var subject : SUBJECTS) {
                services.put(subject, new Service(bench.jar(), "probes=" + subject, List.of()));
            }
            services.put(ALL, new Service(bench.jar(), "probes=all", List.of()));
            var rounds = new Rounds(bench.rounds()).add(NOTHING, SubjectBench::busy);
            services.forEach((subject, service) -> rounds.add(subject, () -> recorded(service)));
            show(rounds.run(), answer);
        } finally {
            for (var service : services.values()) {
                service.close();
            }
        }
    }

    private static Map<String, Double> recorded(Service service) throws Exception {
        try (var recording = service.record("settings=kernel.jfc")) {
            Thread.sleep(500); // what it asks for is attached by then
            return busy();
        }
    }

    private static Map<String, Double> busy() throws Exception {
        var kinds = new LinkedHashMap<String, Double>();
        for (var line : Command.run("./busy", ".").split("\n")) {
            var words = line.split(" ");
            kinds.put(words[0], Double.parseDouble(words[1]));
        }
        return kinds;
    }

    private static void show(Rounds.Results results, Answer answer) {
        var kinds = List.copyOf(results.samples().get(NOTHING).keySet());
        var headings = new ArrayList<>(List.of("what records"));
        headings.addAll(kinds);
        var table = new Table(
                "One operation of a busy host, and what a recording with kernel.jfc adds to it",
                headings.toArray(String[]::new));
        results.samples().keySet().forEach(variant -> {
            var row = new ArrayList<>(List.of(variant));
            for (var kind : kinds) {
                var base = results.of(NOTHING, kind);
                row.add(
                        variant.equals(NOTHING)
                                ? Table.figure(base.median() / 1000) + " µs"
                                : Table.percent(
                                        results.of(variant, kind).over(base).median() - 1));
            }
            table.row(row.toArray(String[]::new));
        });
        var spread = new ArrayList<>(List.of("between fastest and slowest round without a recording"));
        for (var kind : kinds) {
            var base = results.of(NOTHING, kind);
            spread.add(Table.percent(base.most() / base.least() - 1));
        }
        table.row(spread.toArray(String[]::new));
        answer.table(table);
        for (var kind : kinds) {
            answer.ratio(
                    kind, results.of(ALL, kind).over(results.of(NOTHING, kind)).median());
        }
    }
}
