// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProcStatTest {
    private static final double EXACT = 1e-9;

    @TempDir
    private Path directory;

    private ProcStat read(String... lines) throws IOException {
        return ProcStat.read(Files.write(directory.resolve("stat"), java.util.List.of(lines)), cpu -> 0);
    }

    @Test
    void tellsTheSharesOfEachCpu() throws IOException {
        var before = read("cpu  0 0 0 0 0 0 0 0 0 0", "cpu0 100 0 50 1000 10 1 2 3 0 0", "ctxt 5");
        var after = read("cpu  9 9 9 9 9 9 9 9 9 9", "cpu0 130 10 70 1020 15 4 7 10 99 0", "ctxt 9");
        var usage = after.since(before).get(0);
        assertEquals(0.40, usage.user(), EXACT); // nice is user's time, and guests are in it already
        assertEquals(0.20, usage.system(), EXACT);
        assertEquals(0.20, usage.idle(), EXACT);
        assertEquals(0.05, usage.ioWait(), EXACT);
        assertEquals(0.03, usage.irq(), EXACT);
        assertEquals(0.05, usage.softirq(), EXACT);
        assertEquals(0.07, usage.steal(), EXACT);
    }

    @Test
    void leavesOutACpuThatCameOnlineMeanwhile() throws IOException {
        var before = read("cpu0 1 0 0 0 0 0 0 0");
        var after = read("cpu0 2 0 0 0 0 0 0 0", "cpu1 5 0 0 0 0 0 0 0");
        assertEquals(Set.of(0), after.since(before).keySet());
    }

    @Test
    void takesTimeThatWentBackForNone() throws IOException {
        var before = read("cpu0 10 0 0 100 50 0 0 0");
        var after = read("cpu0 20 0 0 100 45 0 0 0");
        assertEquals(1, after.since(before).get(0).user(), EXACT);
        assertEquals(0, after.since(before).get(0).ioWait(), EXACT);
    }

    @Test
    void isEmptyWhereTheFileMakesNoSense() throws IOException {
        assertTrue(read("cpu0 x y z 1 2 3 4 5").cpus().isEmpty());
        assertTrue(ProcStat.read(directory.resolve("missing"), cpu -> 0).cpus().isEmpty());
    }
}
