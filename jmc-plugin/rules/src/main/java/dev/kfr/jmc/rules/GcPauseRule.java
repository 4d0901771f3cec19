// SPDX-License-Identifier: Apache-2.0
package dev.kfr.jmc.rules;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.openjdk.jmc.common.unit.IQuantity;
import org.openjdk.jmc.common.unit.UnitLookup;
import org.openjdk.jmc.common.util.IPreferenceValueProvider;
import org.openjdk.jmc.common.util.TypedPreference;
import org.openjdk.jmc.flightrecorder.rules.TypedResult;

/**
 * A pause of the collector took longer because the kernel kept its threads waiting: for a CPU, for pages from a disk,
 * for free memory.
 *
 * <p>A pause ends when its last thread is done, so the time in which any of the JVM's own threads (not Java's) waited
 * is time by which the pause may have been longer; waits that overlap count once. The measure is that time, of the
 * worst pause. <b>Information at 20 ms</b>: twice the shortest wait for a CPU that is recorded, and what a service with
 * a pause goal of 200 ms begins to miss. <b>Warning at 200 ms</b>: G1's default goal, used up by the kernel alone.
 * Below a tenth of the pause it is not what made the pause long and is not counted.
 */
public final class GcPauseRule implements KernelRule {
    private static final String PAUSE = "jdk.GCPhasePause";
    private static final String WAIT = "kernel.RunQueueWait";
    private static final String FAULT = "kernel.MajorPageFault";
    private static final String RECLAIM = "kernel.DirectReclaim";
    private static final List<String> CAUSES = List.of(WAIT, FAULT, RECLAIM);

    /** As HotSpot names them, cut to the 15 bytes that the kernel keeps: threads that work while Java's stand still. */
    private static final Pattern COLLECTOR =
            Pattern.compile("(VM Thread|GC Thread|G1 |ParGC|ParallelGC|Z[A-Z]|Shenandoah|Epsilon).*");

    static final Limits LIMITS = Limits.of(
            "dev.kfr.gc.pause",
            "time that the kernel added to a pause",
            UnitLookup.MILLISECOND.quantity(20),
            UnitLookup.MILLISECOND.quantity(200));
    static final TypedPreference<IQuantity> LEAST = Limits.preference(
            "dev.kfr.gc.pause.least",
            "Least share of the pause",
            "What makes up less than this share of a pause is not counted",
            Typed.share(0.1));

    static final TypedResult<IQuantity> ADDED =
            Typed.time("added", "Time that threads of the collector waited in that pause");
    static final TypedResult<IQuantity> LENGTH = Typed.time("length", "Length of the pause");
    static final TypedResult<IQuantity> SHARE = Typed.share("share", "Share of the pause");
    static final TypedResult<IQuantity> PAUSES = Typed.number("pauses", "Pauses that the kernel made longer");
    static final TypedResult<String> CAUSE = Typed.text("cause", "What they waited for");
    static final TypedResult<String> HOLDER = Typed.text("holder", "Who had the CPU meanwhile");
    static final TypedResult<IQuantity> WHEN = Typed.instant("when", "Start of the pause");

    private static final Description DESCRIPTION = new Description(
            "KernelGcPause",
            "GC Pauses Made Longer by the Kernel",
            Topics.GC,
            List.of(PAUSE),
            LIMITS.and(LEAST),
            List.of(ADDED, LENGTH, SHARE, PAUSES, CAUSE, HOLDER, WHEN));

    private record Span(long from, long to, String cause, String holder) {}

    @Override
    public Description description() {
        return DESCRIPTION;
    }

