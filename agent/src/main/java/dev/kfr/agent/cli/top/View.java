// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.cli.top;

import dev.kfr.agent.block.BlockMXBean;
import dev.kfr.agent.cpu.CpuMXBean;
import dev.kfr.agent.files.FilesMXBean;
import dev.kfr.agent.jmx.AgentMXBean;
import dev.kfr.agent.memory.MemoryMXBean;
import dev.kfr.agent.network.NetworkMXBean;
import dev.kfr.agent.processes.ProcessesMXBean;
import dev.kfr.agent.syscalls.SyscallsMXBean;
import java.lang.reflect.Method;
import java.lang.reflect.ParameterizedType;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * What is shown at a time: the attributes of one MBean, or those of one kind. Which there are, what they are called and in which unit they are
 * comes from the MBean's interface, so that nothing is said twice.
 *
 * <p>Attributes whose reading starts counters that each allocation, or each switch between threads, of the host pays for are views of
 * their own: nobody looks at them by accident.
 */
public enum View {
    SYSCALLS("Syscalls", SyscallsMXBean.class, "totalTime", name -> true),
    FILES("Files", FilesMXBean.class, "bytesRead", name -> true),
    PROCESSES("Processes", ProcessesMXBean.class, "time", name -> true),
    CPU("Cpu", CpuMXBean.class, "cpuTime", name -> !name.startsWith("RunQueueLatency")),
    MEMORY("Memory", MemoryMXBean.class, "minorFaults", name -> !isKernelMemory(name)),
    NETWORK("Network", NetworkMXBean.class, "tcpBytesSent", name -> true),
    BLOCK("Block", BlockMXBean.class, "requests", name -> true),
    KERNEL_MEMORY("Memory", MemoryMXBean.class, "allocatedBytes", View::isKernelMemory),
    RUN_QUEUE("Cpu", CpuMXBean.class, "", name -> name.startsWith("RunQueueLatency")),
    AGENT("Agent", AgentMXBean.class, "produced", name -> !name.equals("Probes")),
    PROBES("Agent", AgentMXBean.class, "runTime", name -> name.equals("Probes"));

    private static final List<Class<?>> NUMBERS = List.of(long.class, int.class, double.class);

    private final String type;
    private final Class<?> mxbean;
    private final String sort;
    private final Predicate<String> shown;

    /**
     * @param type as in {@code kernel:type=Files}
     * @param sort the column by which rows are sorted at first
     * @param shown which attributes belong to it
     */
    View(String type, Class<?> mxbean, String sort, Predicate<String> shown) {
        this.type = type;
        this.mxbean = mxbean;
        this.sort = sort;
        this.shown = shown;
    }

    private static boolean isKernelMemory(String attribute) {
        return attribute.contains("Kernel") || attribute.startsWith("Allocations") || attribute.startsWith("Frees");
    }

    /** As it is written on the command line. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    String bean() {
        return "kernel:type=" + type;
    }

    /** The attribute that says since when its counters run. */
    String since() {
        return this == KERNEL_MEMORY ? "KernelCountingSince" : "CountingSince";
    }

    String sort() {
        return sort;
    }

    /** Attributes that are numbers, each before its rate, in the order of their names; their words tell their units. */
    List<Column> numbers() {
        return getters()
                .filter(getter -> NUMBERS.contains(getter.getReturnType()))
                .map(getter -> Column.of(attribute(getter), getter, getter.getReturnType()))
                .filter(number -> !number.name().equals("TableSize"))
                .toList();
    }

    /** Attributes that are tables, those of the whole host first. */
    List<Table> tables() {
        return getters()
                .filter(getter -> getter.getGenericReturnType() instanceof ParameterizedType)
                .map(getter -> Table.of(attribute(getter), getter))
                .sorted(Comparator.comparing(table -> !table.attribute().startsWith("Top")))
                .toList();
    }

    private Stream<Method> getters() {
        return Arrays.stream(mxbean.getMethods())
                .filter(method -> method.getParameterCount() == 0 && method.getReturnType() != void.class)
                .filter(method -> !method.getName().equals("show"))
                .filter(method -> shown.test(attribute(method)))
                .sorted(Comparator.comparing(View::attribute));
    }

    private static String attribute(Method getter) {
        return getter.getName().replaceFirst("^(get|is)", "");
    }
}
