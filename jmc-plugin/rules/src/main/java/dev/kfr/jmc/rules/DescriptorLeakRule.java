// SPDX-License-Identifier: Apache-2.0
package dev.kfr.jmc.rules;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.openjdk.jmc.common.unit.IQuantity;
import org.openjdk.jmc.common.unit.UnitLookup;
import org.openjdk.jmc.common.util.IPreferenceValueProvider;
import org.openjdk.jmc.common.util.TypedPreference;
import org.openjdk.jmc.flightrecorder.rules.TypedResult;

/**
 * Descriptors are opened and not closed.
 *
 * <p>The kernel always gives out the lowest free descriptor (open(2)). So the lowest that was given out in a quarter of
 * the recording says how many were in use all along, whichever opens the throttle let through, of files and of sockets;
 * if it rises from each quarter to the next, descriptors stay open. Where only connections are accepted {@code
 * kernel.SyscallStatistics} tells the same: calls that give descriptors minus calls that take one back, with every call
 * that has no row of its own taken for the latter, positive in each quarter. Both are looked at over the whole
 * recording, its last day and its last hour.
 *
 * <p>The measure is how many more were open after an hour. <b>Information at 60 an hour</b>: one a minute, which uses
 * up a limit of 1,024 within a day. <b>Warning at 1,800 an hour</b>: 1,024 within 35 minutes, 65,536 within two days,
 * mostly before anybody deploys again. Fewer than 30 in all prove nothing: pools and caches grow, too.
 */
public final class DescriptorLeakRule implements KernelRule {
    private static final String OPEN = "kernel.FileOpen";
    private static final List<String> GIVEN = List.of(OPEN, "kernel.SocketCreate");
    private static final String STATISTICS = "kernel.SyscallStatistics";
    private static final int QUARTERS = 4;
    private static final long[] LOOKED_AT = {Long.MAX_VALUE, TimeUnit.DAYS.toNanos(1), TimeUnit.HOURS.toNanos(1)};
    private static final Set<String> GIVE_ONE = Set.of(
            "open",
            "openat",
            "openat2",
            "creat",
            "socket",
            "accept",
            "accept4",
            "dup",
            "eventfd",
            "eventfd2",
            "epoll_create",
            "epoll_create1",
            "timerfd_create",
            "signalfd4",
            "inotify_init",
            "inotify_init1",
            "memfd_create",
            "pidfd_open",
            "userfaultfd",
            "perf_event_open");
    private static final Set<String> GIVE_TWO = Set.of("pipe", "pipe2", "socketpair");
    private static final Set<String> TAKE_MANY = Set.of("close_range");
    private static final String TAKE = "close";
    private static final String REST = "(other)";

    static final Limits LIMITS =
            Limits.of("dev.kfr.files.leak", "more open descriptors per hour", Typed.number(60), Typed.number(1800));
    static final TypedPreference<IQuantity> LEAST = Limits.preference(
            "dev.kfr.files.leak.least",
            "Least growth",
            "Fewer more open descriptors than this are no leak",
            Typed.number(30));

    static final TypedResult<IQuantity> RATE = Typed.number("rate", "More open descriptors per hour");
    static final TypedResult<IQuantity> GROWTH = Typed.number("growth", "More open descriptors, in the time looked at");
    static final TypedResult<IQuantity> TIME = Typed.time("time", "The time looked at");
    static final TypedResult<String> PROCESS = Typed.text("process", "Process");
    static final TypedResult<String> FILES = Typed.text("files", "What was opened most at last");

    private static final Description DESCRIPTION = new Description(
            "KernelDescriptorLeak",
            "Descriptors Not Closed",
            Topics.FILES,
            List.of(OPEN),
            LIMITS.and(LEAST),
            List.of(RATE, GROWTH, TIME, PROCESS, FILES));

    /** @param nanos in which it grew */
    private record Growth(Who who, double growth, double nanos, long from) {
        double perHour() {
            return growth * TimeUnit.HOURS.toNanos(1) / nanos;
        }
    }

    @Override
    public Description description() {
        return DESCRIPTION;
    }

