// SPDX-License-Identifier: Apache-2.0
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;

/** The ratios that are not to be exceeded, from {@code benchmarks/bounds.properties}. */
final class Bounds {
    private final Properties bounds = new Properties();

    Bounds(Path file) throws IOException {
        try (var reader = Files.newBufferedReader(file)) {
            bounds.load(reader);
        }
    }

    /** Prints each ratio beside its bound, and returns whether all keep to theirs. */
    boolean check(Map<String, Double> ratios) {
        var table = new Table("Ratios and their bounds", "what", "ratio", "bound", "");
        boolean kept = true;
        for (var ratio : ratios.entrySet()) {
            var bound = bounds.getProperty(ratio.getKey());
            boolean fits = bound == null || ratio.getValue() <= Double.parseDouble(bound);
            kept &= fits;
            table.row(
                    ratio.getKey(),
                    Table.figure(ratio.getValue()),
                    bound == null ? "none" : bound,
                    fits ? "" : "EXCEEDED");
        }
        System.out.println();
        System.out.print(table.text());
        return kept;
    }
}
