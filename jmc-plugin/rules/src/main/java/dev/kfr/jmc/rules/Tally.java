// SPDX-License-Identifier: Apache-2.0
package dev.kfr.jmc.rules;

import java.util.HashMap;
import java.util.Map;
import java.util.stream.Collectors;

/** How much of what, as sentences tell it: most first, and only the first few. */
final class Tally {
    private static final int SHOWN = 5;

    /** Words for one entry. */
    interface Words {
        String of(String what, long amount);
    }

    private final Map<String, Long> amounts = new HashMap<>();

    void add(String what, long amount) {
        amounts.merge(what, amount, Long::sum);
    }

    boolean isEmpty() {
        return amounts.isEmpty();
    }

    /** Whether there is nothing but this. */
    boolean isOnly(String what) {
        return amounts.size() == 1 && amounts.containsKey(what);
    }

    /** What there is most of; the other if there is nothing. */
    String mostOr(String other) {
        return amounts.entrySet().stream()
                .max(Map.Entry.comparingByValue())
                .map(Map.Entry::getKey)
                .orElse(other);
    }

    /** Empty if there is nothing. */
    String inWords(Words words) {
        return amounts.entrySet().stream()
                .sorted(Map.Entry.<String, Long>comparingByValue().reversed())
                .limit(SHOWN)
                .map(entry -> words.of(entry.getKey(), entry.getValue()))
                .collect(Collectors.joining(", "));
    }

    /** Such as {@code ENOENT 12 times, EACCES 3 times}. */
    String inTimes() {
        return inWords((what, count) -> what + " " + count + " times");
    }
}