    @Override
    public Finding examine(Recorded recorded, IPreferenceValueProvider preferences) {
        double least = preferences.getPreferenceValue(LEAST).doubleValue();
        var found = new ArrayList<Growth>();
        for (long length : LOOKED_AT) {
            var span = recorded.span();
            if (length == Long.MAX_VALUE || length < span.to() - span.from()) {
                long from = length == Long.MAX_VALUE ? span.from() : span.to() - length;
                byNumbers(recorded, from, span.to()).forEach(found::add);
                byBalance(recorded, from, span.to()).forEach(found::add);
            }
        }
        Optional<Growth> worst = found.stream()
                .filter(growth -> growth.growth() >= least)
                .max(Comparator.comparingDouble(Growth::perHour));
        if (worst.isEmpty()) {
            return Finding.good("The number of open descriptors did not keep growing.");
        }
        var growth = worst.get();
        double score = LIMITS.curve(preferences, UnitLookup.NUMBER_UNITY).score(growth.perHour());
        if (score < Curve.INFO) {
            return Finding.good(score, "The number of open descriptors grew by {rate} an hour, at most.")
                    .with(RATE, Typed.number(growth.perHour()));
        }
        return Finding.problem(
                        score,
                        "{process} has {rate} more descriptors open each hour.",
                        "In {time} at least {growth} were opened and not closed, with no end in sight. When the limit of open files is reached, every open, accept and"
                                + " connect fails with \"Too many open files\". What was opened most in the last quarter of that time: {files}.",
                        "Look for streams, channels, sockets, Files.list and Files.walk that are not closed when an exception passes by: try-with-resources closes them. The"
                                + " links in /proc/PID/fd show what is open now. A higher limit (LimitNOFILE, ulimit -n) gains time only.")
                .with(RATE, Typed.number(growth.perHour()))
                .with(GROWTH, Typed.number(growth.growth()))
                .with(TIME, Typed.nanos(growth.nanos()))
                .with(PROCESS, growth.who().toString())
                .with(FILES, opened(recorded, growth));
    }

    /** By the lowest descriptor that was given out in each quarter of the time. */
    private static List<Growth> byNumbers(Recorded recorded, long from, long to) {
        var lowest = new HashMap<Who, long[]>();
        GIVEN.forEach(type -> recorded.eachOwn(type, row -> {
            long descriptor = row.number("fileDescriptor");
            if (descriptor >= 0 && row.start() >= from && row.text("error").isEmpty()) {
                var quarters = lowest.computeIfAbsent(row.who(), who -> filled(Long.MAX_VALUE));
                int quarter = quarter(row.start(), from, to);
                quarters[quarter] = Math.min(quarters[quarter], descriptor);
            }
        }));
        var found = new ArrayList<Growth>();
        lowest.forEach((who, quarters) -> {
            boolean rises = quarters[QUARTERS - 1] < Long.MAX_VALUE;
            for (int i = 1; i < QUARTERS; i++) {
                rises &= quarters[i] > quarters[i - 1];
            }
            if (rises) {
                // From the first quarter's beginning, where the lowest was given out, to the last one's.
                found.add(new Growth(
                        who, quarters[QUARTERS - 1] - quarters[0], (to - from) * (QUARTERS - 1.0) / QUARTERS, from));
            }
        });
        return found;
    }

    /** By the calls that give and take descriptors. */
    private static List<Growth> byBalance(Recorded recorded, long from, long to) {
        var balances = new HashMap<Who, long[]>();
        recorded.eachOwn(STATISTICS, row -> {
            if (row.end() >= from) {
                balances.computeIfAbsent(row.who(), who -> filled(0))[quarter(row.end(), from, to)] += balance(row);
            }
        });
        var found = new ArrayList<Growth>();
        balances.forEach((who, quarters) -> {
            long sum = 0;
            boolean grows = true;
            for (long quarter : quarters) {
                sum += quarter;
                grows &= quarter > 0;
            }
            if (grows) {
                found.add(new Growth(who, sum, to - from, from));
            }
        });
        return found;
    }

    private static long balance(Row row) {
        var call = row.text("syscall");
        long count = row.number("count");
        long good = count - row.number("errors");
        if (GIVE_ONE.contains(call)) {
            return good;
        } else if (GIVE_TWO.contains(call)) {
            return 2 * good;
        } else if (TAKE_MANY.contains(call)) {
            return -Integer.MAX_VALUE * count;
        }
        return call.equals(TAKE) || call.equals(REST) ? -count : 0;
    }

    private static String opened(Recorded recorded, Growth growth) {
        var counts = new HashMap<String, Integer>();
        long since = (long) (growth.from() + growth.nanos() * (QUARTERS - 1.0) / QUARTERS);
        recorded.eachOwn(OPEN, row -> {
            if (row.start() >= since && row.number("fileDescriptor") >= 0) {
                counts.merge(row.text("path"), 1, Integer::sum);
            }
        });
        return counts.entrySet().stream()
                .sorted(Map.Entry.<String, Integer>comparingByValue().reversed())
                .limit(5)
                .map(path -> path.getKey() + " " + path.getValue() + " times")
                .collect(Collectors.joining(", "));
    }

    private static int quarter(long time, long from, long to) {
        return (int) Math.max(0, Math.min(QUARTERS - 1, (time - from) / Math.max(1.0, to - from) * QUARTERS));
    }

    private static long[] filled(long value) {
        var quarters = new long[QUARTERS];
        Arrays.fill(quarters, value);
        return quarters;
    }
}
