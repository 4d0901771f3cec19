// SPDX-License-Identifier: Apache-2.0
package dev.kfr.jmc.rules;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.openjdk.jmc.common.unit.IQuantity;
import org.openjdk.jmc.common.unit.UnitLookup;
import org.openjdk.jmc.common.util.IPreferenceValueProvider;
import org.openjdk.jmc.common.util.TypedPreference;
import org.openjdk.jmc.flightrecorder.rules.TypedResult;

/**
 * A signal ended the JVM, stopped it, or hurt it or what it runs.
 *
 * <p>There is no amount to measure, so each kind has its score. A <b>warning</b> (80) is what nobody sends to a healthy
 * JVM: SIGKILL, SIGSTOP and its like, after which it stands still until SIGCONT, and the kernel's SIGBUS (a mapped file
 * was cut, or a disk is full), SIGILL, SIGFPE, SIGXCPU and SIGXFSZ. <b>Information</b> (50) are SIGTERM, SIGINT and
 * SIGHUP, the orderly ways to end a JVM: good to know from whom. Likewise (40) child processes that a signal ended, and
 * (30) ten or more SIGQUIT in a minute, each of which stops all Java threads for a thread dump; the limit can be set,
 * and signals can be left out. SIGSEGV is how HotSpot works and says nothing.
 */
public final class SignalRule implements KernelRule {
    private static final String SIGNAL = "kernel.Signal";
    private static final String EXIT = "kernel.ProcessExit";
    private static final Set<String> STOP = Set.of("SIGSTOP", "SIGTSTP", "SIGTTIN", "SIGTTOU");
    private static final Set<String> HURT =
            Set.of("SIGKILL", "SIGBUS", "SIGILL", "SIGFPE", "SIGXCPU", "SIGXFSZ", "SIGABRT");
    private static final Set<String> END = Set.of("SIGTERM", "SIGINT", "SIGHUP");
    private static final Set<String> END_CHILDREN =
            Set.of("SIGKILL", "SIGSEGV", "SIGABRT", "SIGBUS", "SIGILL", "SIGFPE");
    private static final double SCORE_HURT = 80;
    private static final double SCORE_END = 50;
    private static final double SCORE_CHILD = 40;
    private static final double SCORE_DUMPS = 30;
    private static final int SHOWN = 5;

    static final TypedPreference<IQuantity> DUMPS = Limits.preference(
            "dev.kfr.processes.signal.dumps",
            "Thread dumps in a minute",
            "From so many SIGQUIT in a minute on they are shown",
            Typed.number(10));
    static final TypedPreference<String> IGNORED = new TypedPreference<>(
            "dev.kfr.processes.signal.ignored",
            "Signals to leave out",
            "Names of signals that are not looked at, such as SIGTERM SIGHUP",
            UnitLookup.PLAIN_TEXT.getPersister(),
            "");

    static final TypedResult<String> SIGNALS = Typed.text("signal", "The worst of them");
    static final TypedResult<String> SENDER = Typed.text("sender", "Who sent it");
    static final TypedResult<IQuantity> WHEN = Typed.instant("when", "When");
    static final TypedResult<IQuantity> STOPPED = Typed.time("stopped", "How long the JVM stood still");
    static final TypedResult<String> ALL = Typed.text("all", "Signals and senders");

    private record Hit(double score, String signal, String sender, long when, String text) {}

    private static final Description DESCRIPTION = new Description(
            "KernelSignals",
            "Signals that Ended or Hurt the JVM",
            Topics.PROCESSES,
            List.of(SIGNAL),
            List.of(DUMPS, IGNORED),
            List.of(SIGNALS, SENDER, WHEN, STOPPED, ALL));

    @Override
    public Description description() {
        return DESCRIPTION;
    }

    @Override
    public Finding examine(Recorded recorded, IPreferenceValueProvider preferences) {
        if (recorded.ownPids().isEmpty()) {
            return Finding.notApplicable("The recording does not tell which process is the service.");
        }
        var ignored = Set.of(preferences.getPreferenceValue(IGNORED).trim().split("[ ,]+"));
        var hits = new ArrayList<Hit>();
        collect(recorded, ignored, preferences.getPreferenceValue(DUMPS).doubleValue(), hits);
        if (hits.isEmpty()) {
            return Finding.good("No signal hurt the JVM or a process that it had started.");
        }
        hits.sort(Comparator.comparingDouble(Hit::score).reversed().thenComparing(Hit::when));
        var worst = hits.get(0);
        return Finding.problem(worst.score(), summary(worst), explanation(worst), solution(worst))
                .with(SIGNALS, worst.signal())
                .with(SENDER, worst.sender())
                .with(WHEN, Typed.instant(worst.when()))
                .with(STOPPED, Typed.nanos(stopped(recorded)))
                .with(ALL, hits.stream().limit(SHOWN).map(Hit::text).collect(Collectors.joining(", ")));
    }

