// SPDX-License-Identifier: Apache-2.0
package dev.kfr.jmc.rules;

import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmc.common.unit.IQuantity;
import org.openjdk.jmc.common.unit.UnitLookup;
import org.openjdk.jmc.common.util.IPreferenceValueProvider;
import org.openjdk.jmc.common.util.TypedPreference;
import org.openjdk.jmc.flightrecorder.rules.TypedResult;

/**
 * A disk answers slowly.
 *
 * <p>The measure is the 99th percentile of the time from issue to completion, averaged over the requests of the worst
 * minute of a device and an operation, from {@code kernel.BlockIoStatistics}, which counts all requests, fast ones too.
 * An NVMe disk stays below 2 ms, a SATA SSD below 10, a turning disk below 50 unless it is overloaded. <b>Information
 * at 50 ms</b>: beyond what a healthy device of any kind needs; <b>warning at 250 ms</b>: a page that is read in takes
 * longer than a request may. A minute with fewer than 20 requests says nothing about a percentile, and discarding
 * blocks is slow by design and waited for by nobody.
 */
public final class SlowDiskRule implements KernelRule {
    private static final String STATISTICS = "kernel.BlockIoStatistics";
    private static final Set<String> NOT_WAITED_FOR = Set.of("discard", "secure erase", "write zeroes");

    static final Limits LIMITS = Limits.of(
            "dev.kfr.block.slow",
            "99th percentile of a disk's answers",
            UnitLookup.MILLISECOND.quantity(50),
            UnitLookup.MILLISECOND.quantity(250));
    static final TypedPreference<IQuantity> LEAST = Limits.preference(
            "dev.kfr.block.slow.least",
            "Least requests of a minute",
            "A minute with fewer requests to a device is not judged",
            Typed.number(20));

    static final TypedResult<IQuantity> P99 = Typed.time("p99", "99th percentile in the worst minute");
    static final TypedResult<IQuantity> LONGEST = Typed.time("longest", "Longest request in the worst minute");
    static final TypedResult<IQuantity> COUNT = Typed.number("count", "Requests in the worst minute");
    static final TypedResult<IQuantity> QUEUED = Typed.time("queued", "Average time in the queue before that");
    static final TypedResult<IQuantity> AT_ONCE = Typed.number("atOnce", "Requests at once in the device, on average");
    static final TypedResult<IQuantity> ERRORS = Typed.number("errors", "Requests that failed in the worst minute");
    static final TypedResult<String> DEVICE = Typed.text("device", "Device");
    static final TypedResult<String> OPERATION = Typed.text("operation", "Operation");
    static final TypedResult<IQuantity> WHEN = Typed.instant("when", "Start of the worst minute");

    private record Kind(String device, String operation) {}

    private static final int REQUESTS = 0;
    private static final int WEIGHTED = 1;
    private static final int QUEUE_TIME = 2;
    private static final int TOTAL_TIME = 3;
    private static final int FAILED = 4;

    private static final Description DESCRIPTION = new Description(
            "KernelSlowDisk",
            "Slow Disk",
            Topics.BLOCK,
            List.of(STATISTICS),
            LIMITS.and(LEAST),
            List.of(P99, LONGEST, COUNT, QUEUED, AT_ONCE, ERRORS, DEVICE, OPERATION, WHEN));

    @Override
    public Description description() {
        return DESCRIPTION;
    }

    @Override
    public Finding examine(Recorded recorded, IPreferenceValueProvider preferences) {
        double least = preferences.getPreferenceValue(LEAST).doubleValue();
        var minutes = new Minutes<Kind>(recorded, 5);
        recorded.each(STATISTICS, row -> {
            if (!NOT_WAITED_FOR.contains(row.text("operation"))) {
                double count = row.number("count");
                minutes.spread(
                        new Kind(row.text("device"), row.text("operation")),
                        row,
                        count,
                        count * row.number("p99"),
                        row.number("queueTime"),
                        row.number("totalTime"),
                        row.number("errors"));
            }
        });
        // A row is spread over minutes: rounding must not cost it the request that makes it count.
        var worst = minutes.worst(minute -> Math.rint(minute.sum(REQUESTS)) < least ? 0 : p99(minute));
        if (worst.isEmpty()) {
            return Finding.good("Disks had too little to do to be slow.");
        }
        var minute = worst.get();
        double score =
                LIMITS.curve(preferences, UnitLookup.MILLISECOND).score(p99(minute) / TimeUnit.MILLISECONDS.toNanos(1));
        if (score < Curve.INFO) {
            return Finding.good(score, "Disks answered 99 of 100 requests within {p99}, in the worst minute.")
                    .with(P99, Typed.nanos(p99(minute)))
                    .with(DEVICE, minute.key().device());
        }
        return Finding.problem(
                        score,
                        "Disk {device} took up to {p99} for 99 of 100 requests ({operation}).",
                        "In the minute from {when} it completed {count} such requests and had {atOnce} of them at once, on average; before that they waited {queued}"
                                + " in the queue, the longest took {longest}"
                                + (minute.sum(FAILED) >= 1 ? ", and {errors} failed" : "")
                                + ". Every thread that reads what is not cached, syncs a file or touches a page on swap waits at least that long.",
                        "With many requests at once the disk is overloaded: find who issues them (File Statistics by process), spread them in time, cache more, or take a"
                                + " faster volume; with a cloud volume compare with the limits that were bought. With few at once the disk itself is slow: look"
                                + " at its health (SMART, dmesg), at what lies beneath it, and at its neighbours there.")
                .with(P99, Typed.nanos(p99(minute)))
                .with(LONGEST, Typed.nanos(longest(recorded, minute)))
                .with(COUNT, Typed.number(Math.rint(minute.sum(REQUESTS))))
                .with(QUEUED, Typed.nanos(minute.sum(QUEUE_TIME) / minute.sum(REQUESTS)))
                .with(AT_ONCE, Typed.number(minute.busy(TOTAL_TIME)))
                .with(ERRORS, Typed.number(Math.rint(minute.sum(FAILED))))
                .with(DEVICE, minute.key().device())
                .with(OPERATION, minute.key().operation())
                .with(WHEN, Typed.instant(minute.start()));
    }

    private static double p99(Minutes.Minute<Kind> minute) {
        return minute.sum(REQUESTS) > 0 ? minute.sum(WEIGHTED) / minute.sum(REQUESTS) : 0;
    }

    private static long longest(Recorded recorded, Minutes.Minute<Kind> minute) {
        var longest = new long[1];
        recorded.each(STATISTICS, row -> {
            if (minute.key().equals(new Kind(row.text("device"), row.text("operation")))
                    && minute.contains(row.end())) {
                longest[0] = Math.max(longest[0], row.number("max"));
            }
        });
        return longest[0] == 0 ? (long) p99(minute) : longest[0];
    }
}
