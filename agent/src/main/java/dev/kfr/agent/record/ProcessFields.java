// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.record;

import dev.kfr.bpf.StructLayout;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Which numbers of a row are read: first those that are added up, then those of which the largest counts.
 *
 * @param words where they are in a row, in 64-bit words
 * @param sums how many of them are added up
 */
record ProcessFields(int[] words, int sums) {
    static ProcessFields of(StructLayout row, List<String> sums, List<String> maxima) {
        var words = Stream.concat(sums.stream(), maxima.stream())
                .mapToInt(name -> row.field(name).offset() / Long.BYTES)
                .toArray();
        return new ProcessFields(words, sums.size());
    }

    static ProcessFields sums(int count) {
        return new ProcessFields(IntStream.range(0, count).toArray(), count);
    }

    int count() {
        return words.length;
    }

    /** Adds a row to numbers that were collected. */
    void add(long[] collected, int to, long[] row, int at) {
        for (int i = 0; i < words.length; i++) {
            collected[to + i] = together(i, collected[to + i], row[at + words[i]]);
        }
    }

    /** Adds numbers that were collected to others. */
    void addCollected(long[] collected, int to, long[] more, int at) {
        for (int i = 0; i < words.length; i++) {
            collected[to + i] = together(i, collected[to + i], more[at + i]);
        }
    }

    private long together(int field, long one, long other) {
        return field < sums ? one + other : Math.max(one, other);
    }
}