    private static void collect(Recorded recorded, Set<String> ignored, double dumps, List<Hit> hits) {
        var quits = new Minutes<String>(recorded, 1);
        recorded.each(SIGNAL, row -> {
            var signal = row.text("signal");
            if (!isToOwn(recorded, row)
                    || ignored.contains(signal)
                    || row.text("result").equals("ignored")) {
                return;
            }
            var sender = sender(row);
            if (STOP.contains(signal) || HURT.contains(signal)) {
                hits.add(new Hit(SCORE_HURT, signal, sender, row.start(), signal + " from " + sender));
            } else if (END.contains(signal)) {
                hits.add(new Hit(SCORE_END, signal, sender, row.start(), signal + " from " + sender));
            } else if (signal.equals("SIGQUIT")) {
                quits.add(sender, row.start(), 1);
            }
        });
        quits.worst(minute -> minute.sum(0))
                .filter(minute -> minute.sum(0) >= dumps)
                .ifPresent(minute -> {
                    var text = String.format("%.0f SIGQUIT in a minute from %s", minute.sum(0), minute.key());
                    hits.add(new Hit(SCORE_DUMPS, "SIGQUIT", minute.key(), minute.start(), text));
                });
        recorded.each(EXIT, row -> {
            var signal = row.text("signal");
            if (END_CHILDREN.contains(signal)
                    && !ignored.contains(signal)
                    && recorded.ownPids().contains(row.number("parentPid"))
                    && !row.isElsewhere()) {
                hits.add(new Hit(
                        SCORE_CHILD,
                        signal,
                        row.who().toString(),
                        row.start(),
                        signal + " ended " + row.who() + ", a process of the JVM"));
            }
        });
    }

    private static boolean isToOwn(Recorded recorded, Row row) {
        return recorded.ownPids().contains(row.number("targetPid"))
                && row.text("targetPidNamespace").isEmpty();
    }

    private static String sender(Row row) {
        return row.text("origin").equals("process") ? row.who().toString() : "the " + row.text("origin");
    }

    /** From the first signal that stopped the JVM to the next that let it go on, summed over all. */
    private static long stopped(Recorded recorded) {
        record At(long time, boolean stop) {}
        var signals = new ArrayList<At>();
        recorded.each(SIGNAL, row -> {
            boolean stop = STOP.contains(row.text("signal"));
            if (isToOwn(recorded, row) && (stop || row.text("signal").equals("SIGCONT"))) {
                signals.add(new At(row.start(), stop));
            }
        });
        signals.sort(Comparator.comparingLong(At::time));
        long sum = 0;
        long since = -1;
        for (var signal : signals) {
            if (signal.stop() && since < 0) {
                since = signal.time();
            } else if (!signal.stop() && since >= 0) {
                sum += signal.time() - since;
                since = -1;
            }
        }
        return sum;
    }

    private static String summary(Hit worst) {
        if (worst.score() == SCORE_CHILD) {
            return "{signal} ended {sender}, which the JVM had started.";
        }
        return worst.score() == SCORE_DUMPS
                ? "{sender} asked the JVM for thread dumps again and again."
                : "The JVM got {signal} from {sender}.";
    }

    private static String explanation(Hit worst) {
        var all = " In all: {all}.";
        if (STOP.contains(worst.signal())) {
            return "That was at {when}. From then on no thread of the JVM ran until somebody sent SIGCONT: {stopped} in all. Peers see a service that hangs."
                    + all;
        } else if (worst.score() == SCORE_HURT) {
            return "That was at {when}. A JVM does not survive it, or an access to memory failed in a way that Java code sees as an internal error."
                    + all;
        } else if (worst.score() == SCORE_END) {
            return "That was at {when}. The JVM takes it as the order to end: it runs its shutdown hooks and exits."
                    + all;
        }
        return "That was at {when}." + all;
    }

    private static String solution(Hit worst) {
        if (worst.score() == SCORE_END) {
            return "If that was a deployment or an operator, all is well. If not, look at the sender: liveness probes that fail, a supervisor with a time-out, a terminal that was"
                    + " closed (SIGHUP; nohup or a service manager protects from it).";
        } else if (worst.score() == SCORE_DUMPS) {
            return "Let the monitoring take thread dumps less often, or record jdk.ThreadDump at a longer period: each stops all Java threads.";
        }
        return "Look at the sender and why it did that: a supervisor or container runtime after a stop that took too long (SIGKILL), a debugger or job control (SIGSTOP), the kernel"
                + " because a mapped file was cut or the disk is full (SIGBUS) or a limit was reached (SIGXCPU, SIGXFSZ). Kills for want of memory are in Memory.";
    }
}
