// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.cli.top;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kfr.agent.block.BlockMXBean;
import dev.kfr.agent.cpu.CpuMXBean;
import dev.kfr.agent.memory.MemoryMXBean;
import java.lang.reflect.ParameterizedType;
import java.util.Date;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ViewTest {
    private static List<String> attributes(View view) {
        return Stream.concat(
                        view.numbers().stream().map(Column::name),
                        view.tables().stream().map(Table::attribute))
                .toList();
    }

    /** Reading these starts counters that the whole host pays for. */
    @Test
    void whatCostsTheHostIsInAViewOfItsOwn() {
        assertEquals(List.of("RunQueueLatency"), attributes(View.RUN_QUEUE));
        assertFalse(attributes(View.CPU).contains("RunQueueLatency"));
        assertEquals(List.of("Probes"), attributes(View.PROBES));
        assertFalse(attributes(View.AGENT).contains("Probes"));
        assertTrue(attributes(View.KERNEL_MEMORY).contains("KernelAllocatedBytes"));
        assertTrue(attributes(View.MEMORY).stream().noneMatch(name -> name.contains("Kernel")));
    }

    @Test
    void eachNumberAndTableIsInExactlyOneView() {
        for (var mxbean : List.of(CpuMXBean.class, MemoryMXBean.class, BlockMXBean.class)) {
            var all = new TreeSet<String>();
            for (var method : mxbean.getMethods()) {
                boolean shown = method.getReturnType().isPrimitive() && method.getReturnType() != void.class
                        || method.getGenericReturnType() instanceof ParameterizedType;
                if (shown && method.getParameterCount() == 0 && method.getReturnType() != Date.class) {
                    all.add(method.getName().replaceFirst("^(get|is)", ""));
                }
            }
            all.remove("TableSize");
            var type = mxbean.getSimpleName().replace("MXBean", "");
            var shown = Stream.of(View.values())
                    .filter(view -> view.bean().endsWith("=" + type))
                    .flatMap(view -> attributes(view).stream())
                    .sorted()
                    .toList();
            assertEquals(List.copyOf(all), shown, type);
        }
    }

    @Test
    void aViewIsSortedByAColumnThatItHas() {
        for (var view : View.values()) {
            assertTrue(
                    view.sort().isEmpty()
                            || view.tables().stream()
                                    .flatMap(table -> table.columns().stream())
                                    .anyMatch(column -> column.name().equals(view.sort())),
                    view + " has no column " + view.sort());
        }
    }

    @Test
    void unitsComeFromTheWordsOfTheMBean() {
        assertEquals("1.5 ms", new Column("totalTime", "time of all, in ns", long.class).show(1_500_000L));
        assertEquals("2.0 KiB", new Column("bytesRead", "", long.class).show(2_048L));
        assertEquals("4711", new Column("pid", "", long.class).show(4_711L));
        assertEquals("4,711", new Column("calls", "", long.class).show(4_711L));
    }

    @Test
    void anAttributesUnitComesFromItsDescriptionToo() {
        var numbers =
                View.BLOCK.numbers().stream().collect(Collectors.toMap(Column::name, number -> number.show(2_048L)));
        assertEquals("2,048", numbers.get("RequestsWithoutTime"));
        assertEquals("2.0 KiB", numbers.get("Bytes"));
        for (var view : List.of(View.SYSCALLS, View.FILES, View.CPU)) {
            for (var number : view.numbers()) {
                if (number.name().endsWith("Time")) {
                    assertEquals("2.0 us", number.show(2_048L), number.name());
                }
            }
        }
    }

    @Test
    void whatDoesNotGrowIsNoCounter() {
        for (var name : List.of(
                "pid", "p99", "maxTime", "localPort", "exitCode", "CallsPerSecond", "Running", "ProbesAttached")) {
            assertFalse(new Column(name, "", long.class).isCounter(), name);
        }
        assertTrue(new Column("calls", "", long.class).isCounter());
    }
}
