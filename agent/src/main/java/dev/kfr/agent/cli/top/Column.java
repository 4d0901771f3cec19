// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.cli.top;

import dev.kfr.agent.jmx.Described;
import dev.kfr.agent.jmx.TextTable;
import java.lang.reflect.AnnotatedElement;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Date;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * A column of a table, or an attribute that is a number.
 *
 * @param name as the MBean has it
 * @param words what it means; tells its unit
 * @param type of its values
 */
record Column(String name, String words, Class<?> type) {
    /** Of tables whose rows have a key. */
    static final String KEY = "key";

    private static final Pattern EXTREME = Pattern.compile("p[0-9]+|max[A-Z].*");

    /** Other numbers that do not grow with what happens. */
    private static final Pattern NO_COUNTER =
            Pattern.compile("key|pid|uid|.*Port|exitCode|lifetime|smoothedRtt|.*PerSecond|TableSize"
                    + "|Running|ProbesAttached|ProbesFailed|user|system|irq|softirq|idle|ioWait|steal");

    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("HH:mm:ss", Locale.ROOT);

    /** @param described where its {@link Described} words stand, if it has any */
    static Column of(String name, AnnotatedElement described, Class<?> type) {
        var words = described.getAnnotation(Described.class);
        return new Column(name, words == null ? "" : words.value(), type);
    }

    static Column key() {
        return new Column(KEY, "", String.class);
    }

    /** Its head. */
    String label() {
        if (name.equals(KEY)) {
            return isNumber() ? "shorter than" : "name";
        }
        return Words.of(name);
    }

    boolean isNumber() {
        return type.isPrimitive() && type != boolean.class;
    }

    /** Whether what it grows by tells what happened meanwhile. */
    boolean isCounter() {
        return (type == long.class || type == int.class)
                && !isExtreme()
                && !NO_COUNTER.matcher(name).matches();
    }

    /** Whether it is a percentile or a maximum of all that was counted. */
    boolean isExtreme() {
        return EXTREME.matcher(name).matches();
    }

    private boolean isTime() {
        return words.contains("in ns");
    }

    private boolean isBytes() {
        return name.toLowerCase(Locale.ROOT).contains("bytes") || words.contains("in bytes");
    }

    /** A value in the unit that fits. */
    String show(Object value) {
        return switch (value) {
            case null -> "";
            case Long bound when bound == Long.MAX_VALUE -> "";
            case Number number
            when name.equals("pid") || name.equals("uid") || name.endsWith("Port") -> Long.toString(number.longValue());
            case Number number when isTime() -> TextTable.time(number.longValue());
            case Number number when isBytes() -> TextTable.bytes(number.longValue());
            case Double number -> TextTable.rate(number);
            case Number number -> TextTable.count(number.longValue());
            case Date time ->
                LocalTime.ofInstant(time.toInstant(), ZoneId.systemDefault()).format(TIME);
            default -> value.toString();
        };
    }

    /** A counter's growth in a second; of times it is their share of the second. */
    String showRate(double perSecond) {
        if (isTime()) {
            return TextTable.time(Math.round(perSecond));
        }
        return isBytes() ? TextTable.bytes(Math.round(perSecond)) : perSecond == 0 ? "0" : TextTable.rate(perSecond);
    }
}
