// SPDX-License-Identifier: Apache-2.0
package dev.kfr.jmc.rules;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.openjdk.jmc.common.unit.IQuantity;
import org.openjdk.jmc.common.unit.UnitLookup;
import org.openjdk.jmc.common.util.IPreferenceValueProvider;
import org.openjdk.jmc.common.util.TypedPreference;
import org.openjdk.jmc.flightrecorder.rules.TypedResult;

/**
 * How far the recording can be trusted: events that were lost, program runs that the kernel left out, probes that are
 * missing.
 *
 * <p>The measure is the share of a subject's events that were lost in its worst minute. <b>Information at 0.1 %</b>:
 * sums are still right, but the one event that one looks for may be missing. <b>Warning at 5 %</b>: so many are lost in
 * bursts, which is just when it matters. Fewer than 10 in a minute are not told. Runs left out are judged likewise, as
 * a share of all runs that are known of. A probe that could not be attached is <b>information</b> (50): what it should
 * have seen is missing from the start, which may be all that one wants to know, or nothing.
 *
 * <p>What a throttle held back is no loss: somebody wanted it so. It is told beside, as rates counted from single
 * events are too low then.
 */
public final class TrustRule implements KernelRule {
    private static final String LOSS = "kernel.EventLoss";
    private static final double LEAST = 10;
    private static final double MISSING_PROBE = 50;
    private static final double INCOMPLETE_END = 30;

    static final Limits LIMITS =
            Limits.of("dev.kfr.agent.loss", "share of events lost", Typed.share(0.001), Typed.share(0.05));
    static final TypedPreference<IQuantity> PROBES = Limits.preference(
            "dev.kfr.agent.probes",
            "Missing probes",
            "From so many probes on that could not be attached they are shown",
            Typed.number(1));

    static final TypedResult<IQuantity> LOST = Typed.share("lost", "Share of events lost in the worst minute");
    static final TypedResult<String> SUBJECT = Typed.text("subject", "Subject that lost most");
    static final TypedResult<IQuantity> SKIPPED =
            Typed.share("skipped", "Share of program runs that the kernel left out");
    static final TypedResult<IQuantity> THROTTLED = Typed.number("throttled", "Events that a throttle held back");
    static final TypedResult<String> MISSING = Typed.text("missing", "Probes that could not be attached");
    static final TypedResult<String> REASONS = Typed.text("reasons", "Why");

    private static final int PRODUCED = 0;
    private static final int GONE = 1;

    private static final Description DESCRIPTION = new Description(
            "KernelRecordingTrust",
            "Completeness of Kernel Events",
            Topics.AGENT,
            List.of(LOSS),
            LIMITS.and(PROBES),
            List.of(LOST, SUBJECT, SKIPPED, THROTTLED, MISSING, REASONS));

    @Override
    public Description description() {
        return DESCRIPTION;
    }

    @Override
    public Finding examine(Recorded recorded, IPreferenceValueProvider preferences) {
        var state = new State(recorded);
        var curve = LIMITS.curve(preferences, UnitLookup.PERCENT_UNITY);
        double byLoss = curve.score(state.lost);
        double bySkips = curve.score(state.skippedShare);
        double byProbes = state.missing.size()
                        >= Math.max(1, preferences.getPreferenceValue(PROBES).doubleValue())
                ? MISSING_PROBE
                : 0;
        double score = Math.max(Math.max(byLoss, bySkips), Math.max(byProbes, state.incomplete ? INCOMPLETE_END : 0));
        if (score < Curve.INFO) {
            return Finding.good(
                            score,
                            state.throttled == 0
                                    ? "Kernel events are complete."
                                    : "Kernel events are complete, but for {throttled} that the throttle settings held back.")
                    .with(THROTTLED, Typed.number(state.throttled));
        }
        return Finding.problem(
                        score,
                        summary(byLoss, bySkips, byProbes),
                        explanation(state, byLoss, bySkips),
                        solution(state, byLoss, bySkips))
                .with(LOST, Typed.share(state.lost))
                .with(SUBJECT, state.subject)
                .with(SKIPPED, Typed.share(state.skippedShare))
                .with(THROTTLED, Typed.number(state.throttled))
                .with(MISSING, String.join(", ", state.missing))
                .with(REASONS, String.join("; ", state.reasons));
    }

