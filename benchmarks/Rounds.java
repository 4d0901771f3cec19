// SPDX-License-Identifier: Apache-2.0
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Measures variants in turn, round by round, so that all of them see the same machine. */
final class Rounds {
    private final int rounds;
    private final Map<String, Variant> variants = new LinkedHashMap<>();
    private final List<String> optional = new ArrayList<>();

    /** Something to measure. */
    interface Variant {
        /** One measurement: figures by their names. */
        Map<String, Double> measure() throws Exception;
    }

    /** Something with one figure. */
    interface Single {
        double measure() throws Exception;
    }

    /**
     * What came out.
     *
     * @param samples by variant and figure
     * @param missing variants that could not be measured, and why
     */
    record Results(Map<String, Map<String, Samples>> samples, Map<String, String> missing) {
        /** All of one figure of a variant; {@link Samples#NONE} if it was not measured. */
        Samples of(String variant, String figure) {
            return samples.getOrDefault(variant, Map.of()).getOrDefault(figure, Samples.NONE);
        }

        /** The same of a variant with one figure. */
        Samples of(String variant) {
            return of(variant, "");
        }
    }

    Rounds(int rounds) {
        this.rounds = rounds;
    }

    Rounds add(String name, Variant variant) {
        variants.put(name, variant);
        return this;
    }

    Rounds single(String name, Single variant) {
        return add(name, () -> Map.of("", variant.measure()));
    }

    /** Adds a variant that is left out if its first measurement fails: a peer that does not run on every kernel. */
    Rounds peer(String name, Variant variant) {
        optional.add(name);
        return add(name, variant);
    }

    Rounds singlePeer(String name, Single variant) {
        optional.add(name);
        return single(name, variant);
    }

    /** Measures all, after one round that does not count. */
    Results run() throws Exception {
        var missing = new LinkedHashMap<String, String>();
        for (var name : List.copyOf(variants.keySet())) {
            progress("warming up: " + name);
            try {
                variants.get(name).measure();
            } catch (Exception e) {
                if (!optional.contains(name)) {
                    throw e;
                }
                missing.put(name, reason(e));
                variants.remove(name);
            }
        }
        var values = new LinkedHashMap<String, Map<String, List<Double>>>();
        for (int round = 1; round <= rounds; round++) {
            for (var variant : variants.entrySet()) {
                progress("round " + round + " of " + rounds + ": " + variant.getKey());
                var figures = values.computeIfAbsent(variant.getKey(), k -> new LinkedHashMap<>());
                variant.getValue().measure().forEach((figure, value) -> figures.computeIfAbsent(
                                figure, k -> new ArrayList<>())
                        .add(value));
            }
        }
        var samples = new LinkedHashMap<String, Map<String, Samples>>();
        values.forEach((variant, figures) -> {
            var sampled = new LinkedHashMap<String, Samples>();
            figures.forEach((figure, list) -> sampled.put(
                    figure, new Samples(list.stream().mapToDouble(d -> d).toArray())));
            samples.put(variant, sampled);
        });
        return new Results(samples, missing);
    }

    private static String reason(Exception e) {
        var lines = String.valueOf(e.getMessage()).strip().lines().toList();
        return lines.isEmpty() ? e.toString() : lines.getLast();
    }

    private static void progress(String what) {
        System.err.println("... " + what);
    }
}
