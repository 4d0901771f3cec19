// SPDX-License-Identifier: Apache-2.0
package dev.kfr.jmc.rules;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.openjdk.jmc.common.unit.IQuantity;
import org.openjdk.jmc.common.unit.UnitLookup;
import org.openjdk.jmc.common.util.IPreferenceValueProvider;
import org.openjdk.jmc.flightrecorder.rules.TypedResult;

/**
 * The container's CPU quota stops the service.
 *
 * <p>A group that has used up its quota stands still until the quota's period, mostly 100 ms, is over: with four busy
 * threads and a quota of one CPU for 75 of 100 ms. The measure is the share of the periods in which that happened, in
 * the worst minute, from {@code jdk.ContainerCPUThrottling}, which has the cgroup's own counters. Each such period adds
 * up to its length to what runs in it: <b>information at 5 %</b>, as then one request in twenty is hit, which the 95th
 * percentile shows; <b>warning at 25 %</b>, as then every fourth is and the median begins to move. Less than 10 ms of
 * standing still a second is not looked at.
 *
 * <p>Where these events are missing the kernel's own tell nearly the same: threads that wait for a CPU while CPUs are
 * idle are kept from them. That is judged like waiting in {@link CpuWaitRule}.
 */
public final class CpuQuotaRule implements KernelRule {
    private static final String THROTTLING = "jdk.ContainerCPUThrottling";
    /** With more of the host idle than this a thread that waits is not waiting for others. */
    static final double MUCH_IDLE = 0.5;

    private static final double LEAST = 0.01;

    static final Limits LIMITS = Limits.of(
            "dev.kfr.cpu.quota",
            "share of periods in which the quota was used up",
            Typed.share(0.05),
            Typed.share(0.25));

    static final TypedResult<IQuantity> SHARE = Typed.share("share", "Share of periods in which the quota was used up");
    static final TypedResult<IQuantity> STOPPED = Typed.time("stopped", "Time stopped in the worst minute, by CPU");
    static final TypedResult<IQuantity> WAITED =
            Typed.share("waited", "Share of runnable time spent waiting for a CPU");
    static final TypedResult<IQuantity> IDLE = Typed.share("idle", "Share of CPU time that nobody used in that minute");
    static final TypedResult<IQuantity> WHEN = Typed.instant("when", "Start of the worst minute");

    private static final int PERIODS = 0;
    private static final int USED_UP = 1;
    private static final int TIME = 2;

    private static final Description DESCRIPTION = new Description(
            "KernelCpuQuota",
            "CPU Quota of the Container",
            Topics.CPU,
            List.of(),
            LIMITS.and(),
            List.of(SHARE, STOPPED, WAITED, IDLE, WHEN));

    @Override
    public Description description() {
        return DESCRIPTION;
    }

    @Override
    public Finding examine(Recorded recorded, IPreferenceValueProvider preferences) {
        if (recorded.has(THROTTLING)) {
            return byQuota(recorded, preferences);
        }
        if (recorded.has("kernel.ProcessCpu") && recorded.has("kernel.CpuUsage")) {
            return byIdleCpus(recorded, preferences);
        }
        return Finding.notApplicable("Not recorded: " + THROTTLING + ", or kernel.ProcessCpu and kernel.CpuUsage.");
    }

    private static Finding byQuota(Recorded recorded, IPreferenceValueProvider preferences) {
        var worst = minutes(recorded)
                .worst(minute -> minute.busy(TIME) < LEAST || minute.sum(PERIODS) <= 0
                        ? 0
                        : minute.sum(USED_UP) / minute.sum(PERIODS));
        if (worst.isEmpty()) {
            return Finding.good("The container's CPU quota did not stop the service.");
        }
        var minute = worst.get();
        double share = minute.sum(USED_UP) / minute.sum(PERIODS);
        double score = LIMITS.curve(preferences, UnitLookup.PERCENT_UNITY).score(share);
        if (score < Curve.INFO) {
            return Finding.good(score, "The container's CPU quota was used up in {share} of its periods, at most.")
                    .with(SHARE, Typed.share(share));
        }
        return Finding.problem(
                        score,
                        "The container's CPU quota stopped the service in {share} of the quota's periods.",
                        "In the minute from {when} its threads stood still for {stopped}, summed over the CPUs that they ran on, because the quota was used"
                                + " up, whether or not CPUs were free. All threads stop at once: requests, timers and garbage collection together.",
                        "Raise the container's CPU limit, or remove it and rely on requests or weights, which let it use what is free. Or let fewer threads"
                                + " run at once: -XX:ActiveProcessorCount and smaller pools make the quota last.")
                .with(SHARE, Typed.share(share))
                .with(STOPPED, Typed.nanos(minute.sum(TIME)))
                .with(WHEN, Typed.instant(minute.start()));
    }

    /** The counters only grow, so each event counts for the time since the one before. */
    private static Minutes<String> minutes(Recorded recorded) {
        record Sample(long time, long periods, long usedUp, long stopped) {}
        var samples = new ArrayList<Sample>();
        recorded.each(
                THROTTLING,
                row -> samples.add(new Sample(
                        row.end(),
                        row.number("cpuElapsedSlices"),
                        row.number("cpuThrottledSlices"),
                        row.number("cpuThrottledTime"))));
        samples.sort(Comparator.comparingLong(Sample::time));
        var minutes = new Minutes<String>(recorded, 3);
        for (int i = 1; i < samples.size(); i++) {
            var before = samples.get(i - 1);
            var now = samples.get(i);
            if (now.periods() >= before.periods()) {
                minutes.spread(
                        "",
                        before.time(),
                        now.time(),
                        now.periods() - before.periods(),
                        now.usedUp() - before.usedUp(),
                        now.stopped() - before.stopped());
            }
        }
        return minutes;
    }

    private static Finding byIdleCpus(Recorded recorded, IPreferenceValueProvider preferences) {
        var use = ProcessorUse.of(recorded);
        double least = preferences.getPreferenceValue(CpuWaitRule.LEAST).doubleValueIn(UnitLookup.PERCENT_UNITY);
        var worst = use.own()
                .worst(minute -> minute.busy(ProcessorUse.WAITED) < least || use.idleIn(minute.start()) < MUCH_IDLE
                        ? 0
                        : ProcessorUse.waitedShare(minute));
        if (worst.isEmpty()) {
            return Finding.good("Nothing kept the service from CPUs that were idle.");
        }
        var minute = worst.get();
        double score =
                CpuWaitRule.LIMITS.curve(preferences, UnitLookup.PERCENT_UNITY).score(ProcessorUse.waitedShare(minute));
        var finding = score < Curve.INFO
                ? Finding.good(
                        score, "Threads spent at most {waited} of their runnable time waiting while CPUs were idle.")
                : Finding.problem(
                        score,
                        "Threads spent {waited} of their runnable time waiting for a CPU while {idle} of the CPU time of the host was free.",
                        "In the minute from {when} something kept the service from CPUs that nobody used: mostly the CPU quota of its container or of one"
                                + " around it, else a CPU set or the affinity of its threads.",
                        "Compare the container's CPU limit (cpu.max and nr_throttled in cpu.stat of its cgroup) with what the service needs, and its CPU set"
                                + " (cpuset.cpus.effective) with the CPUs of the host.");
        return finding.with(WAITED, Typed.share(ProcessorUse.waitedShare(minute)))
                .with(IDLE, Typed.share(use.idleIn(minute.start())))
                .with(WHEN, Typed.instant(minute.start()));
    }
}
