// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.control;

import dev.kfr.bpf.BpfCollection;
import dev.kfr.bpf.linux.Cpus;

/**
 * How large a table in the kernel is: a slice of rows for each CPU, and behind them an overflow row for each.
 *
 * @param cpus how many CPU numbers the kernel may use
 * @param rowsPerCpu rows of a slice, a power of two
 */
public record TableSize(int cpus, int rowsPerCpu) {
    private static final int FEWEST_ROWS = 512;
    private static final long LARGEST_TABLE = 64L << 20;

    /**
     * A row for each process on each CPU, as long as the table stays below 64 MiB: hosts with very many CPUs get fewer. What finds no row
     * is counted in an overflow row.
     *
     * @param processes the option {@code processes}
     * @param rowBytes size of a row
     */
    public static TableSize of(int processes, int rowBytes) {
        return of(processes, rowBytes, Cpus.possible());
    }

    static TableSize of(int processes, int rowBytes, int cpus) {
        long affordable = Long.highestOneBit(LARGEST_TABLE / ((long) cpus * rowBytes));
        long wanted = Long.highestOneBit(Math.max(1, processes - 1)) << 1;
        return new TableSize(cpus, (int) Math.max(FEWEST_ROWS, Math.min(affordable, wanted)));
    }

    /**
     * Sets the size of a table that is about to be created.
     *
     * @param map name of the table's map
     * @param constant name of the program's constant for the rows of a slice
     */
    public void configure(BpfCollection.Builder builder, String map, String constant) {
        builder.maxEntries(map, cpus * (rowsPerCpu + 1)).constant(constant, rowsPerCpu);
    }
}
