// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.processes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kfr.agent.jmx.Counters;
import dev.kfr.agent.jmx.Fixed;
import dev.kfr.agent.record.EventCounters;
import dev.kfr.agent.record.TableRows;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** How many processes the MBean says run, where all are counted and where only some are. */
class ProcessesMonitorTest {
    private final TableRows events = new TableRows("event_counters", 1);
    private final AtomicLong shown = new AtomicLong(100);
    private final Fixed<EventCounters> counters = new Fixed<>(new EventCounters(events.memory(), events.layout()));

    @Test
    void startsAndEndsChangeHowManyRun() {
        var monitor = new ProcessesMonitor(counters, new RecentExits(), true, shown::get);
        assertEquals(100, monitor.getRunning());
        events.set(0, "forks", 7).set(0, "exits", 2);
        shown.set(50);
        assertEquals(105, monitor.getRunning());
    }

    @Test
    void whatIsCountedOfOthersDoesNotChangeHowManyAreSeen() {
        var monitor = new ProcessesMonitor(counters, new RecentExits(), false, shown::get);
        assertEquals(100, monitor.getRunning());
        events.set(0, "forks", 7).set(0, "exits", 2);
        shown.set(50);
        assertEquals(50, monitor.getRunning());
    }

    @Test
    void theLookThatStartsTheCountersIsWhereRatesBegin() throws InterruptedException {
        var begun = new AtomicBoolean();
        var late = new Counters<EventCounters>() {
            @Override
            public EventCounters demand() {
                return counters.demand();
            }

            @Override
            public Instant since() {
                return begun.get() ? counters.since() : null;
            }
        };
        var monitor = new ProcessesMonitor(late, new RecentExits(), true, shown::get);
        assertEquals(0, monitor.getStartedPerSecond());
        begun.set(true);
        events.set(0, "forks", 1_000_000);
        Thread.sleep(1_100); // rates are of a second at least
        assertTrue(monitor.getStartedPerSecond() > 0);
    }
}
