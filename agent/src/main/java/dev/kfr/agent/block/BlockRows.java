// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.block;

import dev.kfr.agent.control.SubjectProbe.Rows;
import dev.kfr.events.Scope;
import dev.kfr.events.block.BlockIoStatistics;
import java.util.function.Supplier;

/** Writes {@code kernel.BlockIoStatistics}. */
final class BlockRows implements Rows {
    private final Supplier<BlockTable> table;

    BlockRows(Supplier<BlockTable> table) {
        this.table = table;
    }

    @Override
    public void start() {
        table.get().startIntervals();
    }

    @Override
    public void stop() {
        var counted = table.get();
        if (counted != null) {
            counted.stopIntervals();
        }
    }

    /** Rows are about disks: whose requests they count is decided when they are counted, and can't be narrowed here. */
    @Override
    public int write(Scope scope) {
        var counted = table.get();
        if (counted == null) {
            return 0;
        }
        var interval = counted.nextInterval();
        for (var row : interval.rows()) {
            var requests = row.requests();
            var event = new BlockIoStatistics();
            event.device = row.key().disk();
            event.operation = row.key().operation().toString();
            event.count = (int) Math.min(requests.count, Integer.MAX_VALUE);
            event.errors = (int) Math.min(requests.errors, Integer.MAX_VALUE);
            event.bytes = requests.bytes;
            event.p50 = requests.percentile(0.50);
            event.p99 = requests.percentile(0.99);
            event.max = requests.maxTime;
            event.totalTime = requests.totalTime;
            event.queueTime = requests.queueTime;
            event.interval = interval.nanos();
            event.commit();
        }
        return interval.rows().size();
    }
}
