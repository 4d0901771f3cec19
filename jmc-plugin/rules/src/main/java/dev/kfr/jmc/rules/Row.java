// SPDX-License-Identifier: Apache-2.0
package dev.kfr.jmc.rules;

import java.util.HashMap;
import java.util.Map;
import java.util.regex.Pattern;
import org.openjdk.jmc.common.IMCThread;
import org.openjdk.jmc.common.item.IItem;
import org.openjdk.jmc.common.item.IMemberAccessor;
import org.openjdk.jmc.common.item.IType;
import org.openjdk.jmc.common.unit.IQuantity;
import org.openjdk.jmc.common.unit.IUnit;
import org.openjdk.jmc.common.unit.UnitLookup;
import org.openjdk.jmc.common.util.LabeledIdentifier;
import org.openjdk.jmc.flightrecorder.JfrAttributes;

/**
 * One event, read by the names of its fields. Times are in ns since the epoch, spans in ns, sizes in bytes. A field
 * that the recording lacks, because an older or newer version made it, reads as 0 or empty. One object serves all
 * events of a type, one after the other.
 */
final class Row {
    private static final String ONLY_HOST_KNOWS = "host";
    private static final Pattern DIGITS = Pattern.compile("\\d{1,18}");

    private final Map<String, IMemberAccessor<?, IItem>> fields = new HashMap<>();
    private final IMemberAccessor<IQuantity, IItem> start;
    private final IMemberAccessor<IQuantity, IItem> end;
    private IItem item;

    Row(IType<IItem> type) {
        type.getAccessorKeys().keySet().forEach(key -> fields.put(key.getIdentifier(), type.getAccessor(key)));
        start = JfrAttributes.START_TIME.getAccessor(type);
        end = JfrAttributes.END_TIME.getAccessor(type);
    }

    Row at(IItem next) {
        item = next;
        return this;
    }

    long start() {
        return nanosOf(start == null ? end : start);
    }

    long end() {
        return nanosOf(end == null ? start : end);
    }

    long duration() {
        return Math.max(0, end() - start());
    }

    /** Since when this event counts: a row of a table covers the time since the row before. */
    long since() {
        return end() - Math.max(duration(), number("interval"));
    }

    private long nanosOf(IMemberAccessor<IQuantity, IItem> time) {
        var quantity = time == null ? null : time.getMember(item);
        return quantity == null ? 0 : quantity.clampedLongValueIn(UnitLookup.EPOCH_NS);
    }

    String text(String field) {
        return value(field) instanceof String text ? text : "";
    }

    long number(String field) {
        var value = value(field);
        if (value instanceof IQuantity quantity) {
            return quantity.clampedLongValueIn(unitOf(quantity));
        }
        // Mission Control makes text of the pid in jdk.JVMInformation.
        if (value instanceof String text && DIGITS.matcher(text).matches()) {
            return Long.parseLong(text);
        }
        return value instanceof Number number ? number.longValue() : 0;
    }

    /** Of 1, as all shares are stored. */
    double share(String field) {
        return value(field) instanceof IQuantity quantity ? quantity.doubleValueIn(unitOf(quantity)) : 0;
    }

    boolean flag(String field) {
        return Boolean.TRUE.equals(value(field));
    }

    /** The event type that a setting is for. */
    String typeId(String field) {
        return value(field) instanceof LabeledIdentifier type ? type.getInterfaceId() : "";
    }

    boolean isJavaThread() {
        return value("javaThread") instanceof IMCThread;
    }

    long pid() {
        return number("pid");
    }

    /** Whether the process lies outside what the recording JVM can see, where its id may be another's. */
    boolean isElsewhere() {
        return ONLY_HOST_KNOWS.equals(text("pidNamespace"));
    }

    Who who() {
        return new Who(text("processName"), pid(), text("container"));
    }

    private Object value(String field) {
        var accessor = fields.get(field);
        return accessor == null ? null : accessor.getMember(item);
    }

    private static IUnit unitOf(IQuantity quantity) {
        var kind = quantity.getType();
        if (kind == UnitLookup.TIMESPAN) {
            return UnitLookup.NANOSECOND;
        } else if (kind == UnitLookup.TIMESTAMP) {
            return UnitLookup.EPOCH_NS;
        } else if (kind == UnitLookup.MEMORY) {
            return UnitLookup.BYTE;
        } else if (kind == UnitLookup.PERCENTAGE) {
            return UnitLookup.PERCENT_UNITY;
        }
        return quantity.getUnit();
    }
}
