// SPDX-License-Identifier: Apache-2.0
package dev.kfr.jmc.rules;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.openjdk.jmc.common.unit.IQuantity;
import org.openjdk.jmc.common.unit.UnitLookup;
import org.openjdk.jmc.common.util.IPreferenceValueProvider;
import org.openjdk.jmc.common.util.TypedPreference;
import org.openjdk.jmc.flightrecorder.rules.TypedResult;

/**
 * One other process or container takes most of what the service waits for: CPUs, disks, or the time that starting
 * processes costs.
 *
 * <p>A busy neighbour is nobody's problem while there is enough for all. So first the service must be hurt: in some
 * minute its threads waited for a CPU for 10 % of their runnable time and 5 % of one CPU, or for slow reads, writes and
 * syncs for 5 % of the time of one thread. Then the measure is the largest share that one neighbour had of the CPU
 * time, or of the bytes read and written, in that minute. <b>Information at 50 %</b>: it had more than all others
 * together; <b>warning at 80 %</b>: without it there would be no queue. Processes of the same name and container are
 * one neighbour. A neighbour that starts processes is judged by how many a second: 20 and 200, at 1 to 5 ms of CPU time
 * each.
 */
public final class NoisyNeighbourRule implements KernelRule {
    private static final String PROCESS_CPU = "kernel.ProcessCpu";
    private static final double LEAST_WAIT_SHARE = 0.1;
    private static final double LEAST_BYTES_PER_SECOND = 1 << 20;
    private static final List<String> SLOW_IO = List.of("kernel.FileRead", "kernel.FileWrite", "kernel.FileSync");
    private static final String FILE_STATISTICS = "kernel.FileStatistics";
    private static final String START = "kernel.ProcessStart";

    static final Limits LIMITS =
            Limits.of("dev.kfr.cpu.neighbour", "share that one neighbour takes", Typed.share(0.5), Typed.share(0.8));
    static final Limits STARTS = Limits.of(
            "dev.kfr.cpu.neighbour.starts",
            "processes that one neighbour starts per second",
            Typed.number(20),
            Typed.number(200));
    static final TypedPreference<IQuantity> LEAST_IO = Limits.preference(
            "dev.kfr.cpu.neighbour.io",
            "Least slow I/O of the service",
            "With less slow I/O, as a share of the time of one thread, the service is not hurt",
            Typed.share(0.05));

    static final TypedResult<String> NEIGHBOUR = Typed.text("neighbour", "Neighbour");
    static final TypedResult<String> RESOURCE = Typed.text("resource", "What it takes");
    static final TypedResult<IQuantity> SHARE = Typed.share("share", "Share that it took in that minute");
    static final TypedResult<IQuantity> RATE = Typed.number("rate", "Processes that it started per second");
    static final TypedResult<IQuantity> HURT = Typed.share("hurt", "How much of its time the service waited");
    static final TypedResult<IQuantity> WHEN = Typed.instant("when", "Start of that minute");

    private static final Description DESCRIPTION = new Description(
            "KernelNoisyNeighbour",
            "Noisy Neighbour",
            Topics.CPU,
            List.of(PROCESS_CPU),
            List.of(LIMITS.info(), LIMITS.warning(), STARTS.info(), STARTS.warning(), LEAST_IO),
            List.of(NEIGHBOUR, RESOURCE, SHARE, RATE, HURT, WHEN));

    /** @param amount share of the resource, or processes started per second */
    private record Neighbour(String name, String resource, double amount, double hurt, long when, double score) {
        boolean starts() {
            return resource.equals(PROCESSES);
        }
    }

    private static final String CPU = "CPU time";
    private static final String FILES = "bytes read and written";
    private static final String PROCESSES = "process starts";

    @Override
    public Description description() {
        return DESCRIPTION;
    }

    @Override
    public Finding examine(Recorded recorded, IPreferenceValueProvider preferences) {
        if (recorded.ownPids().isEmpty()) {
            return Finding.notApplicable("The recording does not tell which process is the service.");
        }
        if (!seesOthers(recorded)) {
            return Finding.notApplicable("The recording holds nothing about other processes (setting scope).");
        }
        var neighbours = new ArrayList<Neighbour>();
        byProcessors(recorded, preferences, neighbours);
        byFiles(recorded, preferences, neighbours);
        var worst = neighbours.stream().max(Comparator.comparingDouble(Neighbour::score));
        if (worst.isEmpty()) {
            return Finding.good("The service had to wait for no neighbour.");
        }
        var neighbour = worst.get();
        if (neighbour.score() < Curve.INFO) {
            return Finding.good(neighbour.score(), "When the service had to wait, no single neighbour was the reason.");
        }
        return Finding.problem(
                        neighbour.score(),
                        neighbour.starts()
                                ? "While the service waited for CPUs, {neighbour} started {rate} processes per second."
                                : "While the service had to wait, {neighbour} had {share} of the "
                                        + neighbour.resource() + ".",
                        "In the minute from {when} threads of the service waited "
                                + (neighbour.resource().equals(FILES)
                                        ? "for slow reads, writes and syncs for {hurt} of the time of one thread"
                                        : "for a CPU for {hurt} of their runnable time")
                                + ", and one neighbour on the host had the largest part of what they waited for. Nothing in the service is slow; it does not get its turn.",
                        "Move the neighbour to another host or another time, or limit it: cpu.max or cpu.weight, io.max or io.weight of its cgroup, a pod's limits, nice and"
                                + " ionice for a job by hand. If it can't be limited, give the service guaranteed CPUs (requests, cpuset) and a disk of its own.")
                .with(NEIGHBOUR, neighbour.name())
                .with(RESOURCE, neighbour.resource())
                .with(SHARE, Typed.share(neighbour.starts() ? 0 : neighbour.amount()))
                .with(RATE, Typed.number(neighbour.starts() ? neighbour.amount() : 0))
                .with(HURT, Typed.share(neighbour.hurt()))
                .with(WHEN, Typed.instant(neighbour.when()));
    }

