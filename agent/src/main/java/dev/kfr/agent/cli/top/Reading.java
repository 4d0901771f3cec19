// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.cli.top;

import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import javax.management.Attribute;
import javax.management.InstanceNotFoundException;
import javax.management.JMException;
import javax.management.MBeanServerConnection;
import javax.management.ObjectName;
import javax.management.openmbean.CompositeData;
import javax.management.openmbean.TabularData;

/**
 * What an MBean said at one moment, in one answer, so that it fits together.
 *
 * @param nanoTime when; only differences mean something
 * @param since since when counters run; null if they do not yet
 * @param values of attributes by their names; an attribute that another version of the agent does not have is absent
 */
record Reading(long nanoTime, Instant since, Map<String, Object> values) {
    /**
     * Reads.
     *
     * @param service whether there is a service in that JVM, and not only the command that looks at the host
     * @throws IOException if the JVM can't be reached any more, or has no such MBean
     */
    static Reading of(MBeanServerConnection connection, View view, boolean service) throws IOException {
        var names = Stream.of(
                        view.numbers().stream().map(Column::name),
                        view.tables().stream().map(Table::attribute).filter(name -> service || !isOfTheJvm(name)),
                        Stream.of(view.since()))
                .flatMap(each -> each)
                .toArray(String[]::new);
        try {
            long now = System.nanoTime();
            var values = new LinkedHashMap<String, Object>();
            for (var each : connection.getAttributes(new ObjectName(view.bean()), names)) {
                var attribute = (Attribute) each;
                values.put(attribute.getName(), plain(attribute.getValue()));
            }
            var since = (java.util.Date) values.remove(view.since());
            return new Reading(now, since == null ? null : since.toInstant(), values);
        } catch (InstanceNotFoundException e) {
            throw new IOException(
                    "there is no MBean " + view.bean() + ": its subject is left out by the agent's option"
                            + " probes or mbeans=off, or the agent was stopped",
                    e);
        } catch (JMException e) {
            throw new IOException("cannot read " + view.bean() + ": " + e, e);
        }
    }

    private static boolean isOfTheJvm(String attribute) {
        return attribute.endsWith("OfThisJvm");
    }

    /** Tables as lists of rows or maps from key to row, rows as maps from name to value. */
    private static Object plain(Object value) {
        return switch (value) {
            case CompositeData row -> row(row);
            case CompositeData[] rows -> Stream.of(rows).map(Reading::row).toList();
            case TabularData table -> {
                var rows = new LinkedHashMap<String, Object>();
                for (var each : table.values()) {
                    var entry = (CompositeData) each;
                    rows.put(String.valueOf(entry.get("key")), plain(entry.get("value")));
                }
                yield rows;
            }
            case null, default -> value;
        };
    }

    private static Map<String, Object> row(CompositeData data) {
        var row = new LinkedHashMap<String, Object>();
        data.getCompositeType().keySet().forEach(name -> row.put(name, plain(data.get(name))));
        return row;
    }

    /** A number; null if the agent has no such attribute. */
    Number number(String attribute) {
        return values.get(attribute) instanceof Number number ? number : null;
    }

    /** Rows of a table, in its order; those with keys have them as {@link Column#KEY}. */
    @SuppressWarnings("unchecked")
    List<Map<String, Object>> rows(Table table) {
        return switch (values.get(table.attribute())) {
            case List<?> rows -> (List<Map<String, Object>>) rows;
            case Map<?, ?> rows -> {
                var list = new ArrayList<Map<String, Object>>();
                rows.forEach((key, value) -> {
                    var row = new LinkedHashMap<String, Object>();
                    row.put(Column.KEY, table.key(key.toString()));
                    if (value instanceof Map<?, ?> columns) {
                        columns.forEach((name, cell) -> row.put(name.toString(), cell));
                    } else {
                        row.put(Table.VALUE, value);
                    }
                    list.add(row);
                });
                yield list;
            }
            case null, default -> List.of();
        };
    }
}
