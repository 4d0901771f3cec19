// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.truth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kfr.agent.Results;
import dev.kfr.events.KernelEvents;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
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

    /** The kernel counts tasks that were made; so does the program there, which runs once for each. */
    @Test
    void tellsHowOftenProgramsRan() throws Exception {
        final int forks = 400;
        try (var host = Host.start("");
                var witness = Witness.start("fork", forks)) {
            assertEquals(0, measurements(host), "measures although nobody wants to know");
            long outerBefore = tasksMade();
            try (var recording = host.record("ProbeStatistics")) {
                Host.await("does not measure", () -> measurements(host) == 1);
                long innerBefore = tasksMade();
                witness.go();
                long inner = tasksMade() - innerBefore;
                var rows = recording.stop().of("ProbeStatistics").stream()
                        .filter(row -> row.getString("variant").startsWith("process_fork_"))
                        .toList();
                long outer = tasksMade() - outerBefore;
                long runs = rows.stream().mapToLong(row -> row.getLong("runs")).sum();
                long skipped =
                        rows.stream().mapToLong(row -> row.getLong("skipped")).sum();
                var figures = inner + " to " + outer + " tasks were made, " + runs + " runs, " + skipped + " skipped: "
                        + rows;
                assertTrue(forks <= inner && inner <= runs + skipped && runs <= outer, figures);
                for (var row : rows) {
                    long runTime = row.getDuration("runTime").toNanos();
                    double share =
                            (double) runTime / row.getDuration("interval").toNanos();
                    assertTrue(runTime > 0, figures);
                    assertEquals(share, row.getFloat("cpuShare"), 0.01 * share, figures);
                }
            }
            Host.await("measures although nobody wants to know any more", () -> measurements(host) == 0);
        }
    }

    /** Processes and threads that were made since the machine started. */
    private static long tasksMade() throws IOException {
        return Files.readAllLines(Path.of("/proc/stat")).stream()
                .filter(line -> line.startsWith("processes "))
                .mapToLong(line -> Long.parseLong(line.substring(line.indexOf(' ') + 1)))
                .sum();
    }

    /** How often the service has the kernel measure programs: it does so as long as somebody holds a descriptor for it. */
    private static long measurements(Host host) {
        try (var descriptors = Files.list(Path.of("/proc/" + host.jvm().pid() + "/fd"))) {
            return descriptors.filter(ProbesIT::isMeasurement).count();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean isMeasurement(Path descriptor) {
        try {
            return Files.readSymbolicLink(descriptor).toString().contains("bpf-stats");
        } catch (IOException closed) {
            return false;
        }
    }
}
