// SPDX-License-Identifier: Apache-2.0
package dev.kfr.jmc.rules;

import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;

/**
 * Sums by key and minute, so that rules judge by rates and find the worst minute: ten bad minutes in a recording of a
 * month are as bad as in one of an hour, and a total that has had a month to grow is no problem. A recording shorter
 * than a minute is one of its own length, but of no less than {@link #SHORTEST}: what came at once is not taken for
 * what would have gone on.
 */
final class Minutes<K> {
    static final long LENGTH = TimeUnit.MINUTES.toNanos(1);
    static final long SHORTEST = TimeUnit.SECONDS.toNanos(10);

    private final Map<Long, Map<K, double[]>> minutes = new HashMap<>();
    private final int columns;
    private final long origin;
    private final double seconds;

    /** @param columns how many sums there are for each key and minute */
    Minutes(Recorded recorded, int columns) {
        var span = recorded.span();
        this.columns = columns;
        this.origin = span.from();
        this.seconds =
                Math.min(LENGTH, Math.max(SHORTEST, span.to() - span.from())) / (double) TimeUnit.SECONDS.toNanos(1);
    }

    /** Adds what happened at a time, in ns since the epoch. */
    void add(K key, long time, double... amounts) {
        add(key, Math.floorDiv(time - origin, LENGTH), 1, amounts);
    }

    /** Adds what was spread evenly over a time. */
    void spread(K key, long from, long to, double... amounts) {
        long first = Math.floorDiv(from - origin, LENGTH);
        long last = Math.floorDiv(to - origin, LENGTH);
        for (long index = first; index <= last; index++) {
            long begin = Math.max(from, origin + index * LENGTH);
            long end = Math.min(to, origin + (index + 1) * LENGTH);
            add(key, index, to > from ? (end - begin) / (double) (to - from) : 1, amounts);
        }
    }

    /** Adds what a row says, over the time that it covers. */
    void spread(K key, Row row, double... amounts) {
        spread(key, row.since(), row.end(), amounts);
    }

    private void add(K key, long index, double factor, double... amounts) {
        var sums = minutes.computeIfAbsent(index, i -> new HashMap<>()).computeIfAbsent(key, k -> new double[columns]);
        for (int i = 0; i < columns; i++) {
            sums[i] += factor * amounts[i];
        }
    }

    /**
     * The minute, of any key, of which the measure is highest, and of equal ones that with the largest first sum; none
     * if it is nowhere more than 0.
     */
    Optional<Minute<K>> worst(ToDoubleFunction<Minute<K>> measure) {
        return minutes.keySet().stream()
                .flatMap(this::minutesOf)
                .filter(minute -> measure.applyAsDouble(minute) > 0)
                .max(Comparator.comparingDouble(measure).thenComparingDouble(minute -> minute.sum(0)));
    }

    /** All that was added in the minute that begins then, highest measure first. */
    List<Minute<K>> in(long start, ToDoubleFunction<Minute<K>> measure) {
        return minutesOf(Math.floorDiv(start - origin, LENGTH))
                .sorted(Comparator.comparingDouble(measure).reversed())
                .toList();
    }

    private Stream<Minute<K>> minutesOf(long index) {
        return minutes.getOrDefault(index, Map.of()).entrySet().stream()
                .map(sums -> new Minute<>(sums.getKey(), origin + index * LENGTH, seconds, sums.getValue()));
    }

    /** The sums of one key in one minute, which may be a shorter one. */
    static final class Minute<K> {
        private final K key;
        private final long start;
        private final double seconds;
        private final double[] sums;

        private Minute(K key, long start, double seconds, double[] sums) {
            this.key = key;
            this.start = start;
            this.seconds = seconds;
            this.sums = sums;
        }

        K key() {
            return key;
        }

        /** In ns since the epoch. */
        long start() {
            return start;
        }

        boolean contains(long time) {
            return time >= start && time < start + LENGTH;
        }

        double sum(int column) {
            return sums[column];
        }

        double perSecond(int column) {
            return sums[column] / seconds;
        }

        /** Of a column in ns: how much of the time, or how many at once on average. */
        double busy(int column) {
            return perSecond(column) / TimeUnit.SECONDS.toNanos(1);
        }
    }
}
