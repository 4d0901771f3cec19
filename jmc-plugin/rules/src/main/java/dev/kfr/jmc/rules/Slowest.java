// SPDX-License-Identifier: Apache-2.0
package dev.kfr.jmc.rules;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * How slow the slow ones of a minute were: as long as the third longest took, since one or two may be an accident; or a
 * tenth of the longest, since one that takes ten times too long is felt even if it stays the only one.
 */
final class Slowest<K> {
    private static final int ALONE = 10;

    private final Map<Long, Map<K, Longest>> minutes = new HashMap<>();
    private final long origin;
    private Longest worst = new Longest(null, 0);

    Slowest(Recorded recorded) {
        origin = recorded.span().from();
    }

    /** @param key what is slow: a file, an address */
    void add(K key, long start, long nanos) {
        long index = Math.floorDiv(start - origin, Minutes.LENGTH);
        var longest = minutes.computeIfAbsent(index, i -> new HashMap<>())
                .computeIfAbsent(key, k -> new Longest(k, origin + index * Minutes.LENGTH));
        longest.add(nanos);
        if (longest.measure() > worst.measure()) {
            worst = longest;
        }
    }

    /** Of the worst key in its worst minute; if nothing was added its measure is 0. */
    Longest worst() {
        return worst;
    }

    /** The three longest of a key in a minute, and how many and how long all of them were. */
    final class Longest {
        private final K key;
        private final long start;
        private long first;
        private long second;
        private long third;
        private int count;
        private long total;

        private Longest(K key, long start) {
            this.key = key;
            this.start = start;
        }

        private void add(long nanos) {
            count++;
            total += nanos;
            if (nanos > first) {
                third = second;
                second = first;
                first = nanos;
            } else if (nanos > second) {
                third = second;
                second = nanos;
            } else if (nanos > third) {
                third = nanos;
            }
        }

        K key() {
            return key;
        }

        long start() {
            return start;
        }

        long longest() {
            return first;
        }

        int count() {
            return count;
        }

        long total() {
            return total;
        }

        double measure() {
            return Math.max(third, first / (double) ALONE);
        }

        double millis() {
            return measure() / TimeUnit.MILLISECONDS.toNanos(1);
        }
    }
}
