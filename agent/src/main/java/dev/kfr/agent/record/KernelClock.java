// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.record;

import dev.kfr.events.EventTimes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.locks.LockSupport;

/**
 * Converts the kernel's time, nanoseconds of CLOCK_MONOTONIC as {@code bpf_ktime_get_ns()} tells it, to ticks of JFR's clock.
 *
 * <p>Both clocks are read together from time to time, by {@link #refresh}; a time between two such pairs is interpolated, one outside is
 * extrapolated from the nearest pair. As a reader refreshes before it converts what it has just read, times lie within
 * milliseconds of a pair, and the error is that of reading the pair, well below a microsecond once the code is compiled.
 * Where JFR's ticks are nanoseconds themselves (HotSpot without an invariant TSC) one offset serves for ever and durations are exact.
 *
 * <p>Any number of threads may convert, which allocates nothing, while others refresh.
 */
public final class KernelClock {
    /** The two clocks; a simulation in tests. */
    interface Clocks {
        /** JFR's ticks, 0 while they are unknown. */
        long ticks();

        /** CLOCK_MONOTONIC in ns, as the kernel's programs see it. */
        long nanos();

        /** Lets about this much time pass. */
        void pass(long nanos);
    }

    private static final long REFRESH_AFTER = 10_000_000; // ns
    private static final long FIRST_DISTANCE = 2_000_000; // ns between the first two pairs
    private static final long RATE_DISTANCE =
            1_000_000_000; // ns over which the rate for extrapolation is taken, at least
    private static final int ATTEMPTS = 5;
    private static final long NARROW = 300; // ns: a pair that is good enough
    private static final long WIDE = 50_000; // ns: a pair that is only used if there is none of the last second
    private static final int PAIRS_KEPT = 256;

    /** A deviation of rates that no adjustment of the kernel's clock (500 ppm at most) explains: the machine was suspended or moved. */
    private static final double JUMP = 0.001;

    private final Clocks clocks;
    private volatile Pair latest;
    private Pair base; // the rate is taken from here to the latest pair
    private Pair nextBase;
    private int pairs;

    private static final class Pair {
        final long nanos;
        final long ticks;
        final long width; // ns between the two readings of the kernel's clock around that of the ticks
        double rate; // ticks per ns after this pair
        double slope; // ticks per ns between the previous pair and this one
        long minOffset; // ticks - nanos, if ticks are nanoseconds: bounds from all pairs so far
        long maxOffset;
        Pair previous;

        Pair(long nanos, long ticks, long width) {
            this.nanos = nanos;
            this.ticks = ticks;
            this.width = width;
            this.minOffset = ticks - nanos - (width + 1) / 2;
            this.maxOffset = ticks - nanos + (width + 1) / 2;
        }

        boolean nanoseconds() {
            return minOffset <= maxOffset;
        }
    }

    public KernelClock() {
        this(new SystemClocks());
    }

    KernelClock(Clocks clocks) {
        this.clocks = clocks;
    }

    /** Whether times can be converted: JFR has been started and {@link #refresh} was called since. */
    public boolean known() {
        return latest != null;
    }

    /**
     * Reads both clocks if that was not done in the last 10 ms; to be called before each batch of conversions. The first call after the
     * start of JFR takes 2 ms.
     */
    public synchronized void refresh() {
        Pair previous = latest;
        if (previous == null) {
            start();
        } else if (clocks.nanos() - previous.nanos >= REFRESH_AFTER) {
            Pair pair = read();
            if (pair != null && (pair.width < WIDE || pair.nanos - previous.nanos > RATE_DISTANCE)) {
                append(previous, pair);
            }
        }
    }

    /** JFR's ticks at a time of the kernel; 0, which an event takes as the time of its commit, while they are not known. */
    public long ticks(long nanos) {
        Pair last = latest;
        if (last == null) {
            return 0;
        } else if (last.nanoseconds()) {
            return nanos + (last.minOffset + last.maxOffset >> 1);
        }
        return nanos >= last.nanos ? last.ticks + Math.round((nanos - last.nanos) * last.rate) : before(last, nanos);
    }

    /** JFR's ticks between two times of the kernel. */
    public long durationTicks(long startNanos, long durationNanos) {
        return Math.max(0, ticks(startNanos + durationNanos) - ticks(startNanos));
    }

