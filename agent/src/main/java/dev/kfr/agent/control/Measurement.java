// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.control;

import dev.kfr.bpf.BpfException;
import dev.kfr.bpf.RunStatistics;

/**
 * The kernel's run statistics of BPF programs, switched on while a recording wants them or an MBean's reader has looked lately.
 * Thread-safe.
 */
final class Measurement implements AutoCloseable {
    private boolean recordings;
    private boolean readers;
    private RunStatistics statistics;
    private String problem = "";

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
                problem = e.getMessage() + ". Only a process with CAP_SYS_ADMIN may have the kernel measure them";
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
