// SPDX-License-Identifier: Apache-2.0
package dev.kfr.jmc.rules;

import java.util.HashMap;
import java.util.Map;
import java.util.function.BiConsumer;

/** The last value of each key, by time, as events come in no order. */
final class Latest<K, V> {
    private record At<V>(long time, V value) {}

    private final Map<K, At<V>> values = new HashMap<>();

    void put(K key, long time, V value) {
        values.merge(key, new At<>(time, value), (before, now) -> now.time() >= before.time() ? now : before);
    }

    void each(BiConsumer<K, V> consumer) {
        values.forEach((key, at) -> consumer.accept(key, at.value()));
    }
}
