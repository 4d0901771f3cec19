// SPDX-License-Identifier: Apache-2.0
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/** What a benchmark found: tables, notes below them, and the ratios that {@code --check} looks at. */
final class Answer {
    private final List<Object> parts = new ArrayList<>();
    private final Map<String, Double> ratios = new LinkedHashMap<>();
    private final TreeSet<String> versions = new TreeSet<>();

    /** Adds a table, and prints it. */
    void table(Table table) {
        parts.add(table);
        System.out.println();
        System.out.print(table.text());
    }

    /** Adds a sentence below the last table, and prints it. */
    void note(String sentence) {
        parts.add(sentence);
        System.out.println("  " + sentence);
    }

    /** Says what could not be measured, and why. */
    void notes(Rounds.Results results) {
        results.missing()
                .forEach((variant, why) -> note("Not measured: " + variant + ", " + why.replaceAll("\\.+$", "") + "."));
    }

    /** Adds a ratio for {@code --check}; the key is the benchmark's name, a dot, and what it is. */
    void ratio(String key, double ratio) {
        ratios.put(key, ratio);
    }

    /** Tells of which version a peer is, such as {@code strace 6.1}. */
    void peer(String version) {
        if (!version.isEmpty()) {
            versions.add(version);
        }
    }

    Map<String, Double> ratios() {
        return ratios;
    }

    /** For a page: the tables, and on what they were measured. */
    String markdown(int rounds) {
        var text = new StringBuilder();
        for (var part : parts) {
            text.append(part instanceof Table table ? table.markdown() : part + "\n")
                    .append('\n');
        }
        text.append("Medians of ").append(rounds).append(" rounds in turn, least and most in brackets. ");
        text.append(Host.description());
        if (!versions.isEmpty()) {
            text.append("; ").append(String.join(", ", versions));
        }
        return text.append(".\n").toString();
    }
}
