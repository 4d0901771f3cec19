// SPDX-License-Identifier: Apache-2.0
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Runs benchmarks and writes what they found into the documentation.
 *
 * <p>{@code Bench ROOT [--check] [--rounds N] [NAME...]}
 *
 * @param root of the source tree
 * @param rounds how often each variant is measured
 */
record Bench(Path root, int rounds) {
    private static final List<Benchmark> ALL = List.of(
            new SyscallBench(),
            new SubjectBench(),
            new EventBench(),
            new ServiceBench(),
            new StartBench(),
            new IdleBench(),
            new MBeanBench(),
            new ScaleBench(),
            new JmhBench());
    private static final int ROUNDS = 7;
    private static final int CHECK_ROUNDS = 3;

    /** With fewer a median says too little to be written down. */
    private static final int WRITTEN_ROUNDS = 5;

    /** What is measured. */
    Path jar() {
        return root.resolve("agent/target/kfr.jar");
    }

    /** The compiled eBPF object of a subject. */
    Path object(String subject) {
        return root.resolve("bpf/target/classes/bpf/" + arch() + "/" + subject + ".bpf.o");
    }

    private static String arch() {
        return System.getProperty("os.arch").equals("amd64") ? "x86_64" : "aarch64";
    }

    public static void main(String[] args) throws Exception {
        boolean check = false;
        int rounds = 0;
        var wanted = new ArrayList<Benchmark>();
        for (int i = 1; i < args.length; i++) {
            switch (args[i]) {
                case "--check" -> check = true;
                case "--rounds" -> rounds = Integer.parseInt(args[++i]);
                default -> wanted.add(find(args[i]));
            }
        }
        int chosen = rounds > 0 ? rounds : check ? CHECK_ROUNDS : ROUNDS;
        var bench = new Bench(Path.of(args[0]), chosen);
        System.out.println(Host.description());
        var ratios = bench.run(wanted.isEmpty() ? ALL : wanted, !check);
        if (check && !new Bounds(bench.root.resolve("benchmarks/bounds.properties")).check(ratios)) {
            System.exit(1);
        }
    }

    private static Benchmark find(String name) {
        for (var benchmark : ALL) {
            if (benchmark.name().equals(name)) {
                return benchmark;
            }
        }
        System.err.println("There are " + ALL.stream().map(Benchmark::name).toList() + ", not " + name);
        System.exit(2);
        return null;
    }

    private Map<String, Double> run(List<Benchmark> benchmarks, boolean write) throws Exception {
        var page = new Page(root.resolve("docs/performance.md"));
        var ratios = new LinkedHashMap<String, Double>();
        for (var benchmark : benchmarks) {
            var answer = new Answer();
            benchmark.run(this, answer);
            answer.ratios().forEach((key, ratio) -> ratios.put(benchmark.name() + "." + key, ratio));
            if (write && rounds >= WRITTEN_ROUNDS) {
                page.write(benchmark, answer.markdown(rounds));
            }
        }
        return ratios;
    }
}
