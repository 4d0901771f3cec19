// SPDX-License-Identifier: Apache-2.0
package dev.kfr.bpf;

import dev.kfr.bpf.linux.BpfAttributes;
import dev.kfr.bpf.linux.BpfCommand;
import dev.kfr.bpf.linux.Descriptor;

/**
 * While this is open the kernel counts runs and run time of <em>every</em> BPF program of the host
 * ({@code BPF_ENABLE_STATS}, Linux 5.8), which costs each run about 90 ns; {@link BpfProgram#info()} has the figures.
 * Several may be open at once, also of other processes; counting ends with the last. Needs {@code CAP_SYS_ADMIN}.
 */
public final class RunStatistics implements AutoCloseable {
    private static final int TYPE = 0; // BPF_STATS_RUN_TIME is 0 too

    private final Descriptor descriptor;

    private RunStatistics(Descriptor descriptor) {
        this.descriptor = descriptor;
    }

    /**
     * Switches run statistics on.
     *
     * @throws BpfException if the kernel refuses
     */
    public static RunStatistics enable() {
        try (var attributes = new BpfAttributes().setInt(TYPE, 0)) {
            return new RunStatistics(attributes.open(BpfCommand.ENABLE_STATS, "enable run statistics"));
        }
    }

    @Override
    public void close() {
        descriptor.close();
    }
}
