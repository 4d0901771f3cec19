// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent;

import static dev.kfr.agent.GeneratedDocs.cell;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.kfr.agent.jmx.Described;
import dev.kfr.agent.jmx.MXBeans;
import dev.kfr.agent.jmx.Notifications;
import java.lang.reflect.Method;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** {@code docs/mbeans.md} names each attribute, column, operation and notification as the interfaces have them. */
class MBeansPageTest {
    @Test
    void namesEveryAttributeColumnAndOperation() throws Exception {
        assertEquals(
                Stream.concat(Stream.of("agent"), Stream.of(Subject.values()).map(Subject::toString))
                        .collect(Collectors.toSet()),
                MXBeans.ALL.stream()
                        .map(mxbean -> type(mxbean).toLowerCase(Locale.ROOT))
                        .collect(Collectors.toSet()),
                "an MBean for each subject");
        var parts = new TreeMap<String, String>();
        parts.put("overview", overview());
        parts.put(
                "attributes",
                MXBeans.ALL.stream().map(MBeansPageTest::reference).collect(Collectors.joining("\n")));
        parts.put("notifications", notifications());
        GeneratedDocs.page("mbeans.md").hold(parts);
    }

    private static String type(Class<?> mxbean) {
        return mxbean.getSimpleName().replace("MXBean", "");
    }

    private static String words(Described described) {
        return described == null ? "" : cell(described.value());
    }

    private static String overview() {
        var table = new StringBuilder("| name | what it shows |\n|---|---|\n");
        for (var mxbean : MXBeans.ALL) {
            table.append(
                    "| `kernel:type=" + type(mxbean) + "` | " + words(mxbean.getAnnotation(Described.class)) + " |\n");
        }
        return table.toString();
    }

    private static String reference(Class<?> mxbean) {
        var text = new StringBuilder("#### `kernel:type=" + type(mxbean) + "`\n\n");
        var rows = new LinkedHashSet<Class<?>>();
        text.append("| attribute | type | what it is |\n|---|---|---|\n");
        for (var getter : methods(mxbean).filter(MBeansPageTest::isGetter).toList()) {
            var name = getter.getName().replaceFirst("^(get|is)", "");
            boolean writable =
                    methods(mxbean).anyMatch(method -> method.getName().equals("set" + name));
            text.append("| `" + name + "`" + (writable ? ", writable" : "") + " | "
                    + type(getter.getGenericReturnType(), rows) + " | " + words(getter.getAnnotation(Described.class))
                    + " |\n");
        }
        for (var row : rows) {
            text.append("\n| column of `" + row.getSimpleName() + "` | what it is |\n|---|---|\n");
            for (var column : row.getRecordComponents()) {
                text.append("| `" + column.getName() + "` | " + words(column.getAnnotation(Described.class)) + " |\n");
            }
        }
        text.append("\n| operation | what it does |\n|---|---|\n");
        for (var method : methods(mxbean)
                .filter(m -> !isGetter(m) && !m.getName().startsWith("set"))
                .toList()) {
            var parameters = Arrays.stream(method.getParameters())
                    .map(parameter -> parameter.getAnnotation(Described.class).name())
                    .collect(Collectors.joining(", "));
            text.append("| `" + method.getName() + "(" + parameters + ")` | "
                    + words(method.getAnnotation(Described.class)) + " |\n");
        }
        return text.toString();
    }

    private static Stream<Method> methods(Class<?> mxbean) {
        return Arrays.stream(mxbean.getMethods()).sorted(Comparator.comparing(Method::getName));
    }

    private static boolean isGetter(Method method) {
        return method.getParameterCount() == 0 && method.getName().matches("(get|is)[A-Z].*");
    }

    private static String type(Type type, Set<Class<?>> rows) {
        if (type instanceof ParameterizedType table) {
            var arguments = new ArrayList<>(List.of(table.getActualTypeArguments()));
            var row = (Class<?>) arguments.getLast();
            if (row.isRecord()) {
                rows.add(row);
            }
            var what = row.isRecord() ? "`" + row.getSimpleName() + "`" : "number";
            return arguments.size() == 1 ? "rows: " + what : "map to " + what;
        }
        return switch (((Class<?>) type).getSimpleName()) {
            case "String" -> "text";
            case "Date" -> "point in time";
            case "boolean" -> "yes or no";
            default -> "number";
        };
    }

    private static String notifications() {
        var table = new StringBuilder("| type | when |\n|---|---|\n");
        for (var kind : Notifications.Kind.values()) {
            table.append("| `" + kind.type() + "` | " + cell(kind.description()) + " |\n");
        }
        return table.toString();
    }
}
