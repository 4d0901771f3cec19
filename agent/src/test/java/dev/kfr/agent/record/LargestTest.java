// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.record;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class LargestTest {
    private static final String OTHERS = "(other)";

    private static Largest<String, long[]> largest(int most, Set<String> stay) {
        return new Largest<>(
                most,
                OTHERS,
                () -> new long[1],
                (sum, more) -> {
                    sum[0] += more[0];
                    return sum;
                },
                counts -> counts[0],
                stay::contains);
    }

    @Test
    void keepsAllUpToTheBound() {
        var largest = largest(4, Set.of());
        for (int i = 0; i < 4; i++) {
            largest.of("k" + i)[0] += i;
            largest.of("k" + i)[0] += i;
        }
        var counts = largest.take();
        assertEquals(4, counts.size());
        assertEquals(6, counts.get("k3")[0]);
        assertTrue(largest.take().isEmpty());
    }

    @Test
    void theLargestStayWheneverTheyCome() {
        var random = new Random(7);
        var largest = largest(100, Set.of("small and alive"));
        long sum = 1;
        largest.of("small and alive")[0] = 1;
        for (int i = 0; i < 10_000; i++) {
            long count = i % 1000 == 500 ? 1_000_000 + i : 2 + random.nextInt(1000);
            largest.of("k" + i)[0] = count;
            sum += count;
        }
        var counts = largest.take();
        assertTrue(counts.size() <= 102, "keys " + counts.size());
        for (int i = 500; i < 10_000; i += 1000) {
            assertEquals(1_000_000 + i, counts.get("k" + i)[0]);
        }
        assertEquals(1, counts.get("small and alive")[0]);
        assertEquals(sum, counts.values().stream().mapToLong(each -> each[0]).sum());
    }

    @Test
    void equalsAreGivenUpAsFarAsNeeded() {
        var largest = largest(10, Set.of());
        for (int i = 0; i < 11; i++) {
            largest.of("k" + i)[0] = 5;
        }
        var counts = largest.take();
        assertEquals(5 + 1 + 1, counts.size()); // half, the others, and the one that came last
        assertEquals(25, counts.get(OTHERS)[0]);
    }

    @Test
    void thoseThatStayDoNotHaveTheRestFoldedEachTime() {
        var stay = new HashSet<String>();
        var largest = largest(10, stay);
        for (int i = 0; i < 1000; i++) {
            stay.add("k" + i);
            largest.of("k" + i)[0] = 1;
        }
        assertEquals(1000, largest.take().size());
    }
}
