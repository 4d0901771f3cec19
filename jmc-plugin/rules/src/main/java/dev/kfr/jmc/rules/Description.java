// SPDX-License-Identifier: Apache-2.0
package dev.kfr.jmc.rules;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.openjdk.jmc.common.util.TypedPreference;
import org.openjdk.jmc.flightrecorder.rules.TypedResult;
import org.openjdk.jmc.flightrecorder.rules.util.RulesToolkit.EventAvailability;

/**
 * What Mission Control asks of a rule before it is evaluated.
 *
 * @param events types without which it has nothing to say; that they were enabled is enough, as none may have happened
 */
record Description(
        String id,
        String name,
        String topic,
        List<String> events,
        List<TypedPreference<?>> preferences,
        List<TypedResult<?>> results) {

    Description {
        var all = new ArrayList<TypedResult<?>>();
        all.add(TypedResult.SCORE);
        all.addAll(results);
        results = List.copyOf(all);
    }

    /** That the types are known, which Mission Control checks; that they were enabled we have to find out ourselves. */
    Map<String, EventAvailability> required() {
        var required = new LinkedHashMap<String, EventAvailability>();
        events.forEach(event -> required.put(event, EventAvailability.NONE));
        return required;
    }
}
