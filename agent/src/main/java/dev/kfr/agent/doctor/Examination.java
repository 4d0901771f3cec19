// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.doctor;

import dev.kfr.agent.MissingPrivilege;
import dev.kfr.agent.Options;
import dev.kfr.agent.Remedy;
import dev.kfr.agent.RuntimeModules;
import dev.kfr.agent.Subjects;
import dev.kfr.agent.control.Trial;
import dev.kfr.agent.doctor.Check.State;
import dev.kfr.bpf.BpfException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * All that was looked at, of this process: another one's user, container and JVM may differ.
 *
 * @param checks by what they are about: host, container, Java
 * @param probes each that the agent may ever attach; empty if nothing can be loaded at all
 * @param refusal why nothing can be loaded at all; empty if something can
 * @param capabilitiesLacking whether the process has not got the capabilities that count here
 */
public record Examination(
        Map<String, List<Check>> checks, List<Trial.Outcome> probes, String refusal, boolean capabilitiesLacking) {

    /** Looks, and tries; takes a second or two. Nothing stays. */
    public static Examination run() {
        var checks = new LinkedHashMap<String, List<Check>>();
        checks.put("Host", new HostChecks(Path.of("/")).all());
        checks.put("Container", new ContainerChecks(Path.of("/proc")).all());
        checks.put("Java", JavaChecks.all());
        var held = MissingPrivilege.capabilities();
        boolean lacking = held != null && !(held.mayTrace() && MissingPrivilege.inInitialUserNamespace());
        try {
            var outcomes = Trial.run(
                    Subjects.toTry(Options.DEFAULT),
                    Options.DEFAULT.ring(),
                    RuntimeModules.present().jfr());
            return new Examination(checks, outcomes, "", lacking);
        } catch (BpfException e) {
            return new Examination(checks, List.of(), Remedy.of(e), lacking);
        }
    }

    /** Whether everything works. */
    public boolean works() {
        return refusal.isEmpty() && missing() == 0;
    }

    /** How many things do not work. */
    public long missing() {
        return checks.values().stream()
                        .flatMap(List::stream)
                        .filter(check -> check.state() == State.MISSING)
                        .count()
                + probes.stream().filter(probe -> !probe.works()).count()
                + (refusal.isEmpty() ? 0 : 1);
    }
}
