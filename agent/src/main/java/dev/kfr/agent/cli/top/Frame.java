// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.cli.top;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What is on the screen at a time: the numbers of a view and its tables, from a reading and the one before. */
final class Frame {
    private static final String GAP = "  ";
    private static final List<String> IDENTITY = List.of(Column.KEY, "pid", "name", "container", "path");

    private final View view;
    private final Reading now;
    private final Reading before;
    private final Order order;

    /** @param before null if there is none yet; then counters show what there is in all */
    Frame(View view, Reading now, Reading before, Order order) {
        this.view = view;
        this.now = now;
        this.before = before;
        this.order = order;
    }

    /**
     * The lines.
     *
     * @param width of a line
     * @param height how many lines there may be; tables share what the numbers leave
     */
    List<String> lines(int width, int height) {
        var lines = new ArrayList<>(numbers(width));
        var tables = view.tables();
        for (int i = 0; i < tables.size(); i++) {
            lines.add("");
            int left = height - lines.size();
            lines.addAll(table(tables.get(i), Math.max(1, left / (tables.size() - i) - 3)));
        }
        return lines.stream().map(line -> cut(line, width)).toList();
    }

    private static String cut(String line, int width) {
        int length = Math.min(line.length(), width);
        return Character.isHighSurrogate(length > 0 ? line.charAt(length - 1) : ' ')
                ? line.substring(0, length - 1)
                : line.substring(0, length);
    }

    /** Numbers with their rates, as many on a line as fit. */
    private List<String> numbers(int width) {
        var lines = new ArrayList<String>();
        var line = new StringBuilder();
        for (var name : view.numbers()) {
            var value = now.number(name);
            if (value == null || name.endsWith("PerSecond")) {
                continue;
            }
            var word = number(name, value);
            if (!line.isEmpty() && line.length() + 3 + word.length() > width) {
                lines.add(line.toString());
                line.setLength(0);
            }
            line.append(line.isEmpty() ? "" : " | ").append(word);
        }
        if (!line.isEmpty()) {
            lines.add(line.toString());
        }
        return lines;
    }

    private String number(String name, Number value) {
        var column = column(name);
        var text = Words.of(name) + " " + column.show(value);
        Number last = before == null ? null : before.number(name);
        if (last == null || !column.isCounter()) {
            return text;
        }
        return text + " (" + column.showRate(perSecond(value.longValue() - last.longValue())) + "/s)";
    }

    /** An attribute's unit is in its name. */
    private static Column column(String attribute) {
        return new Column(attribute, attribute.endsWith("Time") ? "in ns" : "", long.class);
    }

    private double perSecond(long growth) {
        return Math.max(0, growth) * 1e9 / Math.max(1, now.nanoTime() - before.nanoTime());
    }

    private boolean showsRates(Table table) {
        return !order.totals() && before != null && table.goesOn();
    }

    private List<String> table(Table table, int rows) {
        var sorted = sorted(table);
        var columns = shown(table, sorted);
        var lines = new ArrayList<String>();
        boolean rates = showsRates(table);
        lines.add(table.title() + (rates && columns.stream().anyMatch(Column::isCounter) ? ", per second" : ""));
        if (sorted.isEmpty()) {
            lines.add(GAP + "(nothing)");
            return lines;
        }
        var cells = new ArrayList<String[]>();
        cells.add(columns.stream().map(this::head).toArray(String[]::new));
        var earlier = rates ? earlier(table) : Map.<List<Object>, Map<String, Object>>of();
        for (var row : sorted.subList(0, Math.min(rows, sorted.size()))) {
            cells.add(columns.stream()
                    .map(column -> printable(cell(column, row, rates ? earlier : null)))
                    .toArray(String[]::new));
        }
        lines.addAll(aligned(columns, cells));
        return lines;
    }

    private String head(Column column) {
        var words = column.label();
        return column.name().equals(order.column()) ? words + (order.reversed() ? "^" : "*") : words;
    }

    /** Columns in which some row has something to say, and that this agent knows. */
    private static List<Column> shown(Table table, List<Map<String, Object>> rows) {
        return table.columns().stream()
                .filter(column -> rows.stream().anyMatch(row -> {
                    var value = row.get(column.name());
                    return value != null && !value.equals("");
                }))
                .toList();
    }

    private Map<List<Object>, Map<String, Object>> earlier(Table table) {
        var earlier = new HashMap<List<Object>, Map<String, Object>>();
        before.rows(table).forEach(row -> earlier.put(identity(row), row));
        return earlier;
    }

    private static List<Object> identity(Map<String, Object> row) {
        var identity = new ArrayList<>();
        IDENTITY.forEach(name -> identity.add(row.get(name)));
        return identity;
    }

    /** @param earlier rows of the reading before; null: totals are shown */
    private String cell(Column column, Map<String, Object> row, Map<List<Object>, Map<String, Object>> earlier) {
        var value = row.get(column.name());
        return earlier != null && column.isCounter() && value instanceof Number number
                ? column.showRate(perSecond(growth(column, row, number, earlier)))
                : column.show(value);
    }

    /** A row that was not there before counts from nothing only if all that it has came meanwhile, which nobody knows: it shows none. */
    private static long growth(
            Column column, Map<String, Object> row, Number value, Map<List<Object>, Map<String, Object>> earlier) {
        var then = earlier.get(identity(row));
        return then != null && then.get(column.name()) instanceof Number last
                ? value.longValue() - last.longValue()
                : 0;
    }

    private List<Map<String, Object>> sorted(Table table) {
        var rows = new ArrayList<>(now.rows(table));
        var column = table.columns().stream()
                .filter(each -> each.name().equals(order.column()))
                .findAny();
        if (column.isPresent()) {
            var earlier = showsRates(table) && column.get().isCounter() ? earlier(table) : null;
            Comparator<Map<String, Object>> comparator = comparator(column.get(), earlier);
            rows.sort(order.reversed() ? Collections.reverseOrder(comparator) : comparator);
        }
        return rows;
    }

    /** Numbers and times: most first; words: by the alphabet. What grew as much stays in the order of what there is in all. */
    @SuppressWarnings("unchecked")
    private static Comparator<Map<String, Object>> comparator(
            Column column, Map<List<Object>, Map<String, Object>> earlier) {
        Comparator<Map<String, Object>> byValue = (a, b) -> {
            var left = (Comparable<Object>) a.get(column.name());
            var right = b.get(column.name());
            if (left == null || right == null) {
                return Boolean.compare(left == null, right == null);
            }
            return right instanceof String ? left.compareTo(right) : -left.compareTo(right);
        };
        return earlier == null
                ? byValue
                : Comparator.<Map<String, Object>>comparingLong(row ->
                                -(row.get(column.name()) instanceof Number n ? growth(column, row, n, earlier) : 0))
                        .thenComparing(byValue);
    }

    private static List<String> aligned(List<Column> columns, List<String[]> cells) {
        var lines = new ArrayList<String>();
        for (var row : cells) {
            var line = new StringBuilder();
            for (int i = 0; i < row.length; i++) {
                int column = i;
                int width = cells.stream()
                        .mapToInt(each -> each[column].length())
                        .max()
                        .orElse(0);
                var fill = " ".repeat(width - row[i].length());
                line.append(GAP).append(columns.get(i).isNumber() ? fill + row[i] : row[i] + fill);
            }
            lines.add(line.toString().stripTrailing());
        }
        return lines;
    }

    /** Names come from the kernel and can hold anything; a terminal must not obey them. */
    private static String printable(String text) {
        return text.replaceAll("\\p{Cntrl}", "?");
    }
}