    /** What a duration in JFR's ticks is in ns, at the present rate; {@code Long.MAX_VALUE} stays as it is. */
    public long nanos(long durationTicks) {
        Pair last = latest;
        if (last == null || last.nanoseconds() || durationTicks == Long.MAX_VALUE) {
            return durationTicks;
        }
        return (long) (durationTicks / last.rate);
    }

    /** Whether JFR's ticks are nanoseconds of the kernel's clock, as far as is known. */
    public boolean ticksAreNanoseconds() {
        Pair last = latest;
        return last != null && last.nanoseconds();
    }

    /** How far the latest pair may be off, in ns. */
    public long error() {
        Pair last = latest;
        if (last == null) {
            return Long.MAX_VALUE;
        }
        return last.nanoseconds() ? (last.maxOffset - last.minOffset + 1) / 2 : (last.width + 1) / 2;
    }

    private void start() {
        Pair first = read();
        if (first == null) {
            return;
        }
        long elapsed;
        while ((elapsed = clocks.nanos() - first.nanos) < FIRST_DISTANCE) {
            clocks.pass(FIRST_DISTANCE - elapsed);
        }
        Pair second = read();
        first.rate = slope(first, second);
        base = first;
        nextBase = first;
        append(first, second);
    }

    private void append(Pair previous, Pair pair) {
        pair.minOffset = Math.max(pair.minOffset, previous.minOffset);
        pair.maxOffset = Math.min(pair.maxOffset, previous.maxOffset);
        pair.previous = previous;
        pair.slope = slope(previous, pair);
        if (Math.abs(pair.slope / previous.rate - 1) > JUMP) {
            pair.slope = previous.rate;
            pair.rate = previous.rate;
            base = pair;
            nextBase = pair;
        } else {
            pair.rate = slope(base, pair);
            if (pair.nanos - nextBase.nanos >= RATE_DISTANCE) {
                base = nextBase;
                nextBase = pair;
            }
        }
        latest = pair;
        if (++pairs % PAIRS_KEPT == 0) {
            forgetAllBut(PAIRS_KEPT);
        }
    }

    private void forgetAllBut(int kept) {
        Pair pair = latest;
        for (int i = 1; i < kept && pair.previous != null; i++) {
            pair = pair.previous;
        }
        pair.previous = null;
    }

    private static long before(Pair pair, long nanos) {
        Pair earlier = pair.previous;
        while (earlier != null && nanos < earlier.nanos) {
            pair = earlier;
            earlier = pair.previous;
        }
        return earlier == null
                ? pair.ticks - Math.round((pair.nanos - nanos) * pair.rate)
                : earlier.ticks + Math.round((nanos - earlier.nanos) * pair.slope);
    }

    private static double slope(Pair from, Pair to) {
        return (to.ticks - from.ticks) / (double) (to.nanos - from.nanos);
    }

    /** The best of a few readings, as the thread may lose its CPU in the midst of one; null while ticks are unknown. */
    private Pair read() {
        Pair best = null;
        for (int i = 0; i < ATTEMPTS && (best == null || best.width > NARROW); i++) {
            long before = clocks.nanos();
            long ticks = clocks.ticks();
            long after = clocks.nanos();
            if (ticks == 0) {
                return null;
            }
            if (best == null || after - before < best.width) {
                best = new Pair(before + (after - before) / 2, ticks, after - before);
            }
        }
        return best;
    }

    /** The clocks of this JVM. In a time namespace it sees CLOCK_MONOTONIC shifted (time_namespaces(7)), the kernel's programs don't. */
    private static final class SystemClocks implements Clocks {
        private final long offset = offset();

        @Override
        public long ticks() {
            return EventTimes.currentTicks();
        }

        @Override
        public long nanos() {
            return System.nanoTime() - offset;
        }

        @Override
        public void pass(long nanos) {
            LockSupport.parkNanos(nanos);
        }

        private static long offset() {
            try {
                for (String line : Files.readAllLines(Path.of("/proc/self/timens_offsets"))) {
                    String[] words = line.strip().split("\\s+"); // clock, seconds, nanoseconds
                    if (words[0].equals("monotonic")) {
                        return Long.parseLong(words[1]) * 1_000_000_000 + Long.parseLong(words[2]);
                    }
                }
            } catch (IOException | RuntimeException noTimeNamespaces) {
                return 0;
            }
            return 0;
        }
    }
}
