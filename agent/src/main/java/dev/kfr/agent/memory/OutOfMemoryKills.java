// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.memory;

import dev.kfr.agent.record.Decoder;
import dev.kfr.agent.record.Layouts;
import dev.kfr.agent.record.Text;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/** Processes that were killed since memory ran out, counted whether or not anybody records or reads. Thread-safe. */
public final class OutOfMemoryKills {
    private static final int NAME_LENGTH = 16;

    private final AtomicLong count = new AtomicLong();

    /** How many since the agent started. */
    public long count() {
        return count.get();
    }

    /**
     * The decoder of {@code RECORD_KILL_SEEN}.
     *
     * @param told gets a sentence for the operator, on the thread that drains the ring
     */
    public Decoder decoder(Layouts layouts, Text text, Consumer<String> told) {
        var kill = new KillRecord(layouts);
        return record -> {
            count.incrementAndGet();
            long here = kill.victimNsPid(record);
            told.accept("the kernel killed process " + (here != 0 ? here : kill.victimPid(record)) + " ("
                    + text.terminated(record, kill.victimName(), NAME_LENGTH) + ", " + (kill.resident(record) >> 10)
                    + " KiB resident) since memory ran out in memory cgroup " + kill.memoryCgroup(record));
        };
    }
}
