// SPDX-License-Identifier: Apache-2.0
package dev.kfr.jmc.rules;

import java.util.List;
import java.util.Set;
import org.openjdk.jmc.common.unit.IQuantity;
import org.openjdk.jmc.common.unit.UnitLookup;
import org.openjdk.jmc.common.util.IPreferenceValueProvider;
import org.openjdk.jmc.flightrecorder.rules.TypedResult;

/**
 * The service makes a system call that fails, over and over.
 *
 * <p>The measure is how many calls of one kind fail in a second, throughout the worst minute. A failing call takes
 * about 1 µs in the kernel and some 50 µs in Java, where it becomes an exception with a stack trace. <b>Information at
 * 100 a second</b>: half a percent of a CPU, no matter in itself, but nothing that works does that; a program that
 * starts and probes for thousands of files stays below. <b>Warning at 2,000 a second</b>: a tenth of a CPU spent on
 * failing.
 *
 * <p>Calls that fail as a part of how they work are left out: a futex that changed meanwhile or ran into its time-out,
 * a socket that has nothing to read yet; and so is the row {@code (other)}, in which such calls are, too: the agent
 * writes a row of its own for each call of the JVM that records. {@code kernel.SyscallError}, where it is recorded,
 * names the error.
 */
public final class FailingCallsRule implements KernelRule {
    private static final String STATISTICS = "kernel.SyscallStatistics";
    private static final String ERROR = "kernel.SyscallError";
    private static final String REST = "(other)";

    /** Fail with EAGAIN, ETIMEDOUT, EINTR or EINPROGRESS whenever there is nothing to do. */
    private static final Set<String> MAY_FAIL = Set.of(
            "futex",
            "futex_wait",
            "futex_waitv",
            "epoll_wait",
            "epoll_pwait",
            "epoll_pwait2",
            "poll",
            "ppoll",
            "select",
            "pselect6",
            "read",
            "readv",
            "preadv2",
            "recvfrom",
            "recvmsg",
            "recvmmsg",
            "accept",
            "accept4",
            "connect",
            "write",
            "writev",
            "sendto",
            "sendmsg",
            "sendmmsg",
            "sendfile",
            "splice",
            "nanosleep",
            "clock_nanosleep",
            "rt_sigtimedwait",
            "rt_sigsuspend",
            "pause",
            "restart_syscall",
            "wait4",
            "waitid",
            "io_getevents",
            "io_uring_enter",
            "semtimedop",
            "msgrcv",
            "msgsnd");

    private static final Set<String> NOT_FAILURES =
            Set.of("EAGAIN", "EINTR", "ETIMEDOUT", "EINPROGRESS", "ERESTARTSYS");

    static final Limits LIMITS = Limits.of(
            "dev.kfr.syscalls.failing", "failing calls of one kind per second", Typed.number(100), Typed.number(2000));

    static final TypedResult<IQuantity> RATE = Typed.number("rate", "Failing calls per second in the worst minute");
    static final TypedResult<IQuantity> SHARE = Typed.share("share", "Share of these calls that failed");
    static final TypedResult<String> CALL = Typed.text("call", "System call");
    static final TypedResult<String> ERRORS = Typed.text("errors", "Errors, as far as they were recorded");
    static final TypedResult<String> PROCESS = Typed.text("process", "Process");
    static final TypedResult<IQuantity> WHEN = Typed.instant("when", "Start of the worst minute");

    private record Call(Who who, String name) {}

    private static final int FAILED = 0;
    private static final int CALLS = 1;
    private static final int SEEN = 2;

    private static final Description DESCRIPTION = new Description(
            "KernelFailingCalls",
            "System Calls that Fail Again and Again",
            Topics.SYSCALLS,
            List.of(STATISTICS),
            LIMITS.and(),
            List.of(RATE, SHARE, CALL, ERRORS, PROCESS, WHEN));

    @Override
    public Description description() {
        return DESCRIPTION;
    }

    @Override
    public Finding examine(Recorded recorded, IPreferenceValueProvider preferences) {
        var minutes = new Minutes<Call>(recorded, 3);
        recorded.eachOwn(STATISTICS, row -> {
            var name = row.text("syscall");
            if (!MAY_FAIL.contains(name) && !name.equals(REST) && row.number("errors") > 0) {
                minutes.spread(new Call(row.who(), name), row, row.number("errors"), row.number("count"), 0);
            }
        });
        recorded.eachOwn(ERROR, row -> {
            if (!NOT_FAILURES.contains(row.text("error"))) {
                minutes.add(new Call(row.who(), row.text("syscall")), row.start(), 0, 0, 1);
            }
        });
        var worst = minutes.worst(FailingCallsRule::rate);
        if (worst.isEmpty()) {
            return Finding.good("No system call of the service failed, but for those that may.");
        }
        var minute = worst.get();
        double score = LIMITS.curve(preferences, UnitLookup.NUMBER_UNITY).score(rate(minute));
        if (score < Curve.INFO) {
            return Finding.good(score, "Few system calls failed: of one kind {rate} per second, at most.")
                    .with(RATE, Typed.number(rate(minute)))
                    .with(CALL, minute.key().name());
        }
        var errors = errors(recorded, minute);
        return Finding.problem(
                        score,
                        "{call} failed {rate} times per second in {process}.",
                        (minute.sum(CALLS) > 0
                                        ? "In the minute from {when} {share} of these calls failed."
                                        : "The worst minute began at {when}.")
                                + (errors.isEmpty() ? "" : " The recorded errors were: {errors}.")
                                + " Something tries again and again what can't succeed; in Java each try also costs an exception that is often swallowed."
                                + recorded.loss("syscalls").note(),
                        (errors.isEmpty()
                                        ? "Record kernel.SyscallError (kernel-profile.jfc does) to see which error it is and in which thread."
                                        : "See System Calls for the threads that do it.")
                                + " Failing opens and stats are mostly searches along a path of directories or a class path: shorten it or remember what was not found."
                                + " EACCES and EPERM are rights that are missing, EMFILE and ENFILE descriptors that were not closed, ENOSPC and EDQUOT a full disk.")
                .with(RATE, Typed.number(rate(minute)))
                .with(SHARE, Typed.share(minute.sum(CALLS) > 0 ? minute.sum(FAILED) / minute.sum(CALLS) : 1))
                .with(CALL, minute.key().name())
                .with(ERRORS, errors)
                .with(PROCESS, minute.key().who().toString())
                .with(WHEN, Typed.instant(minute.start()));
    }

    private static double rate(Minutes.Minute<Call> minute) {
        return Math.max(minute.perSecond(FAILED), minute.perSecond(SEEN));
    }

    private static String errors(Recorded recorded, Minutes.Minute<Call> minute) {
        var errors = new Tally();
        recorded.eachOwn(ERROR, row -> {
            if (row.text("syscall").equals(minute.key().name()) && minute.contains(row.start())) {
                errors.add(row.text("error"), 1);
            }
        });
        return errors.inTimes();
    }
}