    private static boolean seesOthers(Recorded recorded) {
        var pids = new HashSet<Boolean>();
        recorded.each(PROCESS_CPU, row -> pids.add(recorded.isOwn(row)));
        return pids.contains(false);
    }

    private static void byProcessors(Recorded recorded, IPreferenceValueProvider preferences, List<Neighbour> found) {
        double least = preferences.getPreferenceValue(CpuWaitRule.LEAST).doubleValueIn(UnitLookup.PERCENT_UNITY);
        var use = ProcessorUse.of(recorded);
        var hurt = use.own()
                .worst(minute ->
                        minute.busy(ProcessorUse.WAITED) < least || ProcessorUse.waitedShare(minute) < LEAST_WAIT_SHARE
                                ? 0
                                : minute.busy(ProcessorUse.WAITED));
        if (hurt.isEmpty()) {
            return;
        }
        var minute = hurt.get();
        use.othersIn(minute.start()).stream().findFirst().ifPresent(other -> {
            double share = other.sum(ProcessorUse.RAN) / use.ranIn(minute.start());
            double score = LIMITS.curve(preferences, UnitLookup.PERCENT_UNITY).score(share);
            found.add(new Neighbour(other.key(), CPU, share, ProcessorUse.waitedShare(minute), minute.start(), score));
        });
        byStarts(recorded, preferences, minute, found);
    }

    private static void byStarts(
            Recorded recorded, IPreferenceValueProvider preferences, Minutes.Minute<Who> hurt, List<Neighbour> found) {
        var starts = new Minutes<Long>(recorded, 1);
        recorded.each(START, row -> {
            if (!recorded.ownPids().contains(row.number("parentPid"))) {
                starts.add(row.number("parentPid"), row.start(), 1);
            }
        });
        starts.in(hurt.start(), minute -> minute.sum(0)).stream().findFirst().ifPresent(parent -> {
            var names = recorded.names(Set.of(parent.key()));
            double score = STARTS.curve(preferences, UnitLookup.NUMBER_UNITY).score(parent.perSecond(0));
            found.add(new Neighbour(
                    names.getOrDefault(parent.key(), "process") + " (" + parent.key() + ")",
                    PROCESSES,
                    parent.perSecond(0),
                    ProcessorUse.waitedShare(hurt),
                    hurt.start(),
                    score));
        });
    }

    private static void byFiles(Recorded recorded, IPreferenceValueProvider preferences, List<Neighbour> found) {
        double least = preferences.getPreferenceValue(LEAST_IO).doubleValueIn(UnitLookup.PERCENT_UNITY);
        var slow = new Minutes<String>(recorded, 1);
        SLOW_IO.forEach(type -> recorded.eachOwn(type, row -> slow.spread("", row, row.duration())));
        var hurt = slow.worst(minute -> minute.busy(0) < least ? 0 : minute.busy(0));
        if (hurt.isEmpty()) {
            return;
        }
        var bytes = new Minutes<String>(recorded, 1);
        var all = new Minutes<String>(recorded, 1);
        recorded.each(FILE_STATISTICS, row -> {
            double amount = row.number("bytesRead") + row.number("bytesWritten");
            all.spread("", row, amount);
            if (!recorded.isOwn(row)) {
                bytes.spread(row.who().kind(), row, amount);
            }
        });
        long when = hurt.get().start();
        double total = all.in(when, minute -> 0).stream()
                .mapToDouble(minute -> minute.sum(0))
                .sum();
        bytes.in(when, minute -> minute.sum(0)).stream()
                .findFirst()
                .filter(minute -> minute.perSecond(0) >= LEAST_BYTES_PER_SECOND)
                .ifPresent(minute -> {
                    double share = minute.sum(0) / total;
                    double score =
                            LIMITS.curve(preferences, UnitLookup.PERCENT_UNITY).score(share);
                    found.add(
                            new Neighbour(minute.key(), FILES, share, hurt.get().busy(0), when, score));
                });
    }
}
