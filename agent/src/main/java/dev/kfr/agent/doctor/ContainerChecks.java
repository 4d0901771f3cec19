// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.doctor;

import dev.kfr.agent.HiddenProcesses;
import dev.kfr.agent.record.AgentIdentity;
import dev.kfr.agent.record.Containers;
import java.nio.file.Path;
import java.util.List;

/** Where this process lives, and what it can see from there. */
final class ContainerChecks {
    private final Path proc;

    ContainerChecks(Path proc) {
        this.proc = proc;
    }

    List<Check> all() {
        var identity = AgentIdentity.ofThisProcess();
        return List.of(container(identity), pids(identity), hiddenProcesses());
    }

    private static Check container(AgentIdentity identity) {
        var name = new Containers(identity).own();
        var path = identity.cgroupPath();
        return Check.ok(
                "container",
                (name.isEmpty() ? "none" : name)
                        + ", cgroup " + path
                        + (identity.controller().isEmpty() ? " (v2)" : " (v1, " + identity.controller() + ")"));
    }

    private static Check pids(AgentIdentity identity) {
        return identity.hostPid() == identity.pid()
                ? Check.ok("pid namespace", "the host's")
                : Check.ok(
                        "pid namespace",
                        "one of its own: processes outside of it have the host's ids, and pidNamespace is 'host'");
    }

    private Check hiddenProcesses() {
        return HiddenProcesses.reason(proc)
                .map(reason -> Check.missing("processes of others", "hidden", reason))
                .orElse(Check.ok("processes of others", "to be seen in /proc"));
    }
}
