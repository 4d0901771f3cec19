// SPDX-License-Identifier: Apache-2.0
package dev.kfr.jmc.rules;

import java.util.List;
import org.openjdk.jmc.common.unit.IQuantity;
import org.openjdk.jmc.common.unit.UnitLookup;
import org.openjdk.jmc.common.util.IPreferenceValueProvider;
import org.openjdk.jmc.flightrecorder.rules.TypedResult;

/**
 * Threads of the service have to free memory for themselves before the kernel gives them any.
 *
 * <p>The measure is the time that its threads spent so in the worst minute, as a share of that minute. <b>Information
 * at 1 %</b>: 10 ms of each second, and the host is at the end of its free memory, which background reclaim is there to
 * prevent: on a healthy host the figure is 0. <b>Warning at 10 %</b>: a thread in ten seconds stands still for one, and
 * what follows is swap or the OOM killer.
 */
public final class DirectReclaimRule implements KernelRule {
    private static final String DIRECT_RECLAIM = "kernel.DirectReclaim";

    static final Limits LIMITS = Limits.of(
            "dev.kfr.memory.reclaim",
            "share of time that threads freed memory for themselves",
            Typed.share(0.01),
            Typed.share(0.1));

    static final TypedResult<IQuantity> SHARE = Typed.share("share", "Time spent in reclaim, of the worst minute");
    static final TypedResult<IQuantity> COUNT = Typed.number("count", "Recorded reclaims in the worst minute");
    static final TypedResult<IQuantity> LONGEST = Typed.time("longest", "Longest recorded reclaim");
    static final TypedResult<IQuantity> PAGES = Typed.number("pages", "Pages freed in the worst minute");
    static final TypedResult<String> PROCESS = Typed.text("process", "Process");
    static final TypedResult<IQuantity> WHEN = Typed.instant("when", "Start of the worst minute");

    private static final int TIME = 0;
    private static final int RECLAIMS = 1;
    private static final int FREED = 2;

    private static final Description DESCRIPTION = new Description(
            "KernelDirectReclaim",
            "Direct Reclaim of Memory",
            Topics.MEMORY,
            List.of(DIRECT_RECLAIM),
            LIMITS.and(),
            List.of(SHARE, COUNT, LONGEST, PAGES, PROCESS, WHEN));

    @Override
    public Description description() {
        return DESCRIPTION;
    }

    @Override
    public Finding examine(Recorded recorded, IPreferenceValueProvider preferences) {
        var longest = new long[1];
        var ofGroup = new int[2];
        var minutes = new Minutes<Who>(recorded, 3);
        recorded.eachOwn(DIRECT_RECLAIM, row -> {
            longest[0] = Math.max(longest[0], row.duration());
            ofGroup[row.text("cause").equals("cgroup") ? 1 : 0]++;
            minutes.spread(row.who(), row, row.duration(), 1, row.number("pagesReclaimed"));
        });
        var worst = minutes.worst(minute -> minute.busy(TIME));
        if (worst.isEmpty()) {
            return Finding.good("No thread of the service had to free memory for itself.");
        }
        var minute = worst.get();
        double score = LIMITS.curve(preferences, UnitLookup.PERCENT_UNITY).score(minute.busy(TIME));
        if (score < Curve.INFO) {
            return Finding.good(score, "Threads hardly had to free memory for themselves: {share} of the worst minute.")
                    .with(SHARE, Typed.share(minute.busy(TIME)));
        }
        return Finding.problem(
                        score,
                        "Threads of {process} had to free memory for themselves: {share} of the time of one thread.",
                        "In the minute from {when} that happened {count} times; {pages} pages were freed, the longest time took {longest}. "
                                + (ofGroup[1] > ofGroup[0]
                                        ? "A control group, mostly the container, is at its limit"
                                        : "The host has no free memory left")
                                + ", and background reclaim can't keep up: an allocation in the kernel, and so any system call, new page of the"
                                + " heap or packet, may stall."
                                + recorded.loss("memory").note(),
                        "Give the host or the container more memory, or its processes less: compare the sum of heaps and of native memory with the limit, and look for who grew"
                                + " at that time. On the host a higher vm.min_free_kbytes or vm.watermark_scale_factor makes the background begin earlier; in a"
                                + " container memory.high below memory.max gives an early sign.")
                .with(SHARE, Typed.share(minute.busy(TIME)))
                .with(COUNT, Typed.number(Math.rint(minute.sum(RECLAIMS))))
                .with(LONGEST, Typed.nanos(longest[0]))
                .with(PAGES, Typed.number(Math.rint(minute.sum(FREED))))
                .with(PROCESS, minute.key().toString())
                .with(WHEN, Typed.instant(minute.start()));
    }
}
