// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.control;

import dev.kfr.agent.record.Delivery;
import dev.kfr.agent.record.EventCounters;
import dev.kfr.events.agent.EventLoss;
import java.util.List;
import java.util.StringJoiner;
import java.util.function.ToLongFunction;

/**
 * Writes {@code kernel.EventLoss}: what became of the events of each subject since the row before. An event on its way is in no row yet, so
 * that in each row produced = recorded + throttled + lost.
 */
public final class LossRows {
    private final List<String> subjects;
    private final EventCounters counters;
    private final Delivery delivery;
    private final ToLongFunction<String> skipped;
    private final long[][] before;
    private long time = System.nanoTime();

    /**
     * @param subjects names, in the order of {@code enum subject}
     * @param skipped program runs that the kernel left out, by subject, since the agent started
     */
    public LossRows(List<String> subjects, EventCounters counters, Delivery delivery, ToLongFunction<String> skipped) {
        this.subjects = List.copyOf(subjects);
        this.counters = counters;
        this.delivery = delivery;
        this.skipped = skipped;
        this.before = new long[subjects.size()][];
        start();
    }

    /** Rows begin: what was before belongs to none. */
    public synchronized void start() {
        time = System.nanoTime();
        for (int i = 0; i < before.length; i++) {
            before[i] = read(i);
        }
    }

    private long[] read(int subject) {
        // What is recorded comes first: what arrives in between would seem to have been recorded and not produced.
        return new long[] {
            delivery.recorded(subject),
            counters.throttled(subject),
            counters.lost(subject),
            delivery.unwanted(subject),
            skipped.applyAsLong(subjects.get(subject)),
            delivery.failed(subject)
        };
    }

    /** Writes the rows of subjects of which there is something to tell, and returns how many. */
    public synchronized int write() {
        int rows = 0;
        long now = System.nanoTime();
        for (int i = 0; i < before.length; i++) {
            var seen = read(i);
            var event = new EventLoss();
            event.subject = subjects.get(i);
            event.recorded = difference(seen, i, 0);
            event.throttled = difference(seen, i, 1);
            int full = difference(seen, i, 2);
            int unwanted = difference(seen, i, 3);
            int failed = difference(seen, i, 5);
            event.lost = full + unwanted + failed;
            event.produced = event.recorded + event.throttled + event.lost;
            event.skipped = difference(seen, i, 4);
            event.reason = reason(full, unwanted, failed);
            event.interval = now - time;
            before[i] = seen;
            if (event.produced > 0 || event.skipped > 0) {
                event.commit();
                rows++;
            }
        }
        time = now;
        return rows;
    }

    private int difference(long[] seen, int subject, int which) {
        return (int) Math.min(Integer.MAX_VALUE, seen[which] - before[subject][which]);
    }

    private static String reason(int full, int unwanted, int failed) {
        var reasons = new StringJoiner("; ");
        if (full > 0) {
            reasons.add(full + " found the ring buffer full: a larger one (option ring) or a higher threshold helps");
        }
        if (unwanted > 0) {
            reasons.add(unwanted + " came when no recording wanted them any more");
        }
        if (failed > 0) {
            reasons.add(failed + " could not be decoded: the log has the first failure");
        }
        return reasons.toString();
    }
}
