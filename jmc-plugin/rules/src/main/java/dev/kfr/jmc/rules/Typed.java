// SPDX-License-Identifier: Apache-2.0
package dev.kfr.jmc.rules;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmc.common.unit.IQuantity;
import org.openjdk.jmc.common.unit.UnitLookup;
import org.openjdk.jmc.flightrecorder.rules.TypedResult;

/** Kinds of results and their values; texts of rules name a result by its identifier in braces. */
final class Typed {
    private Typed() {}

    static TypedResult<IQuantity> time(String id, String name) {
        return new TypedResult<>(id, name, name, UnitLookup.TIMESPAN, IQuantity.class);
    }

    static TypedResult<IQuantity> number(String id, String name) {
        return new TypedResult<>(id, name, name, UnitLookup.NUMBER, IQuantity.class);
    }

    static TypedResult<IQuantity> share(String id, String name) {
        return new TypedResult<>(id, name, name, UnitLookup.PERCENTAGE, IQuantity.class);
    }

    static TypedResult<IQuantity> bytes(String id, String name) {
        return new TypedResult<>(id, name, name, UnitLookup.MEMORY, IQuantity.class);
    }

    static TypedResult<IQuantity> instant(String id, String name) {
        return new TypedResult<>(id, name, name, UnitLookup.TIMESTAMP, IQuantity.class);
    }

    static TypedResult<String> text(String id, String name) {
        return new TypedResult<>(id, name, name, UnitLookup.PLAIN_TEXT, String.class);
    }

    static IQuantity nanos(double nanos) {
        if (nanos >= TimeUnit.SECONDS.toNanos(1)) {
            return UnitLookup.SECOND.quantity(rounded(nanos / TimeUnit.SECONDS.toNanos(1)));
        }
        return UnitLookup.MILLISECOND.quantity(rounded(nanos / TimeUnit.MILLISECONDS.toNanos(1)));
    }

    static IQuantity instant(long epochNanos) {
        return UnitLookup.EPOCH_NS.quantity(epochNanos);
    }

    static IQuantity number(double number) {
        return UnitLookup.NUMBER_UNITY.quantity(rounded(number));
    }

    /** @param share 1 is all */
    static IQuantity share(double share) {
        return UnitLookup.PERCENT.quantity(rounded(100 * share));
    }

    static IQuantity bytes(long bytes) {
        return UnitLookup.BYTE.quantity(bytes);
    }

    /** Three digits that count: nobody decides by the fourth. */
    static double rounded(double value) {
        if (value == 0 || Double.isNaN(value) || Double.isInfinite(value)) {
            return value;
        }
        double unit = Math.pow(10, Math.max(0, 2 - (int) Math.floor(Math.log10(Math.abs(value)))));
        return Math.rint(value * unit) / unit;
    }
}
