// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kfr.bpf.linux.Capabilities;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MissingPrivilegeTest {
    private static String with(int... capabilities) {
        long held = 0;
        for (int capability : capabilities) {
            held |= 1L << capability;
        }
        return MissingPrivilege.advice(true, new Capabilities(held));
    }

    @Test
    void namesTheCapabilityThatIsLacking() {
        assertTrue(with().startsWith("It lacks CAP_BPF and CAP_PERFMON. Give"), with());
        assertTrue(with(Capabilities.BPF).startsWith("It lacks CAP_PERFMON. Give"), with(Capabilities.BPF));
        assertTrue(with(Capabilities.PERFMON).startsWith("It lacks CAP_BPF. Give"), with(Capabilities.PERFMON));
    }

    @Test
    void looksElsewhereIfNoneIs() {
        for (var advice : new String[] {with(Capabilities.BPF, Capabilities.PERFMON), with(Capabilities.SYS_ADMIN)}) {
            assertTrue(advice.contains("seccomp profile") && !advice.contains("lacks"), advice);
        }
    }

    @Test
    void thoseOfAUserNamespaceDoNotCount() {
        var advice = MissingPrivilege.advice(false, new Capabilities(-1));
        assertTrue(advice.contains("rootless container"), advice);
    }

    @Test
    void processesAreHiddenWhereTheFirstOneIs(@TempDir Path proc) throws Exception {
        assertEquals(Optional.empty(), HiddenProcesses.reason(proc), "no /proc at all");
        Files.writeString(Files.createDirectories(proc.resolve("self")).resolve("stat"), "");
        assertTrue(HiddenProcesses.reason(proc).orElseThrow().contains("hidepid"));
        Files.writeString(Files.createDirectories(proc.resolve("1")).resolve("stat"), "");
        assertEquals(Optional.empty(), HiddenProcesses.reason(proc));
    }
}
