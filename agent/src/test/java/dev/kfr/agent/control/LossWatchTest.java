// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** When listeners hear of lost records, by a clock that the test moves. */
class LossWatchTest {
    private final AtomicLong clock = new AtomicLong(Long.MAX_VALUE - 5); // it may overflow at any time
    private final AtomicLong lost = new AtomicLong();
    private final List<String> told = new ArrayList<>();
    private final LossWatch watch = new LossWatch(lost::get, told::add, clock::get);

    @Test
    void tellsOfALossAtOnce() {
        watch.look();
        assertEquals(List.of(), told);
        lost.set(3);
        watch.look();
        assertTrue(told.getLast().startsWith("3 records were lost"), told::toString);
    }

    @Test
    void saysNothingTwice() {
        lost.set(3);
        watch.look();
        clock.addAndGet(TimeUnit.MINUTES.toNanos(1));
        watch.look();
        assertEquals(1, told.size(), told::toString);
    }

    @Test
    void addsUpWhatIsLostSoonAfter() {
        lost.set(3);
        watch.look();
        lost.set(10);
        watch.look();
        assertEquals(1, told.size(), told::toString);
        clock.addAndGet(TimeUnit.SECONDS.toNanos(LossWatch.SECONDS));
        watch.look();
        assertTrue(told.getLast().startsWith("7 records were lost"), told::toString);
    }
}
