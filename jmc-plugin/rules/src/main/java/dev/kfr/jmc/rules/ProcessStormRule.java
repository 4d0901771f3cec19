// SPDX-License-Identifier: Apache-2.0
package dev.kfr.jmc.rules;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.openjdk.jmc.common.unit.IQuantity;
import org.openjdk.jmc.common.unit.UnitLookup;
import org.openjdk.jmc.common.util.IPreferenceValueProvider;
import org.openjdk.jmc.common.util.TypedPreference;
import org.openjdk.jmc.flightrecorder.rules.TypedResult;

/**
 * Processes are started that end at once, one after the other.
 *
 * <p>The measure is how many processes ended in a second, throughout the worst minute, that had lived for less than a
 * second. To start and end one costs 1 to 5 ms of CPU time, most of it in the kernel, with locks that all share; no
 * sampling profiler sees them. <b>Information at 10 a second</b>: up to 5 % of a CPU, and no scheduler of jobs does
 * that; <b>warning at 100 a second</b>: a tenth to a half of a CPU. A build, a deployment or a cron job may start
 * hundreds at once: spread over the minute they stay below.
 */
public final class ProcessStormRule implements KernelRule {
    private static final String EXIT = "kernel.ProcessExit";
    /** So far up a process is followed to the service. */
    private static final int GENERATIONS = 10;

    static final Limits LIMITS = Limits.of(
            "dev.kfr.processes.storm", "short-lived processes per second", Typed.number(10), Typed.number(100));
    static final TypedPreference<IQuantity> SHORT = Limits.preference(
            "dev.kfr.processes.storm.lifetime",
            "Short lifetime",
            "Processes that lived for less than this are counted",
            UnitLookup.SECOND.quantity(1));

    static final TypedResult<IQuantity> RATE =
            Typed.number("rate", "Short-lived processes per second in the worst minute");
    static final TypedResult<IQuantity> CPU_TIME = Typed.time("cpuTime", "CPU time of these processes");
    static final TypedResult<IQuantity> OWN = Typed.share("own", "Share of them that the service started");
    static final TypedResult<String> NAMES = Typed.text("names", "Which processes, and whose");
    static final TypedResult<IQuantity> WHEN = Typed.instant("when", "Start of the worst minute");

    private static final int COUNT = 0;
    private static final int TIME = 1;
    private static final int OF_SERVICE = 2;

    private static final Description DESCRIPTION = new Description(
            "KernelProcessStorm",
            "Short-Lived Processes",
            Topics.PROCESSES,
            List.of(EXIT),
            LIMITS.and(SHORT),
            List.of(RATE, CPU_TIME, OWN, NAMES, WHEN));

    @Override
    public Description description() {
        return DESCRIPTION;
    }

    @Override
    public Finding examine(Recorded recorded, IPreferenceValueProvider preferences) {
        long brief = preferences.getPreferenceValue(SHORT).clampedLongValueIn(UnitLookup.NANOSECOND);
        var minutes = new Minutes<String>(recorded, 3);
        var parents = parents(recorded);
        recorded.each(EXIT, row -> {
            if (row.number("lifetime") < brief) {
                boolean own = !row.isElsewhere() && isBelow(recorded.ownPids(), row.number("parentPid"), parents);
                minutes.add("", row.start(), 1, row.number("cpuTime"), own ? 1 : 0);
            }
        });
        var worst = minutes.worst(minute -> minute.perSecond(COUNT));
        if (worst.isEmpty()) {
            return Finding.good("No process ended right after it was started.");
        }
        var minute = worst.get();
        double score = LIMITS.curve(preferences, UnitLookup.NUMBER_UNITY).score(minute.perSecond(COUNT));
        if (score < Curve.INFO) {
            return Finding.good(score, "Few processes ended right after they were started: {rate} per second, at most.")
                    .with(RATE, Typed.number(minute.perSecond(COUNT)));
        }
        double own = minute.sum(OF_SERVICE) / minute.sum(COUNT);
        return Finding.problem(
                        score,
                        "{rate} processes per second were started that ended at once.",
                        "In the minute from {when} these were: {names}. {own} of them were started by the service itself. They took {cpuTime} of CPU time of their own; what"
                                + " the kernel spends on starting and ending them is about as much again, and starting one from a JVM with a large heap takes longer."
                                + recorded.loss("processes").note(),
                        own > 0.5
                                ? "Replace what the service runs by a library call (Files, InetAddress, ProcessHandle instead of ls, hostname, ps), or keep one process and"
                                        + " talk to it through its input and output."
                                : "Find who starts them: health checks and monitoring that run shell scripts, a service that crashes and is restarted, builds on the same host. A"
                                        + " probe over HTTP costs a hundredth of one that runs a shell.")
                .with(RATE, Typed.number(minute.perSecond(COUNT)))
                .with(CPU_TIME, Typed.nanos(minute.sum(TIME)))
                .with(OWN, Typed.share(own))
                .with(NAMES, names(recorded, minute, brief))
                .with(WHEN, Typed.instant(minute.start()));
    }

    /** Who started whom, as far as it was recorded: a shell that the service ran starts what it is told to. */
    private static Map<Long, Long> parents(Recorded recorded) {
        var parents = new HashMap<Long, Long>();
        for (var type : List.of("kernel.ProcessStart", EXIT)) {
            recorded.each(type, row -> parents.put(row.pid(), row.number("parentPid")));
        }
        return parents;
    }

    private static boolean isBelow(Set<Long> own, long pid, Map<Long, Long> parents) {
        Long ancestor = pid;
        for (int i = 0; i < GENERATIONS && ancestor != null; i++) {
            if (own.contains(ancestor)) {
                return true;
            }
            ancestor = parents.get(ancestor);
        }
        return false;
    }

    private static String names(Recorded recorded, Minutes.Minute<String> minute, long brief) {
        var pids = new HashSet<Long>();
        recorded.each(EXIT, row -> pids.add(row.number("parentPid")));
        var names = recorded.names(pids);
        var kinds = new Tally();
        recorded.each(EXIT, row -> {
            if (row.number("lifetime") < brief && minute.contains(row.start())) {
                var parent = names.getOrDefault(row.number("parentPid"), "process " + row.number("parentPid"));
                kinds.add(row.text("processName") + " by " + parent, 1);
            }
        });
        return kinds.inWords((kind, count) -> count + " of " + kind);
    }
}
