// SPDX-License-Identifier: Apache-2.0
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Rows of text under headings, for a terminal and for a page. */
final class Table {
    private final String title;
    private final List<String> headings;
    private final List<List<String>> rows = new ArrayList<>();

    Table(String title, String... headings) {
        this.title = title;
        this.headings = List.of(headings);
    }

    /** Adds a row; cells that are missing at its end are empty. */
    Table row(String... cells) {
        var row = new ArrayList<>(List.of(cells));
        while (row.size() < headings.size()) {
            row.add("");
        }
        rows.add(row);
        return this;
    }

    /** A figure with as many digits as it is worth: three. */
    static String figure(double value) {
        if (Double.isNaN(value)) {
            return "";
        }
        double size = Math.abs(value);
        if (size >= 10_000) {
            return String.format(Locale.ROOT, "%,.0f", value);
        }
        return String.format(Locale.ROOT, size >= 100 ? "%.0f" : size >= 10 ? "%.1f" : "%.2f", value);
    }

    /** A share of one, in percent. */
    static String percent(double share) {
        return Double.isNaN(share) ? "" : String.format(Locale.ROOT, "%+.0f %%", share * 100);
    }

    String text() {
        var widths = new int[headings.size()];
        for (int column = 0; column < widths.length; column++) {
            int c = column;
            widths[c] = Math.max(
                    headings.get(c).length(),
                    rows.stream().mapToInt(row -> row.get(c).length()).max().orElse(0));
        }
        var text = new StringBuilder(title).append('\n');
        line(text, headings, widths);
        rows.forEach(row -> line(text, row, widths));
        return text.toString();
    }

    private static void line(StringBuilder text, List<String> cells, int[] widths) {
        for (int column = 0; column < widths.length; column++) {
            var cell = cells.get(column);
            var padding = " ".repeat(widths[column] - cell.length());
            text.append("  ").append(column == 0 ? cell + padding : padding + cell);
        }
        text.append('\n');
    }

    String markdown() {
        var text = new StringBuilder("**").append(title).append("**\n\n");
        text.append("| ").append(String.join(" | ", headings)).append(" |\n");
        text.append("|---").append("|---:".repeat(headings.size() - 1)).append("|\n");
        rows.forEach(row -> text.append("| ").append(String.join(" | ", row)).append(" |\n"));
        return text.toString();
    }
}
