// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.memory;

import dev.kfr.agent.control.Hook;
import dev.kfr.agent.control.LifeCycle;
import dev.kfr.agent.control.PreemptCount;
import dev.kfr.agent.control.SubjectProbe;
import dev.kfr.agent.control.TableSize;
import dev.kfr.agent.control.TaskWatch;
import dev.kfr.agent.record.CountedProcesses;
import dev.kfr.agent.record.Decoder;
import dev.kfr.agent.record.EventCounters;
import dev.kfr.agent.record.EventWriter;
import dev.kfr.agent.record.Layouts;
import dev.kfr.agent.record.ProcessEnds;
import dev.kfr.agent.record.ProcessTable;
import dev.kfr.agent.record.Processes;
import dev.kfr.agent.record.TaskAccount;
import dev.kfr.agent.record.TaskCounts;
import dev.kfr.agent.record.Tasks;
import dev.kfr.bpf.BpfCollection;
import dev.kfr.bpf.BpfLink;
import dev.kfr.bpf.BpfObject;
import dev.kfr.bpf.StructLayout;
import dev.kfr.bpf.btf.KernelBtf;
import dev.kfr.events.memory.DirectReclaim;
import dev.kfr.events.memory.KernelMemory;
import dev.kfr.events.memory.MajorPageFault;
import dev.kfr.events.memory.OutOfMemoryKill;
import dev.kfr.events.memory.PageFaults;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Memory: page faults, what the kernel allocates for itself, and what happens when memory is short. */
public final class MemoryProbe implements SubjectProbe {
    /** Name of the counters behind {@link #kernelMemory}: each allocation of the host pays for them, the others cost nothing. */
    public static final String KERNEL = "memory.kernel";

    private static final String NAME = "memory";

    /** Few processes wait for disks at a time. */
    private static final int MOST_WAITING = 1024;

    private static final long MINOR_MASK = 0xFFFF_FFFFL;

    private final int capacity;
    private final Processes processes;
    private final TaskWatch watch;
    private final TaskAccount faults;
    private final Set<Hook> beginnings = new HashSet<>(MemoryHooks.FAULT_BEGINNINGS);
    private BpfCollection waits;
    private BpfCollection allocations;
    private volatile ProcessTable faultTimes;
    private volatile ProcessTable kernelMemory;

    /**
     * @param capacity how many processes tables are to hold
     * @param processes names of processes
     * @param tasks what the kernel counts of threads
     */
    public MemoryProbe(int capacity, Processes processes, Tasks tasks) {
        this.capacity = capacity;
        this.processes = processes;
        this.watch = new TaskWatch(tasks);
        this.faults = tasks.account(MemoryProbe::faults);
        beginnings.addAll(MemoryHooks.RECLAIM);
    }

    /** The order of the rows as one number; not in their class, which needs module jdk.jfr. */
    private static long faults(TaskCounts counts) {
        return Math.min(counts.majorFaults(), Integer.MAX_VALUE) << Integer.SIZE
                | Math.min(counts.minorFaults(), MINOR_MASK);
    }

    /** Page faults of processes. */
    public TaskAccount faults() {
        return faults;
    }

