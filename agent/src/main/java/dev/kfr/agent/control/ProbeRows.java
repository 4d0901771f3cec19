// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.control;

import dev.kfr.bpf.BpfException;
import dev.kfr.bpf.ProgramInfo;
import dev.kfr.events.agent.ProbeStatistics;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Writes {@code kernel.ProbeStatistics}: what our programs cost. While somebody wants to know the kernel measures run times, which costs
 * every BPF program of the host some 90 ns a run. Thread-safe.
 */
final class ProbeRows {
    private record Seen(int programId, long runs, long runTime, long skipped) {
        static Seen of(ProgramInfo info) {
            return new Seen(info.id(), info.runs(), info.runTime(), info.recursionMisses());
        }
    }

    private final Supplier<List<Probe>> probes;
    private final Measurement measurement;
    private final Map<String, Seen> before = new HashMap<>();
    private long time = System.nanoTime();

    ProbeRows(Supplier<List<Probe>> probes, Measurement measurement) {
        this.probes = probes;
        this.measurement = measurement;
    }

    /** Begins or ends to measure. */
    synchronized void measure(boolean wanted) {
        measurement.forRecordings(wanted);
    }

    /** Rows begin: what was before belongs to none. */
    synchronized void start() {
        time = System.nanoTime();
        before.clear();
        for (var probe : probes.get()) {
            try {
                var info = probe.info();
                if (info != null) {
                    before.put(probe.hook().name(), Seen.of(info));
                }
            } catch (BpfException | IllegalStateException detached) {
                // its next program begins at 0
            }
        }
    }

    /** Writes the rows of programs that ran, and returns how many. */
    synchronized int write() {
        int rows = 0;
        long now = System.nanoTime();
        for (var probe : probes.get()) {
            try {
                rows += write(probe, now);
            } catch (BpfException | IllegalStateException detached) {
                before.remove(probe.hook().name());
            }
        }
        time = now;
        return rows;
    }

    private int write(Probe probe, long now) {
        var info = probe.info();
        if (info == null) {
            return 0;
        }
        var last = before.get(probe.hook().name());
        if (last == null || last.programId != info.id()) {
            last = new Seen(info.id(), 0, 0, 0);
        }
        before.put(probe.hook().name(), Seen.of(info));
        var event = new ProbeStatistics();
        event.program = info.name();
        event.variant = probe.status().variant();
        event.runs = (int) Math.min(Integer.MAX_VALUE, info.runs() - last.runs);
        event.runTime = info.runTime() - last.runTime;
        event.cpuShare = (float) (event.runTime / Math.max(1.0, now - time));
        event.skipped = (int) Math.min(Integer.MAX_VALUE, info.recursionMisses() - last.skipped);
        event.interval = now - time;
        if (event.runs == 0 && event.skipped == 0) {
            return 0;
        }
        event.commit();
        return 1;
    }
}
