// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.truth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import javax.management.openmbean.CompositeData;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What MBeans tell of one process, against a program that knows what it did; no recording runs. */
class MBeansIT {
    private static final int MOST_ROWS = 1_000;

    private static Host host;

    @TempDir
    private Path directory;

    @BeforeAll
    static void start() throws Exception {
        host = Host.start("");
        for (var type : new String[] {"Syscalls", "Files"}) {
            host.count(type);
            host.set(type, "TableSize", MOST_ROWS);
        }
    }

    @AfterAll
    static void stop() throws Exception {
        host.close();
    }

    @Test
    void tellsTheCallsOfAProcess() throws Exception {
        final int failures = 2_000;
        try (var witness = Witness.start("fail", failures)) {
            long before = calls(witness); // of its start
            long all = host.number("Syscalls", "Calls");
            witness.go();
            assertExactly(2 * failures + Witness.OWN_CALLS, calls(witness) - before, "calls");
            var row = host.row("Syscalls", "TopProcesses", witness.pid());
            assertEquals("witness", row.get("name"));
            assertTrue((long) row.get("totalTime") > 0, row::toString);
            long counted = host.number("Syscalls", "Calls") - all;
            assertTrue(counted + host.skipped() >= 2 * failures, "calls of the host " + counted);
        }
    }

    @Test
    void tellsTheErrorsOfAProcess() throws Exception {
        final int failures = 1_500;
        try (var witness = Witness.start("flood", failures)) {
            long before = errors(witness);
            witness.go();
            assertExactly(failures, errors(witness) - before, "errors");
        }
    }

    @Test
    void tellsWhatAProcessDoesWithFiles() throws Exception {
        final int reads = 2_000;
        final int size = 5_000;
        var file = Files.write(directory.resolve("read"), new byte[size]).toRealPath();
        try (var witness = Witness.start("read", reads, size, file)) {
            var before = host.row("Files", "TopProcesses", witness.pid());
            witness.go();
            var row = host.row("Files", "TopProcesses", witness.pid());
            assertNotNull(row, "no row of " + witness.pid());
            assertExactly(1, change(before, row, "opens"), "opens");
            assertExactly(reads, change(before, row, "reads"), "reads");
            assertExactly((long) reads * size, change(before, row, "bytesRead"), "bytes read");
            assertEquals(0, change(before, row, "writes"), "writes");
            var files = (CompositeData[]) host.attribute("Files", "TopFiles");
            var ofFile = Stream.of(files)
                    .filter(each -> each.get("path").equals(file.toString()))
                    .findFirst();
            assertTrue(ofFile.isPresent(), () -> "no row of " + file + " in " + Arrays.toString(files));
            assertExactly((long) reads * size, (long) ofFile.get().get("bytesRead"), "bytes read of the file");
        }
    }

    @Test
    void whatEndedProcessesDidStaysInTheTotals() throws Exception {
        final int processes = 200;
        final int size = 1 << 20;
        var file = Files.write(directory.resolve("stormed"), new byte[size]).toRealPath();
        long bytes = host.number("Files", "BytesRead");
        long calls = host.number("Syscalls", "Calls");
        try (var witness = Witness.start("storm", processes, size, file)) {
            witness.go();
            long atOnce = host.number("Files", "BytesRead") - bytes;
            witness.end();
            long after = host.number("Files", "BytesRead") - bytes;
            long callsAfter = host.number("Syscalls", "Calls") - calls;
            var figures = "done " + (long) processes * size + ", counted " + atOnce + ", after their end " + after;
            assertTrue(atOnce >= (long) processes * size || host.skipped() > 0, figures);
            assertTrue(after >= atOnce, figures);
            assertTrue(callsAfter >= 6L * processes || host.skipped() > 0, "calls " + callsAfter);
        }
    }

    private static long calls(Witness witness) throws Exception {
        return value(witness, "calls");
    }

    private static long errors(Witness witness) throws Exception {
        return value(witness, "errors");
    }

    private static long value(Witness witness, String field) throws Exception {
        var row = host.row("Syscalls", "TopProcesses", witness.pid());
        return row == null ? 0 : (long) row.get(field);
    }

    private static long change(CompositeData before, CompositeData after, String field) {
        return (long) after.get(field) - (before == null ? 0 : (long) before.get(field));
    }

    private static void assertExactly(long done, long counted, String what) throws Exception {
        long skipped = host.skipped();
        assertTrue(
                counted <= done && done <= counted + skipped,
                what + ": done " + done + ", counted " + counted + ", skipped by the kernel " + skipped);
    }
}