    @Override
    public Finding examine(Recorded recorded, IPreferenceValueProvider preferences) {
        var waits = waits(recorded);
        if (waits.isEmpty()) {
            return CAUSES.stream().anyMatch(recorded::enabled)
                    ? Finding.good("The kernel did not keep threads of the collector waiting.")
                    : Finding.notApplicable("Not recorded: " + String.join(", ", CAUSES) + ".");
        }
        var worst = new Worst(waits, preferences.getPreferenceValue(LEAST).doubleValueIn(UnitLookup.PERCENT_UNITY));
        recorded.each(PAUSE, row -> worst.look(row.start(), row.end()));
        double score = LIMITS.curve(preferences, UnitLookup.MILLISECOND).score(worst.added / 1e6);
        if (score < Curve.INFO) {
            return Finding.good(score, "The kernel made no pause of the collector much longer: {added}, at most.")
                    .with(ADDED, Typed.nanos(worst.added));
        }
        return Finding.problem(
                        score,
                        "A pause of the collector of {length} was up to {added} longer because its threads waited for {cause}.",
                        "At {when} all Java threads stood still and waited for the collector, and threads of the collector waited for {cause} for {share} of that time; {pauses} pauses were"
                                + " longer for such reasons."
                                + (worst.holder().isEmpty() ? "" : " The CPU was mostly held by {holder}.")
                                + " No setting of the collector helps against that."
                                + recorded.loss("cpu").note()
                                + recorded.loss("memory").note(),
                        worst.cause().equals(cause(WAIT))
                                ? "Give the collector CPUs when it needs them: see the rule about threads waiting for a CPU for who takes them; raise or remove the container's quota; or set"
                                        + " -XX:ParallelGCThreads to the number of CPUs that the service really has."
                                : "Keep the heap in memory: more memory for the host or the container, a smaller heap, no swap for the service, -XX:+AlwaysPreTouch so that pages are"
                                        + " there from the start.")
                .with(ADDED, Typed.nanos(worst.added))
                .with(LENGTH, Typed.nanos(worst.to - worst.from))
                .with(SHARE, Typed.share(worst.added / (double) (worst.to - worst.from)))
                .with(PAUSES, Typed.number(worst.pauses))
                .with(CAUSE, worst.cause())
                .with(HOLDER, worst.holder())
                .with(WHEN, Typed.instant(worst.from));
    }

    private static List<Span> waits(Recorded recorded) {
        var waits = new ArrayList<Span>();
        for (var type : CAUSES) {
            recorded.eachOwn(type, row -> {
                if (COLLECTOR.matcher(row.text("threadName")).matches()) {
                    waits.add(new Span(row.start(), row.end(), cause(type), row.text("ranInstead")));
                }
            });
        }
        waits.sort(Comparator.comparingLong(Span::from));
        return waits;
    }

    private static String cause(String type) {
        switch (type) {
            case WAIT:
                return "a CPU";
            case FAULT:
                return "pages from a disk";
            default:
                return "free memory";
        }
    }

    /** The pause that the kernel made longest, of those looked at. */
    private static final class Worst {
        private final List<Span> waits;
        private final long longest;
        private final double least;
        private long from;
        private long to;
        private long added;
        private int pauses;

        Worst(List<Span> waits, double least) {
            this.waits = waits;
            this.least = least;
            longest = waits.stream()
                    .mapToLong(wait -> wait.to() - wait.from())
                    .max()
                    .orElse(0);
        }

        void look(long start, long end) {
            long sum = 0;
            long until = start;
            for (int i = first(start - longest);
                    i < waits.size() && waits.get(i).from() < end;
                    i++) {
                long begin = Math.max(until, waits.get(i).from());
                long stop = Math.min(end, waits.get(i).to());
                sum += Math.max(0, stop - begin);
                until = Math.max(until, stop);
            }
            if (sum == 0 || sum < least * (end - start)) {
                return;
            }
            pauses++;
            if (sum > added) {
                added = sum;
                from = start;
                to = end;
            }
        }

        /** The first wait that began then or later. */
        private int first(long time) {
            int low = 0;
            int high = waits.size();
            while (low < high) {
                int middle = (low + high) >>> 1;
                if (waits.get(middle).from() < time) {
                    low = middle + 1;
                } else {
                    high = middle;
                }
            }
            return low;
        }

        String cause() {
            return most(Span::cause);
        }

        String holder() {
            return most(Span::holder);
        }

        private String most(Function<Span, String> what) {
            var times = new Tally();
            for (var wait : waits) {
                long overlap = Math.min(to, wait.to()) - Math.max(from, wait.from());
                if (overlap > 0 && !what.apply(wait).isEmpty()) {
                    times.add(what.apply(wait), overlap);
                }
            }
            return times.mostOr("");
        }
    }
}