    /** Memory that the kernel allocated, by process; null while it is not counted. */
    public ProcessTable kernelMemory() {
        return kernelMemory;
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public Set<String> objects() {
        return Set.of(MemoryHooks.WAITS, MemoryHooks.ALLOCATIONS, TaskWatch.OBJECT, LifeCycle.OBJECT);
    }

    @Override
    public List<EventSource> events() {
        return List.of(
                new EventSource(() -> MajorPageFault.class, "RECORD_MAJOR_PAGE_FAULT", MemoryHooks.faults()),
                new EventSource(() -> DirectReclaim.class, "RECORD_DIRECT_RECLAIM", MemoryHooks.RECLAIM),
                new EventSource(() -> OutOfMemoryKill.class, "RECORD_OUT_OF_MEMORY_KILL", List.of(LifeCycle.KILL)));
    }

    @Override
    public List<Counters> counters() {
        return List.of(
                new Counters(NAME, "tasks", TaskWatch.HOOKS, true),
                new Counters(KERNEL, "kernel_memory", MemoryHooks.allocations(), true));
    }

    @Override
    public List<RowSource> rows() {
        return List.of(
                new RowSource(KernelMemory.class, KERNEL, new KernelMemoryRows(this::kernelMemory, processes)),
                new RowSource(PageFaults.class, NAME, new PageFaultRows(faults, () -> faultTimes, processes)));
    }

    @Override
    public void configure(BpfObject object, BpfCollection.Builder builder) {
        watch.configure(object, builder);
        switch (object.name()) {
            case MemoryHooks.WAITS ->
                TableSize.of(
                                Math.min(capacity, MOST_WAITING),
                                row(object, "major_fault").size())
                        .configure(builder, "major_fault_rows", "major_fault_rows_per_cpu");
            case MemoryHooks.ALLOCATIONS -> {
                builder.constant("interrupt_bits", PreemptCount.interruptBits(KernelBtf.ofRunningKernel()));
                TableSize.of(capacity, row(object, "kernel_memory").size())
                        .configure(builder, "kernel_memory_rows", "kernel_memory_rows_per_cpu");
            }
            default -> {}
        }
    }

    private static StructLayout row(BpfObject object, String table) {
        return object.struct(table + "_row");
    }

    @Override
    public void opened(BpfCollection collection) {
        watch.opened(collection);
        switch (collection.object().name()) {
            case MemoryHooks.WAITS -> {
                waits = collection;
                var times = table(collection, "major_fault", List.of("time", "faults"));
                times.startIntervals();
                faultTimes = times;
            }
            case MemoryHooks.ALLOCATIONS -> {
                allocations = collection;
                kernelMemory = table(collection, "kernel_memory", KernelMemoryCounts.FIELDS);
            }
            default -> {}
        }
    }

    private ProcessTable table(BpfCollection collection, String name, List<String> fields) {
        return new ProcessTable(
                collection.map(name + "_rows").memory(), row(collection.object(), name), fields, processes::alive);
    }

    @Override
    public void attached(Hook hook, BpfLink link) {
        watch.attached(hook, link);
        if (beginnings.contains(hook) && waits != null) {
            waits.global("watched_since").set(System.nanoTime());
        }
    }

    @Override
    public void detaching(Hook hook) {
        watch.detaching(hook);
    }

    @Override
    public void counting(String counters, EventCounters events) {
        var counted = kernelMemory;
        if (!counters.equals(KERNEL)) {
            faults.restart();
        } else if (counted != null) {
            counted.clear();
            var epoch = allocations.global("epoch");
            epoch.set(epoch.get() + 1);
        }
    }

    @Override
    public void ended(ProcessEnds.End end) {
        CountedProcesses.ended(kernelMemory, end);
        CountedProcesses.ended(faultTimes, end);
    }

    @Override
    public void closing(String object) {
        switch (object) {
            case MemoryHooks.WAITS -> {
                waits = null;
                faultTimes = null;
            }
            case MemoryHooks.ALLOCATIONS -> {
                allocations = null;
                kernelMemory = null;
            }
            default -> {}
        }
    }

    @Override
    public Map<String, Decoder> decoders(String object, EventWriter writer, int subject) {
        var decoders = new MemoryDecoders(writer, subject);
        return switch (object) {
            case MemoryHooks.WAITS ->
                Map.of(
                        "RECORD_MAJOR_PAGE_FAULT",
                        decoders.majorPageFault(),
                        "RECORD_DIRECT_RECLAIM",
                        decoders.directReclaim());
            case LifeCycle.OBJECT -> Map.of("RECORD_OUT_OF_MEMORY_KILL", decoders.outOfMemoryKill());
            default -> Map.of();
        };
    }

    @Override
    public Map<String, Decoder> listeners(String object, Layouts layouts) {
        return watch.listeners(object);
    }
}
