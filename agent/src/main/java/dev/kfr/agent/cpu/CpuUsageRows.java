// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.cpu;

import dev.kfr.agent.control.SubjectProbe.Rows;
import dev.kfr.agent.record.Tasks;
import dev.kfr.events.Scope;
import dev.kfr.events.cpu.CpuUsage;
import java.util.function.Supplier;

/** Writes {@code kernel.CpuUsage}. */
final class CpuUsageRows implements Rows {
    private final CpuStatReader reader;
    private ProcStat before = ProcStat.NOTHING;

    CpuUsageRows(Tasks tasks, Supplier<RunQueue> runQueue) {
        this.reader = new CpuStatReader(tasks, runQueue);
    }

    @Override
    public synchronized void start() {
        before = reader.read();
    }

    /** The iterator can be used, which knows the switches: an interval that began just before begins now. */
    synchronized void switchesKnown() {
        if (before != ProcStat.NOTHING) {
            before = reader.read();
        }
    }

    @Override
    public synchronized void stop() {
        before = ProcStat.NOTHING;
    }

    /** @param scope CPUs belong to nobody: there is a row for each, whatever is asked for */
    @Override
    public synchronized int write(Scope scope) {
        var now = reader.read();
        var usages = now.since(before);
        long nanos = now.nanoTime() - before.nanoTime();
        usages.forEach((cpu, usage) -> {
            var event = new CpuUsage();
            event.cpu = cpu;
            event.user = (float) usage.user();
            event.system = (float) usage.system();
            event.irq = (float) usage.irq();
            event.softirq = (float) usage.softirq();
            event.idle = (float) usage.idle();
            event.ioWait = (float) usage.ioWait();
            event.steal = (float) usage.steal();
            event.contextSwitches = (float) usage.switchesPerSecond();
            event.interval = nanos;
            event.commit();
        });
        before = now;
        return usages.size();
    }
}
