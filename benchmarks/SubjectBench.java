// SPDX-License-Identifier: Apache-2.0
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What a recording with the settings of kernel.jfc costs a busy host, subject by subject: each kind of work with and without it. */
final class SubjectBench {
    private static final List<String> SUBJECTS =
            List.of("syscalls", "files", "processes", "cpu", "memory", "network", "block");

    private SubjectBench() {}

    static void run(Path jar) throws Exception {
        Bench.run("java", "-jar", jar.toString(), "settings", ".");
        var services = new LinkedHashMap<String, Service>();
        try {
            for (var subject : SUBJECTS) {
                services.put(subject, new Service(jar, "probes=" + subject, List.of()));
            }
            services.put("all of them", new Service(jar, "probes=all", List.of()));
            var results = measure(services);
            print(results);
        } finally {
            for (var service : services.values()) {
                service.close();
            }
        }
    }

    /** By variant, then by kind of work: nanoseconds of one operation in each round. */
    private static Map<String, Map<String, List<Double>>> measure(Map<String, Service> services) throws Exception {
        var results = new LinkedHashMap<String, Map<String, List<Double>>>();
        for (int round = 0; round <= Bench.ROUNDS; round++) {
            add(results, "no recording", busy(), round);
            for (var service : services.entrySet()) {
                service.getValue().jcmd("JFR.start", "name=bench", "settings=kernel.jfc");
                try {
                    Thread.sleep(500);
                    add(results, service.getKey(), busy(), round);
                } finally {
                    service.getValue().jcmd("JFR.stop", "name=bench");
                }
            }
        }
        return results;
    }

    private static void add(
            Map<String, Map<String, List<Double>>> results, String variant, Map<String, Double> measured, int round) {
        if (round == 0) {
            return; // warms up
        }
        var sums = results.computeIfAbsent(variant, v -> new LinkedHashMap<>());
        measured.forEach((kind, nanos) ->
                sums.computeIfAbsent(kind, k -> new ArrayList<>()).add(nanos));
    }

    private static Map<String, Double> busy() throws Exception {
        var kinds = new LinkedHashMap<String, Double>();
        for (var line : Bench.run("./busy", ".").split("\n")) {
            var words = line.split(" ");
            kinds.put(words[0], Double.parseDouble(words[1]));
        }
        return kinds;
    }

    private static void print(Map<String, Map<String, List<Double>>> results) {
        var base = results.get("no recording");
        System.out.printf(
                "%nOne operation on a busy host (ns), and what a recording with kernel.jfc adds to it (%%); medians of %d rounds in turn%n",
                Bench.ROUNDS);
        System.out.printf("  %-14s", "");
        base.keySet().forEach(kind -> System.out.printf(" %12s", kind));
        System.out.println();
        results.forEach((variant, kinds) -> {
            System.out.printf("  %-14s", variant);
            kinds.forEach((kind, values) -> {
                double median = median(values);
                if (kinds == base) {
                    System.out.printf(" %12.0f", median);
                } else {
                    System.out.printf(" %+11.1f%%", (median / median(base.get(kind)) - 1) * 100);
                }
            });
            System.out.println();
        });
        System.out.printf("  %-14s", "spread");
        base.values().forEach(values -> {
            var sorted = values.stream().mapToDouble(d -> d).sorted().toArray();
            System.out.printf(" %11.1f%%", (sorted[sorted.length - 1] / sorted[0] - 1) * 100);
        });
        System.out.println();
    }

    private static double median(List<Double> values) {
        return Bench.median(values.stream().mapToDouble(d -> d).sorted().toArray());
    }
}