    private static String summary(double byLoss, double bySkips, double byProbes) {
        if (byLoss >= Math.max(bySkips, byProbes) && byLoss >= Curve.INFO) {
            return "{lost} of the events about {subject} were lost.";
        } else if (bySkips >= byProbes && bySkips >= Curve.INFO) {
            return "The kernel left out {skipped} of the runs of probes: counts are too low.";
        }
        return byProbes > 0
                ? "Probes are missing, and with them what they would have seen: {missing}."
                : "At the end of a part of the recording not all could be written in time.";
    }

    private static String explanation(State state, double byLoss, double bySkips) {
        var text = new StringBuilder("What is recorded is right, but it is not all that happened.");
        if (byLoss >= Curve.INFO) {
            text.append(
                    " Events about {subject} came faster than they could be taken, {lost} of them in the worst minute: {reasons}.");
        }
        if (bySkips >= Curve.INFO) {
            text.append(" This kernel skips the run of a probe that is active already on that CPU; {skipped} were.");
        }
        if (!state.missing.isEmpty()) {
            text.append(" Not attached: {missing}.");
        }
        if (state.throttled > 0) {
            text.append(" Besides, throttle settings held back {throttled} events, as they should.");
        }
        if (state.incomplete) {
            text.append(" At the end of a chunk there was no time left to write all rows.");
        }
        return text.toString();
    }

    private static String solution(State state, double byLoss, double bySkips) {
        var text = new StringBuilder();
        if (byLoss >= Curve.INFO) {
            text.append(
                    "Give the agent a larger ring (ring=32M), raise thresholds or set a throttle for the events that come most, or a narrower scope. ");
        }
        if (bySkips >= Curve.INFO) {
            text.append(
                    "The classic variants of the probes have no such gaps where the kernel offers tracefs: java -jar kfr.jar doctor tells what is missing for them. ");
        }
        if (!state.missing.isEmpty()) {
            text.append(
                    "java -jar kfr.jar doctor says for each probe what it lacks: a right, a kernel version, a file system that is not mounted. ");
        }
        return text.length() == 0
                ? "Make chunks smaller (a lower maxchunksize), so that less waits for the end of each."
                : text.toString().trim();
    }

    /** What the recording says of itself. */
    private static final class State {
        private final Set<String> missing;
        private final Set<String> reasons = new HashSet<>();
        private long throttled;
        private double lost;
        private String subject = "";
        private double skippedShare;
        private boolean incomplete;

        State(Recorded recorded) {
            missing = recorded.failedProbes();
            var minutes = new Minutes<String>(recorded, 2);
            var runs = new double[2];
            recorded.each(LOSS, row -> {
                minutes.spread(row.text("subject"), row, row.number("produced"), row.number("lost"));
                throttled += row.number("throttled");
                runs[0] += row.number("skipped");
                if (!row.text("reason").isEmpty() && reasons.size() < 5) {
                    reasons.add(row.text("subject") + ": " + row.text("reason"));
                }
            });
            minutes.worst(minute -> Math.rint(minute.sum(GONE)) < LEAST ? 0 : minute.sum(GONE) / minute.sum(PRODUCED))
                    .ifPresent(minute -> {
                        lost = minute.sum(GONE) / minute.sum(PRODUCED);
                        subject = minute.key();
                    });
            recorded.each("kernel.ProbeStatistics", row -> runs[1] += row.number("runs"));
            if (runs[0] >= LEAST) {
                skippedShare = runs[0] / (runs[0] + known(recorded, runs[1]));
            }
            recorded.each("kernel.ChunkEnd", row -> incomplete |= !row.flag("complete"));
        }

        /** Runs that are known of; where nobody measured, each counted system call stands for one. */
        private static double known(Recorded recorded, double measured) {
            var calls = new double[1];
            recorded.each("kernel.SyscallStatistics", row -> calls[0] += row.number("count"));
            return Math.max(measured, calls[0]);
        }
    }
}
