// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent;

import dev.kfr.bpf.BpfException;
import dev.kfr.bpf.linux.Capabilities;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Why this process may not load eBPF programs, and what helps: the capability that it lacks, by name, or who else refuses. */
public final class MissingPrivilege {
    private static final Path USERS = Path.of("/proc/self/uid_map");

    /** All user ids as they are: how the initial user namespace maps them, see user_namespaces(7). */
    private static final List<String> ALL_USERS = List.of("0", "0", "4294967295");

    private MissingPrivilege() {}

    /** One or two sentences for the operator. */
    static String advice() {
        return advice(inInitialUserNamespace(), capabilities());
    }

    /** @param held null if they can't be told */
    static String advice(boolean initialUserNamespace, Capabilities held) {
        var wanted = "Give the process CAP_BPF and CAP_PERFMON (before Linux 5.8: CAP_SYS_ADMIN)";
        if (!initialUserNamespace) {
            return wanted + " of the host: those of its user namespace, as in a rootless container, do not count";
        }
        if (held == null) {
            return wanted + ", and let its seccomp profile allow bpf(2)";
        }
        if (held.mayTrace()) {
            return "The process has CAP_BPF and CAP_PERFMON, so its seccomp profile, a security module or kernel lockdown"
                    + " refuses: let it allow bpf(2)";
        }
        return "It lacks " + String.join(" and ", lacking(held)) + ". " + wanted;
    }

    /** Names of the capabilities that are lacking; empty if what is held suffices. */
    public static List<String> lacking(Capabilities held) {
        var lacking = new ArrayList<String>();
        if (!held.mayTrace()) {
            if (!held.has(Capabilities.BPF)) {
                lacking.add("CAP_BPF");
            }
            if (!held.has(Capabilities.PERFMON)) {
                lacking.add("CAP_PERFMON");
            }
        }
        return lacking;
    }

    /** Whether capabilities of this process are the host's: those of another user namespace do not count for eBPF. */
    public static boolean inInitialUserNamespace() {
        try {
            return List.of(Files.readString(USERS).strip().split("\\s+")).equals(ALL_USERS);
        } catch (IOException | RuntimeException hidden) {
            return true; // a kernel without user namespaces
        }
    }

    /** Those that this thread holds; null if they can't be told. */
    public static Capabilities capabilities() {
        try {
            return Capabilities.ofCurrentThread();
        } catch (BpfException | LinkageError unknown) {
            return null;
        }
    }
}
