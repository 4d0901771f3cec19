// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.jmx;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A table as text: numbers to the right, words to the left, each column as wide as it must be. */
public final class TextTable {
    private static final int WIDEST = 100;
    private static final String GAP = "  ";

    private final String title;
    private final String[] heads;
    private final boolean[] right;
    private final List<String[]> rows = new ArrayList<>();

    /** @param heads of the columns; one that begins with {@code >} is aligned to the right */
    public TextTable(String title, String... heads) {
        this.title = title;
        this.heads = new String[heads.length];
        this.right = new boolean[heads.length];
        for (int i = 0; i < heads.length; i++) {
            right[i] = heads[i].startsWith(">");
            this.heads[i] = right[i] ? heads[i].substring(1) : heads[i];
        }
    }

    public TextTable row(Object... cells) {
        var row = new String[heads.length];
        for (int i = 0; i < row.length; i++) {
            row[i] = cut(printable(String.valueOf(cells[i])), right[i]);
        }
        rows.add(row);
        return this;
    }

    /** Names come from the kernel and can hold anything; a terminal must not obey them. */
    private static String printable(String text) {
        StringBuilder clean = null;
        for (int i = 0; i < text.length(); i++) {
            if (Character.isISOControl(text.charAt(i))) {
                if (clean == null) {
                    clean = new StringBuilder(text);
                }
                clean.setCharAt(i, '?');
            }
        }
        return clean == null ? text : clean.toString();
    }

    /** Of a long path the end says more than the front. */
    private static String cut(String text, boolean number) {
        return number || text.length() <= WIDEST ? text : "..." + text.substring(text.length() - WIDEST + 3);
    }

    @Override
    public String toString() {
        int[] widths = new int[heads.length];
        for (int i = 0; i < heads.length; i++) {
            widths[i] = heads[i].length();
            for (String[] row : rows) {
                widths[i] = Math.max(widths[i], row[i].length());
            }
        }
        var text = new StringBuilder(title).append('\n');
        if (rows.isEmpty()) {
            return text.append("  (nothing)\n").toString();
        }
        line(text, heads, widths);
        for (String[] row : rows) {
            line(text, row, widths);
        }
        return text.toString();
    }

    private void line(StringBuilder text, String[] cells, int[] widths) {
        int start = text.length();
        for (int i = 0; i < cells.length; i++) {
            text.append(GAP);
            String fill = " ".repeat(widths[i] - cells[i].length());
            text.append(right[i] ? fill + cells[i] : cells[i] + fill);
        }
        int end = text.length();
        while (end > start && text.charAt(end - 1) == ' ') {
            end--;
        }
        text.setLength(end);
        text.append('\n');
    }

    /** A whole number with its thousands apart. */
    public static String count(long value) {
        return String.format(Locale.ROOT, "%,d", value);
    }

    /** A rate: per second. */
    public static String rate(double perSecond) {
        return String.format(Locale.ROOT, perSecond < 10 ? "%,.1f" : "%,.0f", perSecond);
    }

    /** A time in the unit that fits. */
    public static String time(long nanos) {
        if (nanos < 1_000) {
            return nanos + " ns";
        }
        if (nanos < 1_000_000) {
            return String.format(Locale.ROOT, "%.1f us", nanos / 1e3);
        }
        if (nanos < 1_000_000_000) {
            return String.format(Locale.ROOT, "%.1f ms", nanos / 1e6);
        }
        return String.format(Locale.ROOT, "%,.1f s", nanos / 1e9);
    }

    /** An amount of data in the unit that fits. */
    public static String bytes(long bytes) {
        String[] units = {"B", "KiB", "MiB", "GiB", "TiB", "PiB"};
        double value = bytes;
        int unit = 0;
        while (value >= 1024 && unit < units.length - 1) {
            value /= 1024;
            unit++;
        }
        return unit == 0 ? bytes + " B" : String.format(Locale.ROOT, "%.1f %s", value, units[unit]);
    }
}
