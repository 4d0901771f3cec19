// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.cli.top;

import java.lang.reflect.Method;
import java.lang.reflect.ParameterizedType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * An attribute that is a table, and its columns.
 *
 * @param attribute its name
 * @param keyed whether rows have a key, which then is the first column, {@value Column#KEY}
 * @param columns in the order of the row's components
 */
record Table(String attribute, boolean keyed, List<Column> columns) {
    /** The column of a map whose values are no rows. */
    static final String VALUE = "value";

    static Table of(String attribute, Method getter) {
        var arguments = ((ParameterizedType) getter.getGenericReturnType()).getActualTypeArguments();
        boolean keyed = arguments.length == 2;
        var columns = new ArrayList<Column>();
        var row = (Class<?>) arguments[arguments.length - 1];
        if (row.isRecord()) {
            if (keyed
                    && Arrays.stream(row.getRecordComponents())
                            .noneMatch(c -> c.getName().equals("probe"))) {
                columns.add(Column.key());
            }
            for (var component : row.getRecordComponents()) {
                columns.add(Column.of(component.getName(), component, component.getType()));
            }
        } else {
            boolean histogram = arguments[0] == Long.class; // upper bounds in ns
            columns.add(histogram ? new Column(Column.KEY, "shorter than, in ns", long.class) : Column.key());
            columns.add(new Column(VALUE, "", row == String.class ? String.class : long.class));
        }
        return new Table(attribute, keyed, List.copyOf(columns));
    }

    /** A key in the form in which rows have it. */
    Object key(String key) {
        return columns.getFirst().isNumber() ? (Object) Long.valueOf(key) : key;
    }

    /** Whether each row is about a thing that goes on, whose counters grow; the others are about what is over. */
    boolean goesOn() {
        return !attribute.startsWith("Recent");
    }

    /** As people say it: {@code Top processes}. */
    String title() {
        var words = Words.of(attribute);
        return Character.toUpperCase(words.charAt(0)) + words.substring(1);
    }
}
