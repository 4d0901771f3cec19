// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.truth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.kfr.agent.Results;
import dev.kfr.events.KernelEvents;
import java.util.List;
import java.util.TreeMap;
import javax.management.openmbean.CompositeData;
import jdk.jfr.Name;
import org.junit.jupiter.api.Test;

/** With everything asked for, everything is attached. */
class ProbesIT {
    private static final String PREFIX = "kernel.";

    @Test
    void aVariantOfEachProbeIsAttached() throws Exception {
        var everything = KernelEvents.ALL.stream()
                .map(event -> event.getAnnotation(Name.class).value().substring(PREFIX.length()))
                .toArray(String[]::new);
        try (var host = Host.start("");
                var recording = host.record(everything)) {
            host.countEverything();
            var probes = new TreeMap<String, CompositeData>();
            Host.await("probes stay detached: " + probes, () -> {
                probes.putAll(host.probes());
                return probes.values().stream()
                        .noneMatch(probe -> probe.get("state").equals("DETACHED"));
            });

            assertFalse(probes.isEmpty());
            var missing = new TreeMap<String, Object>();
            for (var probe : probes.entrySet()) {
                var row = probe.getValue();
                Results.add(
                        "chosen",
                        probe.getKey(),
                        "" + row.get("state"),
                        "" + row.get("variant"),
                        "" + row.get("message"));
                if (!row.get("state").equals("ATTACHED")) {
                    missing.put(probe.getKey(), row.get("message"));
                }
            }
            assertEquals("{}", missing.toString());

            var failures = recording.stop().of("ProbeStatus").stream()
                    .filter(status -> status.getString("state").equals("FAILED"))
                    .toList();
            assertEquals(List.of(), failures);
        }
    }
}
