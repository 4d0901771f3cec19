// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.cpu;

import dev.kfr.agent.record.Histogram;
import dev.kfr.agent.record.WideHistogram;
import dev.kfr.bpf.StructLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/**
 * What the kernel side keeps by CPU in {@code run_queue_rows}: how threads waited for it while that is counted, and how often it switched between
 * them. Thread-safe; fails with {@link IllegalStateException} once it has left the kernel.
 */
public final class RunQueue {
    private static final int ALIGNMENT = 8; // of values of an array map: kernel/bpf/arraymap.c

    private final MemorySegment rows;
    private final int stride;
    private final int cpus;
    private final int switches;
    private final int count;
    private final int totalTime;
    private final int maxTime;
    private final int histogram;
    private final WideHistogram[] waits; // by CPU

    /**
     * Waits of all threads for all CPUs.
     *
     * @param count how many
     * @param totalTime ns
     * @param maxTime ns
     * @param histogram by {@link Histogram#bucket}
     */
    public record Waits(long count, long totalTime, long maxTime, long[] histogram) {
        static final Waits NONE = new Waits(0, 0, 0, new long[Histogram.BUCKETS]);
    }

    /**
     * @param rows the mapped array
     * @param row layout of {@code struct run_queue_row}
     */
    RunQueue(MemorySegment rows, StructLayout row) {
        this.rows = rows;
        stride = (row.size() + ALIGNMENT - 1) & -ALIGNMENT;
        cpus = Math.toIntExact(rows.byteSize() / stride);
        switches = row.field("switches").offset();
        count = row.field("count").offset();
        totalTime = row.field("total_time").offset();
        maxTime = row.field("max_time").offset();
        histogram = row.field("histogram").offset();
        waits = new WideHistogram[cpus];
        Arrays.setAll(waits, cpu -> new WideHistogram());
    }

    /** Everything since counting began. */
    public synchronized Waits waits() {
        long number = 0;
        long time = 0;
        long longest = 0;
        var buckets = new long[Histogram.BUCKETS];
        for (int cpu = 0; cpu < cpus; cpu++) {
            number += get(cpu, count);
            time += get(cpu, totalTime);
            longest = Math.max(longest, get(cpu, maxTime));
            for (int i = 0; i < buckets.length; i++) {
                int now = rows.get(ValueLayout.JAVA_INT, at(cpu) + histogram + (long) i * Integer.BYTES);
                buckets[i] += waits[cpu].bucket(i, now);
            }
        }
        return new Waits(number, time, longest, buckets);
    }

    /** Switches of a CPU since boot, as of the last reading of tasks; 0 if not known. */
    long switches(int cpu) {
        return cpu < cpus ? get(cpu, switches) : 0;
    }

    /** Counting begins anew. To be called while the kernel doesn't count. */
    synchronized void clear() {
        for (int cpu = 0; cpu < cpus; cpu++) {
            long known = switches(cpu);
            rows.asSlice(at(cpu), stride).fill((byte) 0);
            rows.set(ValueLayout.JAVA_LONG, at(cpu) + switches, known);
            waits[cpu] = new WideHistogram();
        }
    }

    private long at(int cpu) {
        return (long) cpu * stride;
    }

    private long get(int cpu, int field) {
        return rows.get(ValueLayout.JAVA_LONG, at(cpu) + field);
    }
}
