// SPDX-License-Identifier: Apache-2.0
package dev.kfr.jmc.rules;

import java.util.List;
import org.openjdk.jmc.common.unit.IQuantity;
import org.openjdk.jmc.common.unit.UnitLookup;
import org.openjdk.jmc.common.util.IPreferenceValueProvider;
import org.openjdk.jmc.flightrecorder.rules.TypedResult;

/**
 * The service touches memory that has to be read from a disk: its heap on swap, or files that it has mapped.
 *
 * <p>The measure is the time that its threads spent so in the worst minute, as a share of that minute: 100 % is one
 * thread at all times. How many faults there are says little, as one costs 0.1 ms on one disk and 10 ms on another.
 * <b>Information at 2 %</b>, which a service that has started and has its memory does not reach: a JVM that starts from
 * a cold disk takes about 1,000 faults, half a second, 1 % of its first minute. <b>Warning at 20 %</b>: if these are
 * the threads of one pool or of the collector they do little else. Where durations were not recorded a fault counts as
 * 0.5 ms, what a good SSD needs with its queue: rather too little than too much.
 */
public final class MajorFaultsRule implements KernelRule {
    private static final String PAGE_FAULTS = "kernel.PageFaults";
    private static final String MAJOR_FAULT = "kernel.MajorPageFault";
    private static final double ASSUMED = 500_000;

    static final Limits LIMITS = Limits.of(
            "dev.kfr.memory.faults",
            "share of time that threads waited for pages",
            Typed.share(0.02),
            Typed.share(0.2));

    static final TypedResult<IQuantity> SHARE = Typed.share("share", "Time waited for pages, of the worst minute");
    static final TypedResult<IQuantity> FAULTS = Typed.number("faults", "Major faults in the worst minute");
    static final TypedResult<IQuantity> LONGEST = Typed.time("longest", "Longest fault in the worst minute");
    static final TypedResult<String> WHERE = Typed.text("where", "What most of the recorded faults read");
    static final TypedResult<String> PROCESS = Typed.text("process", "Process");
    static final TypedResult<IQuantity> WHEN = Typed.instant("when", "Start of the worst minute");

    private static final int COUNT = 0;
    private static final int TIME = 1;
    private static final int SEEN = 2;

    private static final Description DESCRIPTION = new Description(
            "KernelMajorFaults",
            "Memory Read from Disk",
            Topics.MEMORY,
            List.of(PAGE_FAULTS),
            LIMITS.and(),
            List.of(SHARE, FAULTS, LONGEST, WHERE, PROCESS, WHEN));

    @Override
    public Description description() {
        return DESCRIPTION;
    }

    @Override
    public Finding examine(Recorded recorded, IPreferenceValueProvider preferences) {
        var minutes = new Minutes<Who>(recorded, 3);
        recorded.eachOwn(
                PAGE_FAULTS, row -> minutes.spread(row.who(), row, row.number("major"), row.number("majorTime"), 0));
        recorded.eachOwn(MAJOR_FAULT, row -> minutes.spread(row.who(), row, 0, 0, row.duration()));
        var worst = minutes.worst(MajorFaultsRule::share);
        if (worst.isEmpty()) {
            return Finding.good("The service's memory was all there: no page had to be read from a disk.");
        }
        var minute = worst.get();
        double score = LIMITS.curve(preferences, UnitLookup.PERCENT_UNITY).score(share(minute));
        if (score < Curve.INFO) {
            return Finding.good(score, "Threads hardly waited for pages from a disk: {share} of the worst minute.")
                    .with(SHARE, Typed.share(share(minute)));
        }
        var faults = new Faults();
        recorded.eachOwn(MAJOR_FAULT, row -> {
            if (minute.contains(row.start())) {
                faults.add(row);
            }
        });
        return Finding.problem(
                        score,
                        "Threads of {process} waited for memory that had to be read from a disk: {share} of the time of one thread.",
                        "In the minute from {when} {faults} accesses to memory found the page on a disk."
                                + faults.explanation()
                                + " The thread stands still meanwhile, wherever it is; if it is one of the collector, so does the service."
                                + recorded.loss("memory").note(),
                        "If it is the heap: give the host or the container enough memory for heap, metaspace, thread stacks and direct buffers together, make the heap"
                                + " smaller, or switch swap off for the service (memory.swap.max = 0). If it is mapped files: they are larger than the memory left for"
                                + " the page cache; add memory, read ahead (MappedByteBuffer.load), or keep bulk readers on the same host from evicting them.")
                .with(SHARE, Typed.share(share(minute)))
                .with(FAULTS, Typed.number(Math.rint(minute.sum(COUNT))))
                .with(LONGEST, Typed.nanos(faults.longest))
                .with(WHERE, faults.where())
                .with(PROCESS, minute.key().toString())
                .with(WHEN, Typed.instant(minute.start()));
    }

    private static double share(Minutes.Minute<Who> minute) {
        double measured = Math.max(minute.busy(TIME), minute.busy(SEEN));
        return measured > 0 ? measured : minute.busy(COUNT) * ASSUMED;
    }

    /** The recorded faults of a minute, one by one. */
    private static final class Faults {
        private static final String NO_FILE = "";

        private final Tally places = new Tally();
        private long longest;

        void add(Row row) {
            longest = Math.max(longest, row.duration());
            places.add(row.text("path"), row.duration());
        }

        String where() {
            var place = places.mostOr("unknown, as single faults were not recorded");
            return place.equals(NO_FILE) ? "memory that belongs to no file (heap, stacks, buffers)" : place;
        }

        String explanation() {
            if (places.isEmpty()) {
                return "";
            }
            return " The longest took {longest}; most time went to {where}."
                    + (places.isOnly(NO_FILE) ? " Kernels before 6.1 don't tell the file." : "");
        }
    }
}
