// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.doctor;

import java.util.List;

/**
 * How a service is given the two capabilities.
 *
 * @param where what starts it
 * @param how lines to copy
 */
public record Grant(String where, List<String> how) {
    /** For each of the usual ways to start a service. */
    public static List<Grant> all(String user) {
        var name = user.equals("root") ? "USER" : user;
        return List.of(
                new Grant(
                        "systemd: systemctl edit SERVICE, then restart it",
                        List.of("[Service]", "AmbientCapabilities=CAP_BPF CAP_PERFMON")),
                new Grant(
                        "Docker",
                        List.of(
                                "docker run --user 0 --cap-drop ALL --cap-add BPF --cap-add PERFMON ...",
                                "# added capabilities do not reach other users than 0, unless the image's java has them (setcap);",
                                "# if the engine's seccomp profile is older than these capabilities, also:",
                                "#   --security-opt seccomp=PROFILE.json, one that allows bpf and perf_event_open")),
                new Grant(
                        "Kubernetes: of the container",
                        List.of(
                                "securityContext:",
                                "  runAsUser: 0 # added capabilities do not reach other users, unless the image's java has them",
                                "  allowPrivilegeEscalation: false",
                                "  capabilities:",
                                "    drop: [ALL]",
                                "    add: [BPF, PERFMON]")),
                new Grant(
                        "a shell",
                        List.of(
                                "sudo setpriv --reuid " + name + " --regid $(id -g " + name + ") --init-groups \\",
                                "  --inh-caps +bpf,+perfmon --ambient-caps +bpf,+perfmon \\",
                                "  java -javaagent:kfr.jar ...")));
    }
}
