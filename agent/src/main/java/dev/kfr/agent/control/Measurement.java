// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.control;

import dev.kfr.bpf.BpfException;
import dev.kfr.bpf.RunStatistics;
import java.util.function.Consumer;

/**
 * The kernel's run statistics of BPF programs, switched on while a recording wants them or an MBean's reader has looked lately.
 * Thread-safe.
 */
final class Measurement implements AutoCloseable {
    private final Consumer<String> problems;
    private boolean recordings;
    private boolean readers;
    private RunStatistics statistics;
    private String problem = "";

    /** @param problems told why the kernel does not measure, each time it is asked to and doesn't */
    Measurement(Consumer<String> problems) {
        this.problems = problems;
    }

    synchronized void forRecordings(boolean wanted) {
        recordings = wanted;
        apply();
    }

    synchronized void forReaders(boolean wanted) {
        readers = wanted;
        apply();
    }

    /** Why the kernel does not measure, although somebody wants it; empty if it does. */
    synchronized String problem() {
        return problem;
    }

    private void apply() {
        boolean wanted = recordings || readers;
        if (wanted && statistics == null) {
            try {
                statistics = RunStatistics.enable();
                problem = "";
            } catch (BpfException e) {
                problem = "run times of probes: " + e.getMessage()
                        + ". Only a process with CAP_SYS_ADMIN may have the kernel measure them";
                problems.accept(problem);
            }
        } else if (!wanted) {
            problem = "";
            close();
        }
    }

    @Override
    public synchronized void close() {
        if (statistics != null) {
            statistics.close();
            statistics = null;
        }
    }
}
