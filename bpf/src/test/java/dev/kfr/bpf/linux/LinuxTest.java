// SPDX-License-Identifier: Apache-2.0
package dev.kfr.bpf.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kfr.bpf.BpfException;
import dev.kfr.bpf.BpfException.Reason;
import dev.kfr.bpf.NeedsKernel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class LinuxTest {
    @Test
    void errorsHaveTheirNames() {
        assertEquals("EPERM", Errno.name(1));
        assertEquals("EDOM", Errno.name(33));
        assertEquals("ENOMSG", Errno.name(42));
        assertEquals("EOPNOTSUPP", Errno.name(95));
        assertEquals("EHWPOISON", Errno.name(133));
        assertEquals("ENOTSUPP", Errno.name(524));
        assertEquals("41", Errno.name(41));
        assertEquals("134", Errno.name(134));
        assertEquals("0", Errno.name(0));
        for (int errno = 1; errno <= 133; errno++) {
            if (Errno.name(errno).startsWith("E")) {
                assertEquals(errno, Errno.number(Errno.name(errno)));
            }
        }
        assertEquals(0, Errno.number("ENOSUCH"));
        assertEquals(0, Errno.number("-"));
    }

    @Test
    void failuresTellWhatWasDoneAndWhatTheKernelSaid() {
        BpfException e = assertThrows(BpfException.class, () -> Descriptor.duplicate(Integer.MAX_VALUE));
        assertEquals(Reason.INVALID, e.reason());
        assertEquals("EBADF", e.errnoName());
        assertEquals("duplicate descriptor 2147483647: EBADF", e.getMessage());
    }

    @Test
    void versionsAreComparedByNumber() {
        var version = KernelVersion.parse("5.10.0-30-cloud-amd64");
        assertEquals(new KernelVersion(5, 10), version);
        assertTrue(version.atLeast(5, 8));
        assertTrue(version.atLeast(5, 10));
        assertFalse(version.atLeast(5, 11));
        assertFalse(version.atLeast(6, 1));
        assertEquals(new KernelVersion(7, 3), KernelVersion.parse("7.3-rc1+"));
        assertEquals(new KernelVersion(0, 0), KernelVersion.parse("unknown"));
    }

    @Test
    void theRunningVersionIsTheOneOfUname() {
        assertTrue(System.getProperty("os.version").startsWith(KernelVersion.running() + "."));
    }

    @Test
    void listsOfCpusAreRanges() {
        assertEquals(List.of(0), Cpus.parse("0").stream().boxed().toList());
        assertEquals(
                List.of(0, 1, 2, 3, 8, 10, 11),
                Cpus.parse("0-3,8,10-11").stream().boxed().toList());
    }

    @Test
    void thisMachineHasAtLeastTheCpusThatJavaSees() {
        int online = Cpus.online().cardinality();
        assertTrue(online >= Runtime.getRuntime().availableProcessors(), online + " online");
        assertTrue(Cpus.possible() >= Cpus.online().length(), Cpus.possible() + " possible");
    }

    @Test
    void theThreadsIdIsTheOneInProc() throws IOException {
        var self = Files.readSymbolicLink(Path.of("/proc/thread-self")).getFileName();
        assertEquals(Integer.parseInt(self.toString()), Threads.currentId());
    }

    @Test
    void capabilitiesAreThoseInProc() throws IOException {
        String line = Files.readAllLines(Path.of("/proc/thread-self/status")).stream()
                .filter(text -> text.startsWith("CapEff:"))
                .findFirst()
                .orElseThrow();
        long expected = Long.parseUnsignedLong(line.substring(7).strip(), 16);
        assertEquals(expected, Capabilities.ofCurrentThread().effective());
        assertTrue(new Capabilities(1L << 38 | 1L << 39).mayTrace());
        assertFalse(new Capabilities(1L << 39).mayTrace());
        assertTrue(new Capabilities(1L << 21).mayTrace());
    }

    @Test
    void thePageSizeIsTheKernels() {
        assertEquals(1, Integer.bitCount(PageSize.bytes()));
        assertEquals(PageSize.bytes(), PageSize.roundUp(1));
        assertEquals(PageSize.bytes(), PageSize.roundUp(PageSize.bytes()));
    }

    @Test
    @NeedsKernel
    void kernelSymbolsHaveTheirAddresses() throws IOException {
        var addresses = KernelSymbols.addresses(Set.of("schedule", "no_such_symbol_anywhere"));
        String line = Files.readAllLines(Path.of("/proc/kallsyms")).stream()
                .filter(text -> text.endsWith(" schedule"))
                .findFirst()
                .orElseThrow();
        assertEquals(
                Set.of(Long.parseUnsignedLong(line.substring(0, line.indexOf(' ')), 16)),
                Set.copyOf(addresses.values()));
    }
}
