// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.kfr.agent.cli.JsonText;
import dev.kfr.bpf.NeedsKernel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The command {@code doctor}: whether it says what is so. */
class DoctorIT {
    /** A row of the Agent MBean's probes. A failed one has no variant. */
    private static final Pattern PROBE = Pattern.compile("probe=(\\w+) [^;]*state=\\w+ subject=\\w+ variant=(\\w*)");

    /** Runs it as a command that becomes the JVM. */
    private static Jvm doctor(List<String> command, String... options) throws IOException {
        var all = new ArrayList<>(command);
        all.addAll(List.of(
                Path.of(System.getProperty("java.home"), "bin/java").toString(),
                "-jar",
                Jvm.agentJar().toString(),
                "doctor"));
        all.addAll(List.of(options));
        return Jvm.startCommand(all.toArray(String[]::new));
    }

    /** The witness is the agent itself, with everything switched on that needs no recording. */
    @Test
    @NeedsKernel
    void saysOfEachProbeWhatTheAgentThenDoes() throws Exception {
        try (var doctor = doctor(List.of(), "--json");
                var service = KernelService.startCommand(List.of(), Jvm.agent("start=sync,mbeans=always"))) {
            int exit = doctor.waitFor();
            var told = JsonText.object(String.join("\n", doctor.stdout()));
            assertEquals(exit == 0, told.get("works"), doctor::toString);
            var variants = new TreeMap<String, Object>();
            JsonText.objects(told.get("probes"))
                    .forEach(row -> variants.put((String) row.get("probe"), row.get("variant")));
            service.askUntil("mbeans", names -> names.contains("kernel:type=Agent"));
            service.askUntil("get Agent Probes", rows -> rows.contains("probe=sys_exit "));
            var used = new TreeMap<String, Object>();
            var row = PROBE.matcher(service.ask("get Agent Probes"));
            while (row.find()) {
                used.put(row.group(1), row.group(2));
            }
            assertTrue(used.size() > 10, () -> "the agent's probes: " + used);
            var same = new TreeMap<>(variants);
            same.keySet().retainAll(used.keySet());
            assertEquals(used, same, doctor::toString);
            service.endsWell();
        }
    }

    @Test
    @NeedsKernel
    void exitCodeAndVerdictAgree() throws Exception {
        try (var doctor = doctor(List.of())) {
            int exit = doctor.waitFor();
            var missing = doctor.stdout().stream()
                    .filter(line -> line.startsWith("  MISSING "))
                    .toList();
            assertEquals(missing.isEmpty() ? 0 : 1, exit, doctor::toString);
            assertEquals(
                    missing.isEmpty()
                            ? "Everything works."
                            : missing.size() == 1 ? "One thing is missing." : missing.size() + " things are missing.",
                    doctor.stdout().getLast());
            assertEquals(List.of(), doctor.stderr(), doctor::toString);
        }
    }

    @Test
    void namesWhatIsMissingWithoutCapabilitiesAndHowToGiveIt() throws Exception {
        assumeTrue(System.getProperty("user.name").equals("root"), "only root can take capabilities away");
        try (var doctor = doctor(List.of("setpriv", "--bounding-set=-all", "--inh-caps=-all"))) {
            assertEquals(1, doctor.waitFor(), doctor::toString);
            var output = String.join("\n", doctor.stdout());
            for (var words : List.of(
                    "lacks CAP_BPF and CAP_PERFMON",
                    "Probes: none can be used",
                    "AmbientCapabilities=CAP_BPF CAP_PERFMON",
                    "--cap-add BPF --cap-add PERFMON",
                    "add: [BPF, PERFMON]",
                    "--ambient-caps +bpf,+perfmon")) {
                assertTrue(output.contains(words), () -> words + "\n" + doctor);
            }
        }
    }

    @Test
    @NeedsKernel
    void twoCapabilitiesSufficeAsItSays() throws Exception {
        assumeTrue(System.getProperty("user.name").equals("root"), "only root can take capabilities away");
        try (var doctor = doctor(List.of("setpriv", "--bounding-set=-all,+bpf,+perfmon", "--inh-caps=-all"))) {
            doctor.waitFor();
            var output = String.join("\n", doctor.stdout());
            assertTrue(output.contains("note     capabilities"), doctor::toString);
            assertFalse(output.contains("AmbientCapabilities"), doctor::toString);
            assertFalse(output.contains("none can be used"), doctor::toString);
        }
    }
}
