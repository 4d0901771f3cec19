// SPDX-License-Identifier: Apache-2.0
package dev.kfr.jmc.rules;

import java.util.ArrayList;
import java.util.List;
import org.openjdk.jmc.common.unit.IQuantity;
import org.openjdk.jmc.common.unit.IUnit;
import org.openjdk.jmc.common.unit.LinearKindOfQuantity;
import org.openjdk.jmc.common.util.IPreferenceValueProvider;
import org.openjdk.jmc.common.util.TypedPreference;

/** The two preferences that nearly each rule has: from which value on it tells, and from which on it warns. */
record Limits(TypedPreference<IQuantity> info, TypedPreference<IQuantity> warning) {

    /**
     * @param id what both identifiers begin with, such as {@code dev.kfr.sync}
     * @param what is measured, as it continues "Information limit: "
     */
    static Limits of(String id, String what, IQuantity info, IQuantity warning) {
        return new Limits(
                preference(id + ".info", "Information limit: " + what, "Results of at least this much are shown", info),
                preference(
                        id + ".warning",
                        "Warning limit: " + what,
                        "Results of at least this much are a warning",
                        warning));
    }

    /** A preference that is a quantity; it takes the kind of its default. */
    static TypedPreference<IQuantity> preference(String id, String name, String description, IQuantity value) {
        return new TypedPreference<>(id, name, description, (LinearKindOfQuantity) value.getType(), value);
    }

    List<TypedPreference<?>> and(TypedPreference<?>... more) {
        var all = new ArrayList<TypedPreference<?>>(List.of(info, warning));
        all.addAll(List.of(more));
        return List.copyOf(all);
    }

    /** The curve through the limits that the user set, for values in this unit. */
    Curve curve(IPreferenceValueProvider preferences, IUnit unit) {
        return new Curve(
                preferences.getPreferenceValue(info).doubleValueIn(unit),
                preferences.getPreferenceValue(warning).doubleValueIn(unit));
    }
}
