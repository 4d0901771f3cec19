// SPDX-License-Identifier: Apache-2.0
package dev.kfr.jmc.rules;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmc.common.unit.IQuantity;
import org.openjdk.jmc.common.unit.UnitLookup;
import org.openjdk.jmc.common.util.IPreferenceValueProvider;
import org.openjdk.jmc.common.util.TypedPreference;
import org.openjdk.jmc.flightrecorder.rules.TypedResult;

/**
 * Descriptors are opened and not closed.
 *
 * <p>The kernel always gives out the lowest free descriptor (open(2)). So the numbers that were given out in a quarter
 * of the recording say how many were in use then, whichever events the throttle let through, of files and of sockets;
 * if their lower quartile rises from each quarter to the next, descriptors stay open. (Not the lowest: a gap that an
 * old descriptor leaves is used again and again by what is opened and closed at once.) Where only connections are
 * accepted {@code kernel.SyscallStatistics} tells the same: calls that give descriptors minus calls that take one back,
 * with every call that has no row of its own taken for the latter, positive in each quarter. Both are looked at over
 * the whole recording, its last day and its last hour.
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

    private record Given(long time, long descriptor) {}

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

    /** By the descriptors that were given out in each quarter of the time, for each process since its first. */
    private static List<Growth> byNumbers(Recorded recorded, long from, long to) {
        var given = new HashMap<Who, List<Given>>();
        GIVEN.forEach(type -> recorded.eachOwn(type, row -> {
            long descriptor = row.number("fileDescriptor");
            if (descriptor >= 0 && row.start() >= from && row.text("error").isEmpty()) {
                given.computeIfAbsent(row.who(), who -> new ArrayList<>()).add(new Given(row.start(), descriptor));
            }
        }));
        var found = new ArrayList<Growth>();
        given.forEach((who, descriptors) -> growth(who, descriptors, to).ifPresent(found::add));
        return found;
    }

    private static Optional<Growth> growth(Who who, List<Given> descriptors, long to) {
        long first = descriptors.stream().mapToLong(Given::time).min().orElse(to);
        List<List<Long>> quarters = new ArrayList<>();
        for (int i = 0; i < QUARTERS; i++) {
            quarters.add(new ArrayList<>());
        }
        descriptors.forEach(
                each -> quarters.get(quarter(each.time(), first, to)).add(each.descriptor()));
        for (int i = 1; i < QUARTERS; i++) {
            if (lowQuarter(quarters.get(i)) <= lowQuarter(quarters.get(i - 1))) {
                return Optional.empty();
            }
        }
        // From the middle of the first quarter to that of the last.
        double growth = lowQuarter(quarters.get(QUARTERS - 1)) - lowQuarter(quarters.get(0));
        return Optional.of(new Growth(who, growth, (to - first) * (QUARTERS - 1.0) / QUARTERS, first));
    }

    /** What a quarter of the numbers are not above; -1 if there are none, so that nothing rises to it. */
    private static long lowQuarter(List<Long> numbers) {
        if (numbers.isEmpty()) {
            return -1;
        }
        numbers.sort(null);
        return numbers.get((numbers.size() - 1) / 4);
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
        var paths = new Tally();
        long since = (long) (growth.from() + growth.nanos() * (QUARTERS - 1.0) / QUARTERS);
        recorded.eachOwn(OPEN, row -> {
            if (row.start() >= since && row.number("fileDescriptor") >= 0) {
                paths.add(row.text("path"), 1);
            }
        });
        return paths.inTimes();
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
