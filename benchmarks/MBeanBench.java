// SPDX-License-Identifier: Apache-2.0
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** How long it takes to read an MBean, all its attributes in one request, while there are many processes. */
final class MBeanBench implements Benchmark {
    private static final List<String> NAMES =
            List.of("Agent", "Syscalls", "Files", "Processes", "Cpu", "Memory", "Network", "Block");

    /** The JVM has compiled what there is to compile by then. */
    private static final int WARM_UP = 30;

    /** Another reader comes after a while: what is kept for those that come at once is old by then. */
    private static final long PAUSE_MILLIS = 300;

    /** They come within 5 s of the MBean server. */
    private static final long MBEANS_MILLIS = 5500;

    private record Crowd(int processes, int threads) {
        @Override
        public String toString() {
            return String.format("%,d", processes) + (threads > 1 ? " with " + threads + " threads each" : "");
        }
    }

    private static final Crowd LARGEST = new Crowd(10_000, 1);
    private static final List<Crowd> CROWDS =
            List.of(new Crowd(10, 1), new Crowd(1_000, 1), new Crowd(1_000, 10), LARGEST);

    @Override
    public String name() {
        return "mbeans";
    }

    @Override
    public String title() {
        return "Reading MBeans";
    }

    @Override
    public void run(Bench bench, Answer answer) throws Exception {
        var results = new LinkedHashMap<Crowd, Rounds.Results>();
        for (var crowd : CROWDS) {
            try (var service = new Service(bench.jar(), "probes=all,mbeans=always", List.of(), "MBeanReader");
                    var sleepers = new Sleepers(crowd.processes, crowd.threads)) {
                Thread.sleep(MBEANS_MILLIS);
                for (int i = 0; i < WARM_UP; i++) {
                    readAll(service);
                }
                results.put(
                        crowd,
                        new Rounds(bench.rounds())
                                .add("", () -> readAll(service))
                                .run());
            }
        }
        var headings = new ArrayList<>(List.of("MBean"));
        results.keySet().forEach(crowd -> headings.add(crowd.toString()));
        var table = new Table(
                "Reading all attributes of an MBean in one request, by the number of processes; ms",
                headings.toArray(String[]::new));
        for (var name : NAMES) {
            var row = new ArrayList<>(List.of("`kernel:type=" + name + "`"));
            results.values().forEach(result -> row.add(result.of("", name).toString()));
            table.row(row.toArray(String[]::new));
        }
        answer.table(table);
        double slowest = NAMES.stream()
                .mapToDouble(name -> results.get(LARGEST).of("", name).median())
                .max()
                .orElseThrow();
        answer.ratio("slowest ms", slowest);
    }

    private static Map<String, Double> readAll(Service service) throws Exception {
        Thread.sleep(PAUSE_MILLIS);
        var figures = new LinkedHashMap<String, Double>();
        for (var name : NAMES) {
            figures.put(name, Long.parseLong(service.ask(name)) / 1e6);
        }
        return figures;
    }
}
