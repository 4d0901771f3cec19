// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.network;

import dev.kfr.agent.record.ProcessTable;
import java.util.function.LongSupplier;

/**
 * What the kernel side counts about the network.
 *
 * @param table per process, with the fields of {@link NetworkCounts}
 * @param forgotten connections that the kernel side had no room to remember
 */
public record NetworkCounters(ProcessTable table, LongSupplier forgotten) {}
