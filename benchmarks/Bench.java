// SPDX-License-Identifier: Apache-2.0
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * Runs benchmarks: each variant in turn, round by round, so that all see the same machine.
 *
 * <p>{@code Bench KFR_JAR [NAME...]}
 */
public final class Bench {
    static final int ROUNDS = 7;

    /** Something to measure. */
    interface Variant {
        /** One measurement, in the benchmark's unit. */
        double measure() throws Exception;
    }

    private Bench() {}

    public static void main(String[] args) throws Exception {
        var jar = Path.of(args[0]);
        var wanted = new TreeSet<>(List.of(args).subList(1, args.length));
        var known = List.of("syscalls", "subjects", "events", "start");
        if (!known.containsAll(wanted)) {
            System.err.println("There are " + known + ", not " + wanted);
            System.exit(2);
        }
        System.out.println("Linux " + System.getProperty("os.version") + ", "
                + Runtime.getRuntime().availableProcessors() + " CPUs, JDK " + Runtime.version());
        if (wanted.isEmpty() || wanted.contains("syscalls")) {
            SyscallBench.run(jar);
        }
        if (wanted.isEmpty() || wanted.contains("subjects")) {
            SubjectBench.run(jar);
        }
        if (wanted.isEmpty() || wanted.contains("events")) {
            EventBench.run(jar);
        }
        if (wanted.isEmpty() || wanted.contains("start")) {
            StartBench.run(jar);
        }
    }

    /** Measures all variants {@value #ROUNDS} times in turn, after one round that does not count. */
    static Map<String, double[]> rounds(Map<String, Variant> variants) throws Exception {
        var results = new LinkedHashMap<String, List<Double>>();
        for (int round = 0; round <= ROUNDS; round++) {
            for (var variant : variants.entrySet()) {
                double value = variant.getValue().measure();
                if (round > 0) {
                    results.computeIfAbsent(variant.getKey(), k -> new ArrayList<>()).add(value);
                }
            }
        }
        var sorted = new LinkedHashMap<String, double[]>();
        results.forEach((name, values) -> sorted.put(
                name, values.stream().mapToDouble(d -> d).sorted().toArray()));
        return sorted;
    }

    static double median(double[] sorted) {
        return sorted[sorted.length / 2];
    }

    /** Prints medians and ranges. */
    static void print(String title, String unit, Map<String, double[]> results) {
        System.out.printf("%n%s (%s; median, least, most of %d rounds in turn)%n", title, unit, ROUNDS);
        results.forEach((name, v) ->
                System.out.printf("  %-44s %9.1f %9.1f %9.1f%n", name, median(v), v[0], v[v.length - 1]));
    }

    /** Runs a program to its end and returns what it printed. */
    static String run(String... command) throws IOException, InterruptedException {
        var process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                .start();
        var output = new String(process.getInputStream().readAllBytes());
        if (process.waitFor() != 0) {
            throw new IOException(String.join(" ", command) + " failed: " + output);
        }
        return output.strip();
    }
}
