// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.doctor;

import dev.kfr.agent.MissingPrivilege;
import dev.kfr.agent.control.Hook;
import dev.kfr.bpf.BpfException;
import dev.kfr.bpf.btf.KernelBtf;
import dev.kfr.bpf.linux.Capabilities;
import dev.kfr.bpf.linux.KernelVersion;
import dev.kfr.bpf.linux.MemoryLock;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The kernel, and what it allows this process. */
final class HostChecks {
    private static final KernelVersion FLOOR = new KernelVersion(5, 8);

    private static final String NEEDED = "Linux 5.8 or later with BTF is needed";

    private final Path root;

    /** @param root of the file system */
    HostChecks(Path root) {
        this.root = root;
    }

    List<Check> all() {
        var checks = new ArrayList<Check>();
        checks.add(kernel(
                System.getProperty("os.name"), System.getProperty("os.arch"), text("proc/sys/kernel/osrelease")));
        checks.add(types());
        checks.add(capabilities(MissingPrivilege.inInitialUserNamespace(), MissingPrivilege.capabilities()));
        checks.add(lockdown());
        checks.add(seccomp());
        checks.add(tracefs(KernelVersion.running()));
        if (MemoryLock.limitsBpf()) {
            checks.add(memoryLock());
        }
        return checks;
    }

    static Check kernel(String system, String architecture, String release) {
        var name = "kernel";
        var found = system + " " + release + " (" + architecture + ")";
        if (!system.equals("Linux")) {
            return Check.missing(name, found, "Linux is needed");
        }
        if (!architecture.equals("amd64") && !architecture.equals("aarch64")) {
            return Check.missing(name, found, "x86-64 or AArch64 is needed");
        }
        return KernelVersion.running().compareTo(FLOOR) >= 0
                ? Check.ok(name, found)
                : Check.missing(name, found, NEEDED);
    }

    private Check types() {
        var file = root.resolve("sys/kernel/btf/vmlinux");
        try {
            KernelBtf.ofRunningKernel();
            return Check.ok("BTF", file + ", " + Files.size(file) / 1024 + " KiB");
        } catch (BpfException | IOException e) {
            return Check.missing(
                    "BTF", String.valueOf(e.getMessage()), NEEDED + " (CONFIG_DEBUG_INFO_BTF), and /sys to be mounted");
        }
    }

    /** @param held null if they can't be told */
    static Check capabilities(boolean initialUserNamespace, Capabilities held) {
        var name = "capabilities";
        if (held == null) {
            return Check.missing(name, "can't be told", "Native access has to be allowed: see the Java section");
        }
        if (!initialUserNamespace) {
            return Check.missing(
                    name,
                    "those of a user namespace, as in a rootless container",
                    "Only the host's CAP_BPF and CAP_PERFMON count: run the service as a user of the host");
        }
        var lacking = MissingPrivilege.lacking(held);
        if (!lacking.isEmpty()) {
            return Check.missing(
                    name, "lacks " + String.join(" and ", lacking), "See below how a process is given them");
        }
        return held.has(Capabilities.SYS_ADMIN)
                ? Check.ok(name, "CAP_SYS_ADMIN")
                : Check.note(
                        name,
                        "CAP_BPF and CAP_PERFMON",
                        "Everything works but the run times of probes, which the kernel measures for CAP_SYS_ADMIN only");
    }

    private Check lockdown() {
        var text = text("sys/kernel/security/lockdown");
        if (text.isEmpty()) {
            return Check.ok("lockdown", "none to be seen");
        }
        return text.contains("[confidentiality]")
                ? Check.missing(
                        "lockdown",
                        text,
                        "The kernel lets nobody read its memory: boot it with lockdown=integrity, or without")
                : Check.ok("lockdown", text);
    }

    private Check seccomp() {
        var mode = text("proc/self/status")
                .lines()
                .filter(line -> line.startsWith("Seccomp:"))
                .map(line -> line.substring("Seccomp:".length()).strip())
                .findFirst()
                .orElse("0");
        return Check.ok(
                "seccomp",
                mode.equals("0")
                        ? "no filter"
                        : "a filter; if it forbids bpf(2) or perf_event_open(2) the probes below say so");
    }

    private Check tracefs(KernelVersion running) {
        var name = "tracefs";
        for (var mountPoint : List.of("sys/kernel/tracing", "sys/kernel/debug/tracing")) {
            if (Files.isReadable(root.resolve(mountPoint).resolve("events"))) {
                return Check.ok(name, "/" + mountPoint);
            }
        }
        var found = "not mounted, or not for this user";
        return Hook.classicFirst(running)
                ? Check.missing(
                        name,
                        found,
                        "This kernel skips runs of all but classic tracepoints, which need it:"
                                + " mount -t tracefs tracefs /sys/kernel/tracing; only root can read it")
                : Check.ok(name, found + "; not needed before Linux 7.0");
    }

    private Check memoryLock() {
        var limit = text("proc/self/limits")
                .lines()
                .filter(line -> line.startsWith("Max locked memory"))
                .map(line ->
                        line.substring("Max locked memory".length()).strip().split("\\s+"))
                .findFirst()
                .map(values -> values[1])
                .orElse("unlimited");
        var held = MissingPrivilege.capabilities();
        boolean liftable = held != null && held.has(Capabilities.SYS_RESOURCE);
        return limit.equals("unlimited") || liftable
                ? Check.ok("RLIMIT_MEMLOCK", liftable ? "can be lifted" : limit)
                : Check.missing(
                        "RLIMIT_MEMLOCK",
                        String.format(Locale.ROOT, "%,d KiB", Long.parseLong(limit) / 1024),
                        "Before Linux 5.11 it counts for maps: ulimit -l unlimited, LimitMEMLOCK=infinity,"
                                + " or CAP_SYS_RESOURCE");
    }

    /** The content of a file without blanks at its ends; empty if it can't be read. */
    private String text(String file) {
        try {
            return Files.readString(root.resolve(file), StandardCharsets.ISO_8859_1)
                    .strip();
        } catch (IOException hidden) {
            return "";
        }
    }
}
