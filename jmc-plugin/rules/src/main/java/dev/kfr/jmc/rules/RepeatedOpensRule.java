// SPDX-License-Identifier: Apache-2.0
package dev.kfr.jmc.rules;

import java.util.List;
import java.util.Set;
import org.openjdk.jmc.common.unit.IQuantity;
import org.openjdk.jmc.common.unit.UnitLookup;
import org.openjdk.jmc.common.util.IPreferenceValueProvider;
import org.openjdk.jmc.flightrecorder.rules.TypedResult;

/**
 * The service opens the same file again and again: a configuration that is polled, a jar that is searched for each
 * resource, a log that is reopened for each line.
 *
 * <p>The measure is how often one path was opened in a second, throughout the worst minute. Opening, reading and
 * closing a small cached file costs 10 µs in the kernel and about 100 µs with what Java makes of it. <b>Information at
 * 5 a second</b>: no configuration changes that often and no cache needs it. <b>Warning at 100 a second</b>: one
 * percent of a CPU, and so often only happens once for each request, which then waits for it.
 */
public final class RepeatedOpensRule implements KernelRule {
    private static final String OPEN = "kernel.FileOpen";
    private static final String STATISTICS = "kernel.FileStatistics";
    /**
     * No file, but all that have no row of their own: of the process, or of a file system that the kernel makes up as
     * it is read.
     */
    private static final Set<String> NO_FILE = Set.of("(other)", "/proc", "/sys");

    static final Limits LIMITS =
            Limits.of("dev.kfr.files.opens", "opens of one file per second", Typed.number(5), Typed.number(100));

    static final TypedResult<IQuantity> RATE = Typed.number("rate", "Opens per second in the worst minute");
    static final TypedResult<IQuantity> FAILED = Typed.share("failed", "Share of the recorded opens that failed");
    static final TypedResult<String> PATH = Typed.text("path", "File");
    static final TypedResult<String> ERROR = Typed.text("error", "Error of one that failed");
    static final TypedResult<String> PROCESS = Typed.text("process", "Process");
    static final TypedResult<IQuantity> WHEN = Typed.instant("when", "Start of the worst minute");

    private record File(Who who, String path) {}

    private static final int COUNTED = 0;
    private static final int SEEN = 1;
    private static final int ERRORS = 2;

    private static final Description DESCRIPTION = new Description(
            "KernelRepeatedOpens",
            "Files Opened Again and Again",
            Topics.FILES,
            List.of(OPEN),
            LIMITS.and(),
            List.of(RATE, FAILED, PATH, ERROR, PROCESS, WHEN));

    @Override
    public Description description() {
        return DESCRIPTION;
    }

    @Override
    public Finding examine(Recorded recorded, IPreferenceValueProvider preferences) {
        var minutes = new Minutes<File>(recorded, 3);
        recorded.eachOwn(
                OPEN,
                row -> minutes.add(
                        new File(row.who(), row.text("path")),
                        row.start(),
                        0,
                        1,
                        row.text("error").isEmpty() ? 0 : 1));
        recorded.eachOwn(STATISTICS, row -> {
            if (row.number("opens") > 0 && !NO_FILE.contains(row.text("path"))) {
                minutes.spread(new File(row.who(), row.text("path")), row, row.number("opens"), 0, 0);
            }
        });
        var worst = minutes.worst(RepeatedOpensRule::rate);
        if (worst.isEmpty()) {
            return Finding.good("The service opened no files.");
        }
        var minute = worst.get();
        double score = LIMITS.curve(preferences, UnitLookup.NUMBER_UNITY).score(rate(minute));
        if (score < Curve.INFO) {
            return Finding.good(
                            score, "No file was opened again and again: the same one {rate} times per second, at most.")
                    .with(RATE, Typed.number(rate(minute)))
                    .with(PATH, minute.key().path());
        }
        var error = error(recorded, minute);
        return Finding.problem(
                        score,
                        "{process} opened {path} {rate} times per second.",
                        "That was in the minute from {when}."
                                + (error.isEmpty() ? "" : " {failed} of the recorded opens failed ({error}).")
                                + " Each open looks up the path, checks rights and takes locks of the file system that all processes share; what is done with the file"
                                + " afterwards mostly costs far more."
                                + recorded.loss("files").note(),
                        "Keep what was read, and look for changes every few seconds or with a WatchService. A jar that is opened for each resource: switch on caching of the"
                                + " URL connection or keep the JarFile. A file that is not there: have its absence remembered. To see who does it, record kernel.FileOpen"
                                + " and look at the same time at jdk.FileRead, which has stack traces.")
                .with(RATE, Typed.number(rate(minute)))
                .with(FAILED, Typed.share(minute.sum(SEEN) > 0 ? minute.sum(ERRORS) / minute.sum(SEEN) : 0))
                .with(PATH, minute.key().path())
                .with(ERROR, error)
                .with(PROCESS, minute.key().who().toString())
                .with(WHEN, Typed.instant(minute.start()));
    }

    /**
     * Statistics know all opens of the files with most bytes, single events a throttled part of all: the larger is
     * closer to the truth.
     */
    private static double rate(Minutes.Minute<File> minute) {
        return Math.max(minute.perSecond(COUNTED), minute.perSecond(SEEN));
    }

    private static String error(Recorded recorded, Minutes.Minute<File> minute) {
        var error = new String[] {""};
        recorded.eachOwn(OPEN, row -> {
            if (!row.text("error").isEmpty()
                    && minute.contains(row.start())
                    && row.text("path").equals(minute.key().path())) {
                error[0] = row.text("error");
            }
        });
        return error[0];
    }
}
