// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.cli.top;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class FrameTest {
    private static final long SECOND = 1_000_000_000;
    private static final Order BY_TIME = new Order("totalTime", false, false);

    private static Map<String, Object> process(long pid, String name, long calls, long totalTime) {
        var row = new LinkedHashMap<String, Object>();
        row.put("pid", pid);
        row.put("name", name);
        row.put("container", "");
        row.put("calls", calls);
        row.put("errors", 0L);
        row.put("totalTime", totalTime);
        return row;
    }

    private static Reading reading(long nanoTime, long calls, List<Map<String, Object>> processes) {
        var values = new LinkedHashMap<String, Object>();
        values.put("Calls", calls);
        values.put("TopProcesses", processes);
        return new Reading(nanoTime, Instant.EPOCH, values);
    }

    private static final Reading BEFORE =
            reading(0, 1_000, List.of(process(7, "db", 900, 50 * SECOND), process(8, "web", 100, SECOND)));
    private static final Reading NOW = reading(
            2 * SECOND,
            3_000,
            List.of(process(7, "db", 910, 50 * SECOND + 2_000), process(8, "web", 2_090, 2 * SECOND)));

    private static List<String> lines(Reading now, Reading before, Order order) {
        return new Frame(View.SYSCALLS, now, before, order).lines(200, 50);
    }

    private static int line(List<String> lines, String part) {
        for (int i = 0; i < lines.size(); i++) {
            if (lines.get(i).contains(part)) {
                return i;
            }
        }
        throw new AssertionError("no " + part + " in " + lines);
    }

    @Test
    void countersShowWhatTheyGrewByInASecond() {
        var lines = lines(NOW, BEFORE, BY_TIME);
        assertEquals("calls 3,000 (1,000/s)", lines.getFirst());
        assertTrue(lines.get(line(lines, "web")).matches(" *8 +web +995 +0 +500\\.0 ms"), lines::toString);
        assertTrue(lines.get(line(lines, "db")).matches(" *7 +db +5\\.0 +0 +1\\.0 us"), lines::toString);
        assertTrue(line(lines, "web") < line(lines, "db"), () -> "busy now comes first: " + lines);
    }

    @Test
    void whatIsNotOfTheLastIntervalIsSaid() {
        var row = new LinkedHashMap<String, Object>(Map.of("calls", 1L, "maxTime", SECOND, "p50", 1L, "p99", 2L));
        var now = new Reading(2 * SECOND, Instant.EPOCH, Map.of("TopSyscalls", Map.of("read", row)));
        var before = new Reading(0, Instant.EPOCH, Map.of("TopSyscalls", Map.of()));
        var title = lines(now, before, BY_TIME).get(line(lines(now, before, BY_TIME), "Top syscalls"));
        assertEquals("Top syscalls, per second; max time, p50, p99 since counting began", title);
        assertEquals("Top syscalls", lines(now, null, BY_TIME).get(line(lines(now, null, BY_TIME), "Top syscalls")));
        var processes = lines(NOW, BEFORE, BY_TIME);
        assertEquals("Top processes, per second", processes.get(line(processes, "Top processes")));
    }

    @Test
    void aTableThatThereIsNotIsLeftOut() {
        assertTrue(lines(NOW, BEFORE, BY_TIME).stream().noneMatch(line -> line.contains("of this JVM")));
    }

    @Test
    void totalsAreSinceCountingBegan() {
        var lines = lines(NOW, BEFORE, BY_TIME.toggleTotals());
        assertTrue(lines.get(line(lines, "db")).matches(" *7 +db +910 +0 +50\\.0 s"), lines::toString);
        assertTrue(line(lines, "db") < line(lines, "web"), lines::toString);
    }

    @Test
    void withoutAReadingBeforeThereAreTotals() {
        assertEquals("calls 3,000", lines(NOW, null, BY_TIME).getFirst());
    }

    @Test
    void aRowThatComesToATableWithRoomBeganMeanwhile() {
        var none = lines(NOW, reading(0, 1_000, List.of()), BY_TIME);
        assertTrue(none.get(line(none, "db")).matches(" *7 +db +455 +0 +25\\.0 s"), none::toString);
        var one = lines(NOW, reading(0, 1_000, List.of(process(7, "db", 900, 50 * SECOND))), BY_TIME);
        assertTrue(one.get(line(one, "web")).matches(" *8 +web +1,045 +0 +1\\.0 s"), one::toString);
        assertTrue(one.get(line(one, "db")).matches(" *7 +db +5\\.0 +0 +1\\.0 us"), one::toString);
    }

    @Test
    void aProcessThatWasNotThereBeforeIsNotSaidToHaveDoneAllJustNow() {
        var now = reading(2 * SECOND, 3_000, List.of(process(9, "late", 5_000, SECOND)));
        var lines = lines(now, BEFORE, BY_TIME);
        assertTrue(lines.get(line(lines, "late")).matches(" *9 +late +0 +0 +0 ns"), lines::toString);
    }

    @Test
    void rowsAreSortedByAnyColumnInBothDirections() {
        var byName = new Order("name", false, true);
        assertTrue(line(lines(NOW, null, byName), "db") < line(lines(NOW, null, byName), "web"));
        assertTrue(line(lines(NOW, null, byName.reverse()), "web") < line(lines(NOW, null, byName.reverse()), "db"));
        assertTrue(lines(NOW, null, byName)
                .get(line(lines(NOW, null, byName), "calls "))
                .contains("calls"));
    }

    @Test
    void noLineIsLongerAndNoTableHigherThanTheScreen() {
        var lines = new Frame(View.SYSCALLS, NOW, BEFORE, BY_TIME).lines(20, 12);
        assertTrue(lines.stream().allMatch(line -> line.length() <= 20), lines::toString);
        assertTrue(lines.size() <= 12, lines::toString);
    }

    @Test
    void aNameCanNotDriveTheTerminal() {
        var now = reading(0, 1, List.of(process(9, "\u001b[2Jx\n", 1, 1)));
        assertTrue(lines(now, null, BY_TIME).stream().anyMatch(line -> line.contains("?[2Jx?")));
    }
}
