// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.doctor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kfr.agent.doctor.Check.State;
import dev.kfr.bpf.linux.Capabilities;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HostChecksTest {
    private static final long BOTH = 1L << Capabilities.BPF | 1L << Capabilities.PERFMON;

    @TempDir
    private Path root;

    private Check named(String name) {
        return new HostChecks(root)
                .all().stream()
                        .filter(check -> check.name().equals(name))
                        .findAny()
                        .orElseThrow();
    }

    private void file(String path, String content) throws Exception {
        Files.writeString(
                Files.createDirectories(root.resolve(path).getParent())
                        .resolve(Path.of(path).getFileName()),
                content);
    }

    @Test
    void namesTheCapabilitiesThatAreLacking() {
        assertEquals(
                "lacks CAP_BPF and CAP_PERFMON",
                HostChecks.capabilities(true, new Capabilities(0)).found());
        var one = HostChecks.capabilities(true, new Capabilities(1L << Capabilities.BPF));
        assertEquals("lacks CAP_PERFMON", one.found());
        assertEquals(State.MISSING, one.state());
    }

    @Test
    void twoCapabilitiesAreEnoughAndOneContainsThem() {
        assertEquals(
                State.NOTE,
                HostChecks.capabilities(true, new Capabilities(BOTH)).state());
        assertEquals(
                State.OK,
                HostChecks.capabilities(true, new Capabilities(1L << Capabilities.SYS_ADMIN))
                        .state());
    }

    @Test
    void capabilitiesOfAUserNamespaceDoNotCount() {
        assertEquals(
                State.MISSING,
                HostChecks.capabilities(false, new Capabilities(-1)).state());
    }

    @Test
    void onlyOneModeOfLockdownForbidsReading() throws Exception {
        assertEquals(State.OK, named("lockdown").state(), "none");
        file("sys/kernel/security/lockdown", "none [integrity] confidentiality\n");
        assertEquals(State.OK, named("lockdown").state(), "integrity");
        file("sys/kernel/security/lockdown", "none integrity [confidentiality]\n");
        assertEquals(State.MISSING, named("lockdown").state(), "confidentiality");
    }

    @Test
    void tellsOfAFilterOfSystemCalls() throws Exception {
        file("proc/self/status", "Name:\tjava\nSeccomp:\t0\n");
        assertEquals("no filter", named("seccomp").found());
        file("proc/self/status", "Name:\tjava\nSeccomp:\t2\n");
        assertTrue(named("seccomp").found().startsWith("a filter"), named("seccomp")::toString);
    }

    @Test
    void otherSystemsAndProcessorsAreRefused() {
        assertEquals(
                State.MISSING, HostChecks.kernel("FreeBSD", "amd64", "14.1").state());
        assertEquals(
                State.MISSING, HostChecks.kernel("Linux", "riscv64", "6.12").state());
    }
}
