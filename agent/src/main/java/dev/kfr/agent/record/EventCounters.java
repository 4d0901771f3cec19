// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.record;

import dev.kfr.bpf.StructLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;

/**
 * What the kernel side counts of its own records and of processes: {@code struct event_counters}, one for each CPU, added up. Monotonic while
 * they are not set back. Thread-safe.
 */
public final class EventCounters {
    private static final VarHandle LONG = ValueLayout.JAVA_LONG.varHandle();

    /** Where the fields of {@code struct event_counters} are. */
    record Layout(
            int size,
            int produced,
            int throttled,
            int lost,
            int internalLost,
            int forks,
            int execs,
            int exits,
            int deletes,
            int renames) {
        static Layout of(StructLayout counters) {
            return new Layout(
                    counters.size(),
                    counters.field("produced").offset(),
                    counters.field("throttled").offset(),
                    counters.field("lost").offset(),
                    counters.field("internal_lost").offset(),
                    counters.field("forks").offset(),
                    counters.field("execs").offset(),
                    counters.field("exits").offset(),
                    counters.field("deletes").offset(),
                    counters.field("renames").offset());
        }
    }

    private final MemorySegment counters;
    private final Layout layout;
    private final long stride;

    /**
     * @param counters the mapped array
     * @param layout of {@code struct event_counters}
     */
    public EventCounters(MemorySegment counters, StructLayout layout) {
        this(counters, Layout.of(layout));
    }

    EventCounters(MemorySegment counters, Layout layout) {
        this.counters = counters;
        this.layout = layout;
        this.stride = (layout.size + 7) & -8;
    }

    private void clear(long offset) {
        for (long at = offset; at < counters.byteSize(); at += stride) {
            LONG.setVolatile(counters, at, 0L);
        }
    }

    /** Sets what is counted of processes back to 0. */
    public void clearProcesses() {
        clear(layout.forks);
        clear(layout.execs);
        clear(layout.exits);
    }

    /** Sets deletes and renames back to 0. */
    public void clearNames() {
        clear(layout.deletes);
        clear(layout.renames);
    }

    private long sum(long offset) {
        long sum = 0;
        for (long at = offset; at < counters.byteSize(); at += stride) {
            sum += counters.get(ValueLayout.JAVA_LONG, at);
        }
        return sum;
    }

    /** Events that a program wanted to report; {@code subject} as {@code enum subject} numbers them. */
    public long produced(int subject) {
        return sum(layout.produced + 8L * subject);
    }

    /** Events among them that the throttle held back. */
    public long throttled(int subject) {
        return sum(layout.throttled + 8L * subject);
    }

    /** Events among them for which the ring had no room. */
    public long lost(int subject) {
        return sum(layout.lost + 8L * subject);
    }

    /** Records of all kinds for which the ring had no room. */
    public long lost() {
        long sum = internalLost();
        for (int at = layout.lost; at < layout.internalLost; at += Long.BYTES) {
            sum += sum(at);
        }
        return sum;
    }

    /** Records that are no events and for which the ring had no room, such as names of files and ends of processes. */
    public long internalLost() {
        return sum(layout.internalLost);
    }

    /** Processes, not threads, that were forked. */
    public long forks() {
        return sum(layout.forks);
    }

    public long execs() {
        return sum(layout.execs);
    }

    /** Processes, not threads, that ended. */
    public long exits() {
        return sum(layout.exits);
    }

    /** Names of files that were removed. */
    public long deletes() {
        return sum(layout.deletes);
    }

    public long renames() {
        return sum(layout.renames);
    }
}
