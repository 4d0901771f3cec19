// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.record;

import dev.kfr.events.PeriodicKernelEvent;

/** Says of a row which process it is about. */
public final class RowProcess {
    /** In place of a name: all processes that have no row of their own. */
    public static final String OTHERS = "(other)";

    private RowProcess() {}

    /** Fills what is common to all rows of processes. */
    public static void fill(PeriodicKernelEvent row, Processes.Info process) {
        row.pid = process.pid();
        row.processName = process.name();
        row.uid = process.uid();
        row.container = process.container();
        row.pidNamespace = process.pidNamespace();
    }
}
