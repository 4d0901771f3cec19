// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.block;

import dev.kfr.agent.control.TableRows;
import dev.kfr.events.Scope;
import dev.kfr.events.block.BlockIoStatistics;
import java.util.function.Supplier;

/** Writes {@code kernel.BlockIoStatistics}. */
final class BlockRows extends TableRows<BlockTable> {
    BlockRows(Supplier<BlockTable> table) {
        super(table);
    }

    /** Rows are about disks: whose requests they count is decided when they are counted, and can't be narrowed here. */
    @Override
    protected int write(BlockTable table, Scope scope) {
        var interval = table.nextInterval();
        for (var row : interval.rows()) {
            var requests = row.requests();
            var event = new BlockIoStatistics();
            event.device = row.key().disk();
            event.operation = row.key().operation().toString();
            event.count = count(requests.count);
            event.errors = count(requests.errors);
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
