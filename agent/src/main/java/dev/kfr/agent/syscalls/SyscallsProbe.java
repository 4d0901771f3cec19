// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.syscalls;

import dev.kfr.agent.control.EffectiveSettings;
import dev.kfr.agent.control.SubjectProbe;
import dev.kfr.agent.control.SyscallHooks;
import dev.kfr.agent.control.TableSize;
import dev.kfr.agent.record.CountedProcesses;
import dev.kfr.agent.record.Decoder;
import dev.kfr.agent.record.EventCounters;
import dev.kfr.agent.record.EventWriter;
import dev.kfr.agent.record.ProcessEnds;
import dev.kfr.agent.record.Processes;
import dev.kfr.agent.record.Results;
import dev.kfr.bpf.BpfCollection;
import dev.kfr.bpf.BpfObject;
import dev.kfr.events.syscalls.Syscall;
import dev.kfr.events.syscalls.SyscallError;
import dev.kfr.events.syscalls.SyscallStatistics;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** System calls: counted per process and call, and reported one by one where they took long or failed. */
public final class SyscallsProbe implements SubjectProbe {
    private final int capacity;
    private final SyscallNames names;
    private final Processes processes;
    private volatile SyscallTable table;

    /**
     * @param capacity how many processes the table is to hold
     * @param processes names of processes
     */
    public SyscallsProbe(int capacity, Processes processes, SyscallNames names) {
        this.capacity = capacity;
        this.names = names;
        this.processes = processes;
    }

    /** The counters; null while they are not in the kernel. */
    public SyscallTable table() {
        return table;
    }

    @Override
    public void ended(ProcessEnds.End end) {
        CountedProcesses.ended(table, end);
    }

    @Override
    public String name() {
        return "syscalls";
    }

    @Override
    public Set<String> objects() {
        return Set.of(SyscallHooks.OBJECT);
    }

    @Override
    public List<EventSource> events() {
        return List.of(
                new EventSource(() -> Syscall.class, "RECORD_SYSCALL", SyscallHooks.BOTH),
                new EventSource(() -> SyscallError.class, "RECORD_SYSCALL_ERROR", SyscallHooks.BOTH));
    }

    @Override
    public List<Counters> counters() {
        return List.of(new Counters("syscalls", "syscalls", SyscallHooks.BOTH, true));
    }

    @Override
    public List<RowSource> rows() {
        return List.of(
                new RowSource(SyscallStatistics.class, "syscalls", new SyscallRows(this::table, processes, names)));
    }

    @Override
    public void configure(BpfObject object, BpfCollection.Builder builder) {
        var row = object.struct("syscall_row");
        TableSize.of(capacity, row.size()).configure(builder, "syscall_rows", "syscall_rows_per_cpu");
    }

    @Override
    public void opened(BpfCollection collection) {
        table = new SyscallTable(
                collection.map("syscall_rows").memory(), collection.object().struct("syscall_row"), processes::alive);
    }

    @Override
    public void counting(String counters, EventCounters events) {
        var counted = table;
        if (counted != null) {
            counted.clear();
        }
    }

    @Override
    public void closing(String object) {
        table = null;
    }

    @Override
    public Map<String, Decoder> decoders(String object, EventWriter writer, int subject) {
        var decoder = new SyscallDecoder(writer, names);
        return Map.of(
                "RECORD_SYSCALL", decoder.slow(subject),
                "RECORD_SYSCALL_ERROR", decoder.failed(subject));
    }

    /** Sets which errors are reported: a bit for each errno, in the kernel side's {@code error_filter}. */
    @Override
    public void apply(BpfCollection collection, EffectiveSettings settings) {
        var wanted = settings.of(SyscallError.class).errors();
        var filter = collection.global("error_filter").memory();
        for (int word = 0; word < filter.byteSize() / Long.BYTES; word++) {
            long bits = 0;
            for (int bit = 0; bit < Long.SIZE; bit++) {
                if (wanted.contains(Results.errorName(word * Long.SIZE + bit))) {
                    bits |= 1L << bit;
                }
            }
            filter.setAtIndex(ValueLayout.JAVA_LONG, word, bits);
        }
    }
}
