// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kfr.agent.control.Demand.Mode;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** How long counters run for readers of an MBean, by a clock that the test moves. */
class DemandTest {
    private final AtomicLong clock = new AtomicLong(1_000);
    private final AtomicInteger starts = new AtomicInteger();

    @Test
    void theFirstReadStartsTheCounters() {
        var demand = demand(Mode.ON_DEMAND);
        assertFalse(demand.wanted(), "before the first read");
        demand.read();
        demand.read();
        assertTrue(demand.wanted());
        assertEquals(1, starts.get(), "starts for two reads");
    }

    @Test
    void countersRunForFiveMinutesAfterTheLastRead() {
        assertEquals(Duration.ofMinutes(5), Demand.LASTING);
        var demand = demand(Mode.ON_DEMAND);
        demand.read();
        pass(Duration.ofMinutes(4));
        demand.read();
        pass(Duration.ofMinutes(5).minusNanos(1));
        assertTrue(demand.wanted(), "a moment before");
        assertEquals(1, demand.remaining(), "ns until somebody has to look");
        pass(Duration.ofNanos(1));
        assertFalse(demand.wanted(), "after 5 minutes without a read");
        assertTrue(demand.remaining() < 0, "nothing to wait for");
    }

    @Test
    void aReadAfterThatStartsThemAnew() {
        var demand = demand(Mode.ON_DEMAND);
        demand.read();
        pass(Duration.ofMinutes(6));
        assertFalse(demand.wanted());
        demand.read();
        assertTrue(demand.wanted());
        assertEquals(2, starts.get());
    }

    @Test
    void optionsDecideWhateverIsRead() {
        var always = demand(Mode.ALWAYS);
        assertTrue(always.wanted());
        assertTrue(always.remaining() < 0);
        var off = demand(Mode.OFF);
        off.read();
        assertFalse(off.wanted());
        assertTrue(off.remaining() < 0);
        assertEquals(0, starts.get());
    }

    @Test
    void tellsSinceWhenTheyRun() {
        var demand = demand(Mode.ON_DEMAND);
        assertNull(demand.since());
        demand.running(true);
        var since = demand.since();
        assertNotNull(since);
        demand.running(true);
        assertEquals(since, demand.since(), "still the same run");
        demand.running(false);
        assertNull(demand.since());
    }

    private Demand demand(Mode mode) {
        return new Demand(mode, Demand.LASTING, starts::incrementAndGet, clock::get);
    }

    private void pass(Duration time) {
        clock.addAndGet(time.toNanos());
    }
}
