// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.cli;

import java.lang.reflect.InvocationTargetException;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collection;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Values as JSON (RFC 8259), for scripts: maps and records become objects, collections and arrays arrays, what is neither number nor boolean a
 * string. Times are in ISO 8601, numbers that JSON does not have null.
 */
final class Json {
    private static final String INDENT = "  ";

    private Json() {}

    /** On one line. */
    static String line(Object value) {
        var text = new StringBuilder();
        write(text, value, null);
        return text.toString();
    }

    /** On several lines, for people too. */
    static String pretty(Object value) {
        var text = new StringBuilder();
        write(text, value, "\n");
        return text.toString();
    }

    /** @param newLine what begins a line at this depth; null: all on one */
    private static void write(StringBuilder text, Object value, String newLine) {
        switch (value) {
            case null -> text.append("null");
            case Boolean bool -> text.append(bool);
            case Double number -> text.append(Double.isFinite(number) ? number.toString() : "null");
            case Number number -> text.append(number);
            case Map<?, ?> map -> writeObject(text, map, newLine);
            case Record row -> writeObject(text, components(row), newLine);
            case Collection<?> list -> writeArray(text, list, newLine);
            case Object[] list -> writeArray(text, Arrays.asList(list), newLine);
            case Date time -> writeString(text, time.toInstant().toString());
            case Instant time -> writeString(text, time.toString());
            default -> writeString(text, value.toString());
        }
    }

    private static Map<String, Object> components(Record row) {
        var components = new LinkedHashMap<String, Object>();
        for (var component : row.getClass().getRecordComponents()) {
            try {
                components.put(component.getName(), component.getAccessor().invoke(row));
            } catch (IllegalAccessException | InvocationTargetException e) {
                throw new IllegalArgumentException(e);
            }
        }
        return components;
    }

    private static void writeObject(StringBuilder text, Map<?, ?> map, String newLine) {
        var deeper = newLine == null ? null : newLine + INDENT;
        text.append('{');
        var separator = "";
        for (var entry : map.entrySet()) {
            text.append(separator).append(deeper == null ? "" : deeper);
            writeString(text, String.valueOf(entry.getKey()));
            text.append(deeper == null ? ":" : ": ");
            write(text, entry.getValue(), deeper);
            separator = ",";
        }
        text.append(newLine == null || map.isEmpty() ? "" : newLine).append('}');
    }

    private static void writeArray(StringBuilder text, Collection<?> list, String newLine) {
        var deeper = newLine == null ? null : newLine + INDENT;
        text.append('[');
        var separator = "";
        for (var element : list) {
            text.append(separator).append(deeper == null ? "" : deeper);
            write(text, element, deeper);
            separator = ",";
        }
        text.append(newLine == null || list.isEmpty() ? "" : newLine).append(']');
    }

    private static void writeString(StringBuilder text, String string) {
        text.append('"');
        for (int i = 0; i < string.length(); i++) {
            char c = string.charAt(i);
            switch (c) {
                case '"' -> text.append("\\\"");
                case '\\' -> text.append("\\\\");
                case '\n' -> text.append("\\n");
                case '\r' -> text.append("\\r");
                case '\t' -> text.append("\\t");
                default -> {
                    if (c < ' ' || Character.isSurrogate(c) && !isPaired(string, i)) {
                        text.append(String.format("\\u%04x", (int) c));
                    } else {
                        text.append(c);
                    }
                }
            }
        }
        text.append('"');
    }

    private static boolean isPaired(String string, int i) {
        return Character.isHighSurrogate(string.charAt(i))
                ? i + 1 < string.length() && Character.isLowSurrogate(string.charAt(i + 1))
                : i > 0 && Character.isHighSurrogate(string.charAt(i - 1));
    }
}
