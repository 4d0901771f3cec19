// SPDX-License-Identifier: Apache-2.0
package dev.kfr.jmc.rules;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.openjdk.jmc.common.unit.IQuantity;
import org.openjdk.jmc.common.unit.UnitLookup;
import org.openjdk.jmc.common.util.IPreferenceValueProvider;
import org.openjdk.jmc.flightrecorder.rules.TypedResult;

/**
 * The kernel killed a process because memory had run out.
 *
 * <p>A kill of the service, for the service or in its container is a <b>warning</b> at once (score 90), as is one
 * because the whole host was out of memory (80): the next victim is chosen by size, and JVMs are large. A kill in
 * another container, which met a limit of its own, is <b>information</b> from the first in a minute; a <b>warning</b>
 * from five, since what is started and killed again and again takes the CPUs and disks that the service needs, too.
 */
public final class OomKillRule implements KernelRule {
    private static final String KILL = "kernel.OutOfMemoryKill";
    private static final double IN_OWN_CONTAINER = 90;
    private static final double OF_THE_HOST = 80;
    private static final int SHOWN = 5;

    static final Limits LIMITS =
            Limits.of("dev.kfr.memory.oom", "kills in other containers in a minute", Typed.number(1), Typed.number(5));

    static final TypedResult<IQuantity> KILLS = Typed.number("kills", "Processes killed");
    static final TypedResult<String> VICTIMS = Typed.text("victims", "Who was killed");
    static final TypedResult<IQuantity> WHEN = Typed.instant("when", "First of them");

    private static final Description DESCRIPTION = new Description(
            "KernelOutOfMemoryKill",
            "Killed for Want of Memory",
            Topics.MEMORY,
            List.of(KILL),
            LIMITS.and(),
            List.of(KILLS, VICTIMS, WHEN));

    @Override
    public Description description() {
        return DESCRIPTION;
    }

    @Override
    public Finding examine(Recorded recorded, IPreferenceValueProvider preferences) {
        var kills = new Kills(recorded);
        recorded.each(KILL, kills::add);
        if (kills.count == 0) {
            return Finding.good("No process was killed for want of memory.");
        }
        double elsewhere = kills.elsewhere
                .worst(minute -> minute.sum(0))
                .map(minute ->
                        LIMITS.curve(preferences, UnitLookup.NUMBER_UNITY).score(minute.sum(0)))
                .orElse(0.0);
        double score = Math.max(kills.score, elsewhere);
        if (score < Curve.INFO) {
            return Finding.good(score, "Only in other containers were processes killed for want of memory: {kills}.")
                    .with(KILLS, Typed.number(kills.count));
        }
        return Finding.problem(
                        score,
                        "The kernel killed {kills} processes for want of memory.",
                        kills.explanation()
                                + " Killed were: {victims}. The first was at {when}. A killed process gets no chance to write or to tell anything;"
                                + " this is often all that is known about why it ended."
                                + recorded.loss("memory").note(),
                        "In a container: raise its memory limit, or lower the heap so that metaspace, threads, direct buffers and the page cache fit beside it. On the host:"
                                + " find who grew (Memory, Processes), set limits for containers that have none, and protect what must not die with"
                                + " oom_score_adj.")
                .with(KILLS, Typed.number(kills.count))
                .with(VICTIMS, String.join(", ", kills.victims))
                .with(WHEN, Typed.instant(kills.first));
    }

    /** Sorts kills by whose limit was met. */
    private static final class Kills {
        private final Set<String> ownContainers;
        private final Recorded recorded;
        private final Minutes<String> elsewhere;
        private final List<String> victims = new ArrayList<>();
        private int count;
        private double score;
        private long first = Long.MAX_VALUE;

        Kills(Recorded recorded) {
            this.recorded = recorded;
            elsewhere = new Minutes<>(recorded, 1);
            ownContainers = recorded.ownContainers();
        }

        void add(Row row) {
            count++;
            first = Math.min(first, row.start());
            var cgroup = row.text("memoryCgroup");
            if (victims.size() < SHOWN) {
                victims.add(String.format(
                        "%s (%d) with %,d MB%s",
                        row.text("victimName"),
                        row.number("victimPid"),
                        row.number("residentSize") >> 20,
                        cgroup.isEmpty() ? "" : " in " + cgroup));
            }
            boolean ownVictim = recorded.ownPids().contains(row.number("victimPid"))
                    && row.text("victimPidNamespace").isEmpty();
            if (ownVictim
                    || recorded.ownPids().contains(row.pid())
                    || ownContainers.stream().anyMatch(cgroup::contains)) {
                score = Math.max(score, IN_OWN_CONTAINER);
            } else if (row.text("container").isEmpty() || !cgroup.contains(row.text("container"))) {
                score = Math.max(score, OF_THE_HOST);
            } else {
                // Who wanted memory and who had to give it are in one container: it was at its own limit.
                elsewhere.add("", row.start(), 1);
            }
        }

        String explanation() {
            if (score == IN_OWN_CONTAINER) {
                return "The service, or its container, was the one that needed memory or had to give it.";
            }
            return score == OF_THE_HOST
                    ? "The whole host was out of memory, so any process may be the next, large ones first."
                    : "Other containers on the host were at their own memory limits.";
        }
    }
}
