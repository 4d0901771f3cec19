// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.cli.top;

import dev.kfr.agent.jmx.TextTable;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** What is on the screen at a time: the numbers of a view and its tables, from a reading and the one before. */
final class Frame {
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
        var tables = view.tables().stream()
                .filter(table -> now.values().containsKey(table.attribute()))
                .toList();
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
        for (var column : view.numbers()) {
            var value = now.number(column.name());
            if (value == null || column.name().endsWith("PerSecond")) {
                continue;
            }
            var word = number(column, value);
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

    private String number(Column column, Number value) {
        var text = column.label() + " " + column.show(value);
        Number last = before == null ? null : before.number(column.name());
        if (last == null || !column.isCounter()) {
            return text;
        }
        return text + " (" + column.showRate(perSecond(value.longValue() - last.longValue())) + "/s)";
    }

    private double perSecond(long growth) {
        return Math.max(0, growth) * 1e9 / Math.max(1, now.nanoTime() - before.nanoTime());
    }

    private List<String> table(Table table, int rows) {
        var earlier = order.totals() || before == null || !table.goesOn() ? null : new Earlier(table, before, now);
        var sorted = sorted(table, earlier);
        var columns = shown(table, sorted);
        boolean rates = earlier != null && columns.stream().anyMatch(Column::isCounter);
        var text = new TextTable(
                table.title() + (rates ? ", per second" + extremes(columns) : ""),
                columns.stream().map(this::head).toArray(String[]::new));
        for (var row : sorted.subList(0, Math.min(rows, sorted.size()))) {
            text.row(columns.stream().map(column -> cell(column, row, earlier)).toArray());
        }
        return text.toString().lines().toList();
    }

    /** Longest times and percentiles are none of the last interval: nothing tells what they were in it. */
    private static String extremes(List<Column> columns) {
        var names =
                columns.stream().filter(Column::isExtreme).map(Column::label).collect(Collectors.joining(", "));
        return names.isEmpty() ? "" : "; " + names + " since counting began";
    }

    private String head(Column column) {
        var words = column.isNumber() ? ">" + column.label() : column.label();
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

    /** @param earlier null: totals are shown */
    private String cell(Column column, Map<String, Object> row, Earlier earlier) {
        return earlier != null && column.isCounter() && row.get(column.name()) instanceof Number number
                ? column.showRate(perSecond(earlier.growth(column, row, number)))
                : column.show(row.get(column.name()));
    }

    private List<Map<String, Object>> sorted(Table table, Earlier earlier) {
        var rows = new ArrayList<>(now.rows(table));
        table.columns().stream()
                .filter(each -> each.name().equals(order.column()))
                .findAny()
                .map(column -> comparator(column, column.isCounter() ? earlier : null))
                .map(comparator -> order.reversed() ? Collections.reverseOrder(comparator) : comparator)
                .ifPresent(rows::sort);
        return rows;
    }

    /** Numbers and times: most first; words: by the alphabet. What grew as much stays in the order of what there is in all. */
    @SuppressWarnings("unchecked")
    private static Comparator<Map<String, Object>> comparator(Column column, Earlier earlier) {
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
                                -(row.get(column.name()) instanceof Number n ? earlier.growth(column, row, n) : 0))
                        .thenComparing(byValue);
    }

    /** A table's rows at the reading before, to tell what they grew by. */
    private static final class Earlier {
        private final Map<List<Object>, Map<String, Object>> rows = new HashMap<>();
        private final boolean complete;

        Earlier(Table table, Reading before, Reading now) {
            before.rows(table).forEach(row -> rows.put(identity(row), row));
            complete = rows.size() < now.rows(table).size();
        }

        private static List<Object> identity(Map<String, Object> row) {
            var identity = new ArrayList<>();
            IDENTITY.forEach(name -> identity.add(row.get(name)));
            return identity;
        }

        /**
         * A row that was not there counts from nothing if the table was not full, as it has more rows now; from a full one it may have
         * been left out with any value, so it shows no growth.
         */
        long growth(Column column, Map<String, Object> row, Number value) {
            var then = rows.get(identity(row));
            if (then == null) {
                return complete ? value.longValue() : 0;
            }
            return then.get(column.name()) instanceof Number last ? value.longValue() - last.longValue() : 0;
        }
    }
}
