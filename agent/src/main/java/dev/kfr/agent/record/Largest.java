// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.record;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.function.BinaryOperator;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;

/**
 * What was counted by key, bounded: beyond the bound the keys with least give up their names, not their counts. Which these are is decided when the
 * bound is reached, and not by who came last: what is large stands alone however many small ones came before. Not thread-safe.
 *
 * @param <K> what is counted for
 * @param <V> the counts
 */
public final class Largest<K, V> {
    private final int most;
    private final K others;
    private final Supplier<V> nothing;
    private final BinaryOperator<V> plus;
    private final ToLongFunction<V> weight;
    private final Predicate<K> stays;
    private Map<K, V> counts = new HashMap<>();
    private int limit;

    /**
     * @param most how many keys there are at most, beside those that stay
     * @param others the key of all that gave up theirs
     * @param nothing counts to begin with
     * @param plus the second added to the first
     * @param weight by which counts are large
     * @param stays which keys are never given up: those of which more is to come
     */
    public Largest(
            int most,
            K others,
            Supplier<V> nothing,
            BinaryOperator<V> plus,
            ToLongFunction<V> weight,
            Predicate<K> stays) {
        this.most = most;
        this.others = others;
        this.nothing = nothing;
        this.plus = plus;
        this.weight = weight;
        this.stays = stays;
        this.limit = most;
    }

    /** The counts of a key, to be added to before the next call. */
    public V of(K key) {
        V known = counts.get(key);
        if (known != null) {
            return known;
        }
        if (counts.size() >= limit) {
            fold();
        }
        V begun = nothing.get();
        counts.put(key, begun);
        return begun;
    }

    /** The counts of a key; null if there are none. */
    V known(K key) {
        return counts.get(key);
    }

    /** Half of the bound is made free, so that this is rare. */
    private void fold() {
        long[] weights = counts.entrySet().stream()
                .filter(each -> canGo(each.getKey()))
                .mapToLong(each -> weight.applyAsLong(each.getValue()))
                .sorted()
                .toArray();
        int surplus = weights.length - most / 2;
        if (surplus > 0) {
            fold(weights, surplus);
        }
        limit = Math.max(most, 2 * counts.size());
    }

    private void fold(long[] sorted, int surplus) {
        long threshold = sorted[surplus - 1];
        int asLight = surplus - first(sorted, threshold);
        V sum = counts.getOrDefault(others, nothing.get());
        for (var each = counts.entrySet().iterator(); each.hasNext(); ) {
            var entry = each.next();
            if (!canGo(entry.getKey())) {
                continue;
            }
            long own = weight.applyAsLong(entry.getValue());
            if (own < threshold || (own == threshold && asLight-- > 0)) {
                sum = plus.apply(sum, entry.getValue());
                each.remove();
            }
        }
        counts.put(others, sum);
    }

    private static int first(long[] sorted, long value) {
        int at = Arrays.binarySearch(sorted, value);
        while (at > 0 && sorted[at - 1] == value) {
            at--;
        }
        return at;
    }

    private boolean canGo(K key) {
        return !key.equals(others) && !stays.test(key);
    }

    /** What was counted; from now on nothing was. */
    public Map<K, V> take() {
        var taken = counts;
        clear();
        return taken;
    }

    /** Nothing was counted. */
    public void clear() {
        counts = new HashMap<>();
        limit = most;
    }

    /** The keys that have counts. */
    public Iterable<K> keys() {
        return counts.keySet();
    }
}
