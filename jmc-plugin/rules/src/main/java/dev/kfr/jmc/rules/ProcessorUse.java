// SPDX-License-Identifier: Apache-2.0
package dev.kfr.jmc.rules;

import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * Who used the CPUs and who waited for them, minute by minute, from {@code kernel.ProcessCpu} and {@code
 * kernel.CpuUsage}. The longest wait of each row is left out, where it is known: a virtual machine that stands still
 * for a second makes one thread wait that long, and that is no lack of CPUs.
 */
final class ProcessorUse {
    static final int WAITED = 0;
    static final int RAN = 1;
    private static final int SHOWN = 5;

    private final Minutes<Who> own;
    private final Minutes<String> kinds;
    private final Minutes<String> host;

    private ProcessorUse(Recorded recorded) {
        own = new Minutes<>(recorded, 2);
        kinds = new Minutes<>(recorded, 2);
        host = new Minutes<>(recorded, 2);
    }

    static ProcessorUse of(Recorded recorded) {
        var use = new ProcessorUse(recorded);
        recorded.each("kernel.ProcessCpu", row -> {
            var who = row.who();
            long waited = Math.max(0, row.number("runQueueTime") - row.number("runQueueMax"));
            if (recorded.isOwn(row)) {
                use.own.spread(who, row, waited, row.number("cpuTime"));
            }
            use.kinds.spread(
                    recorded.ownPids().contains(who.pid()) && recorded.isOwn(row) ? own(who) : who.kind(),
                    row,
                    waited,
                    row.number("cpuTime"));
        });
        recorded.each("kernel.CpuUsage", row -> {
            long covered = row.end() - row.since();
            use.host.spread("", row, row.share("idle") * covered, covered);
        });
        return use;
    }

    /** What the service's own processes {@link #WAITED} and {@link #RAN}, in ns. */
    Minutes<Who> own() {
        return own;
    }

    /** The share of its runnable time that a process waited for a CPU. */
    static double waitedShare(Minutes.Minute<Who> minute) {
        double runnable = minute.sum(WAITED) + minute.sum(RAN);
        return runnable > 0 ? minute.sum(WAITED) / runnable : 0;
    }

    /** The share of all CPU time that was left in the minute that begins then; -1 if nobody knows. */
    double idleIn(long start) {
        return host.in(start, minute -> 0).stream()
                .mapToDouble(minute -> minute.sum(1) > 0 ? minute.sum(0) / minute.sum(1) : -1)
                .findFirst()
                .orElse(-1);
    }

    /** Processes of each kind but the service's own. */
    List<Minutes.Minute<String>> othersIn(long start) {
        return kinds.in(start, minute -> minute.sum(RAN)).stream()
                .filter(minute -> !minute.key().startsWith(THIS))
                .toList();
    }

    /** CPU time that all processes had in that minute, in ns. */
    double ranIn(long start) {
        return kinds.in(start, minute -> 0).stream()
                .mapToDouble(minute -> minute.sum(RAN))
                .sum();
    }

    /** Who had most CPU time in that minute, in words. */
    String takersIn(long start) {
        return kinds.in(start, minute -> minute.sum(RAN)).stream()
                .limit(SHOWN)
                .filter(minute -> minute.sum(RAN) > 0)
                .map(minute -> String.format("%s %.1f s", minute.key(), minute.sum(RAN) / TimeUnit.SECONDS.toNanos(1)))
                .collect(Collectors.joining(", "));
    }

    private static final String THIS = "this service: ";

    private static String own(Who who) {
        return THIS + who;
    }
}
