// SPDX-License-Identifier: Apache-2.0
package dev.kfr.jmc.rules;

import java.util.List;
import org.openjdk.jmc.common.unit.IQuantity;
import org.openjdk.jmc.common.unit.UnitLookup;
import org.openjdk.jmc.common.util.IPreferenceValueProvider;
import org.openjdk.jmc.common.util.TypedPreference;
import org.openjdk.jmc.flightrecorder.rules.TypedResult;

/**
 * Threads of the service want to run and get no CPU.
 *
 * <p>The measure is the share of their runnable time that threads spent waiting, in the worst minute, from the
 * scheduler's own sums ({@code kernel.ProcessCpu}), which no threshold or throttle makes smaller. A share w makes all
 * computing take 1 / (1 - w) of its time: <b>information at 20 %</b>, where work takes a quarter longer, about what one
 * sees in response times; <b>warning at 50 %</b>, where it takes twice as long. Between the two the cost grows
 * steadily, so the score does. Waiting that adds up to less than 5 % of one CPU is not looked at: an idle service on a
 * busy host waits for each of its few ticks and nobody notices. Nor is the longest wait in each row: see {@link
 * ProcessorUse}.
 */
public final class CpuWaitRule implements KernelRule {
    private static final String PROCESS_CPU = "kernel.ProcessCpu";

    static final Limits LIMITS = Limits.of(
            "dev.kfr.cpu.wait", "share of runnable time spent waiting for a CPU", Typed.share(0.2), Typed.share(0.5));
    static final TypedPreference<IQuantity> LEAST = Limits.preference(
            "dev.kfr.cpu.wait.least",
            "Least waiting, of one CPU",
            "Waiting that adds up to less than this share of one CPU is ignored",
            Typed.share(0.05));

    static final TypedResult<IQuantity> SHARE = Typed.share("share", "Share of runnable time spent waiting");
    static final TypedResult<IQuantity> WAITED = Typed.time("waited", "Time waited by all threads in the worst minute");
    static final TypedResult<IQuantity> LONGEST = Typed.time("longest", "Longest wait of a thread in the worst minute");
    static final TypedResult<IQuantity> IDLE = Typed.share("idle", "Share of CPU time that nobody used in that minute");
    static final TypedResult<IQuantity> WHEN = Typed.instant("when", "Start of the worst minute");
    static final TypedResult<String> PROCESS = Typed.text("process", "Process that waited");
    static final TypedResult<String> TAKERS = Typed.text("takers", "Who had the CPUs");

    private static final Description DESCRIPTION = new Description(
            "KernelCpuWait",
            "Threads Waiting for a CPU",
            Topics.CPU,
            List.of(PROCESS_CPU),
            LIMITS.and(LEAST),
            List.of(SHARE, WAITED, LONGEST, IDLE, WHEN, PROCESS, TAKERS));

    @Override
    public Description description() {
        return DESCRIPTION;
    }

    @Override
    public Finding examine(Recorded recorded, IPreferenceValueProvider preferences) {
        double least = preferences.getPreferenceValue(LEAST).doubleValueIn(UnitLookup.PERCENT_UNITY);
        var cpu = ProcessorUse.of(recorded);
        var worst = cpu.own()
                .worst(minute -> minute.busy(ProcessorUse.WAITED) < least ? 0 : ProcessorUse.waitedShare(minute));
        if (worst.isEmpty()) {
            return Finding.good("Threads of the service hardly ever waited for a CPU.");
        }
        var minute = worst.get();
        double share = ProcessorUse.waitedShare(minute);
        double score = LIMITS.curve(preferences, UnitLookup.PERCENT_UNITY).score(share);
        if (score < Curve.INFO) {
            return Finding.good(score, "Threads spent {share} of their runnable time waiting for a CPU, at most.")
                    .with(SHARE, Typed.share(share));
        }
        double idle = cpu.idleIn(minute.start());
        var waits = new Waits();
        recorded.eachOwn("kernel.RunQueueWait", row -> {
            if (minute.contains(row.start())) {
                waits.add(row);
            }
        });
        return Finding.problem(
                        score,
                        "Threads of {process} spent {share} of the time in which they could have run waiting for a CPU.",
                        explanation(share, idle, waits) + recorded.loss("cpu").note(),
                        solution(idle))
                .with(SHARE, Typed.share(share))
                .with(WAITED, Typed.nanos(minute.sum(ProcessorUse.WAITED)))
                .with(LONGEST, Typed.nanos(waits.longest))
                .with(IDLE, Typed.share(Math.max(0, idle)))
                .with(WHEN, Typed.instant(minute.start()))
                .with(PROCESS, minute.key().toString())
                .with(TAKERS, cpu.takersIn(minute.start()));
    }

    private static String explanation(double share, double idle, Waits waits) {
        var text = new StringBuilder(String.format(
                "In the minute from {when} they waited {waited} in all, so what they computed took %.1f times as long as it had to. A profiler shows"
                        + " such threads as running; only the kernel knows that they were not.",
                1 / (1 - Math.min(share, 0.99))));
        if (waits.count > 0) {
            text.append(" The longest single wait took {longest}; most often the CPU was held by ")
                    .append(waits.most())
                    .append('.');
        }
        text.append(" CPU time in that minute went to: {takers}.");
        if (idle >= 0) {
            text.append(" {idle} of the CPU time of the host was used by nobody.");
        }
        return text.toString();
    }

    private static String solution(double idle) {
        return idle >= CpuQuotaRule.MUCH_IDLE
                ? "As CPUs were idle meanwhile, the service was kept from using them: look at the CPU limit of its container, at CPU sets and at thread affinity."
                : "If others had the CPUs, move them, give them less weight (cgroup cpu.weight, nice) or give the service more. If the service itself had"
                        + " them, it has more runnable threads than CPUs: reduce the sizes of its pools, and compare what GC and compiler threads take.";
    }

    /** The waits of a minute, one by one. */
    private static final class Waits {
        private final Tally holders = new Tally();
        private long longest;
        private int count;

        void add(Row row) {
            count++;
            longest = Math.max(longest, row.duration());
            if (!row.text("ranInstead").isEmpty()) {
                holders.add(row.text("ranInstead"), row.duration());
            }
        }

        String most() {
            return holders.mostOr("an unknown thread");
        }
    }
}
