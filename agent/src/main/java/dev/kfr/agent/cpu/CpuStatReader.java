// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.cpu;

import dev.kfr.agent.record.Tasks;
import dev.kfr.bpf.BpfException;
import java.nio.file.Path;
import java.util.function.Supplier;

/** Reads {@code /proc/stat}, and beside it how often each CPU switched, which that file has for all of them only. Thread-safe. */
final class CpuStatReader {
    private static final Path FILE = Path.of("/proc/stat");

    private final Tasks tasks;
    private final Supplier<RunQueue> runQueue;

    /** @param runQueue null while it is not in the kernel */
    CpuStatReader(Tasks tasks, Supplier<RunQueue> runQueue) {
        this.tasks = tasks;
        this.runQueue = runQueue;
    }

    ProcStat read() {
        var queue = runQueue.get();
        if (queue != null) {
            try {
                tasks.refresh(); // the iterator notes the switches
                return ProcStat.read(FILE, queue::switches);
            } catch (IllegalStateException | BpfException unknown) {
                // taken out of the kernel meanwhile, or it can't be asked: the rest of the file is true without
            }
        }
        return ProcStat.read(FILE, cpu -> 0);
    }
}
