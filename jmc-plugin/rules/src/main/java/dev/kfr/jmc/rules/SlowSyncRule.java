// SPDX-License-Identifier: Apache-2.0
package dev.kfr.jmc.rules;

import java.util.List;
import org.openjdk.jmc.common.unit.IQuantity;
import org.openjdk.jmc.common.unit.UnitLookup;
import org.openjdk.jmc.common.util.IPreferenceValueProvider;
import org.openjdk.jmc.flightrecorder.rules.TypedResult;

/**
 * fsync and its like take long.
 *
 * <p>The measure is how slow the slow ones of the worst minute were: see {@link Slowest}. An SSD with a protected cache
 * syncs within 1 ms, a network or consumer disk in 5 to 20 ms, a turning one in 20 to 50 ms. <b>Information at 100
 * ms</b>: no healthy device needs that, so requests queue up; etcd's advice ends at a tenth of it. <b>Warning at 1
 * s</b>: where ZooKeeper and etcd themselves begin to warn, and elections and time-outs follow.
 */
public final class SlowSyncRule implements KernelRule {
    private static final String FILE_SYNC = "kernel.FileSync";

    static final Limits LIMITS = Limits.of(
            "dev.kfr.files.sync",
            "time of a slow fsync",
            UnitLookup.MILLISECOND.quantity(100),
            UnitLookup.SECOND.quantity(1));

    static final TypedResult<IQuantity> SLOW = Typed.time("slow", "Time of a slow sync in the worst minute");
    static final TypedResult<IQuantity> LONGEST = Typed.time("longest", "Longest sync in the worst minute");
    static final TypedResult<IQuantity> TOTAL =
            Typed.time("total", "Time of all recorded syncs of that file in that minute");
    static final TypedResult<IQuantity> COUNT = Typed.number("count", "Recorded syncs of that file in that minute");
    static final TypedResult<String> PATH = Typed.text("path", "File");
    static final TypedResult<String> PROCESS = Typed.text("process", "Process");
    static final TypedResult<IQuantity> WHEN = Typed.instant("when", "Start of the worst minute");

    private record File(Who who, String path) {}

    private static final Description DESCRIPTION = new Description(
            "KernelSlowSync",
            "Slow fsync",
            Topics.FILES,
            List.of(FILE_SYNC),
            LIMITS.and(),
            List.of(SLOW, LONGEST, TOTAL, COUNT, PATH, PROCESS, WHEN));

    @Override
    public Description description() {
        return DESCRIPTION;
    }

    @Override
    public Finding examine(Recorded recorded, IPreferenceValueProvider preferences) {
        var slowest = new Slowest<File>(recorded);
        recorded.eachOwn(FILE_SYNC, row -> {
            var path = row.text("path").isEmpty() ? "mapped memory (msync)" : row.text("path");
            slowest.add(new File(row.who(), path), row.start(), row.duration());
        });
        var worst = slowest.worst();
        double score = LIMITS.curve(preferences, UnitLookup.MILLISECOND).score(worst.millis());
        if (worst.count() == 0) {
            return Finding.good("No sync of a file took long enough to be recorded.");
        }
        if (score < Curve.INFO) {
            return Finding.good(score, "Syncs of files were fast: slow ones took {slow}.")
                    .with(SLOW, Typed.nanos(worst.measure()))
                    .with(LONGEST, Typed.nanos(worst.longest()));
        }
        return Finding.problem(
                        score,
                        "Syncing {path} took {process} up to {longest}.",
                        "In the minute from {when} it was synced {count} times in at least the recorded threshold, {total} in all. The thread that calls stands"
                                + " still until the disk says that the data is safe, mostly with a lock held that other writers wait for. Slow ones mean that"
                                + " the device or the journal of the file system is busy with what others write."
                                + recorded.loss("files").note(),
                        "See Block I/O for the same time: if the device is slow, give logs and data a device of their own or a faster one, and look for who writes"
                                + " in bulk. If it is not, sync less often (group commits, batch appends), use FileChannel.force(false), or preallocate files"
                                + " so that a sync has no metadata to write.")
                .with(SLOW, Typed.nanos(worst.measure()))
                .with(LONGEST, Typed.nanos(worst.longest()))
                .with(TOTAL, Typed.nanos(worst.total()))
                .with(COUNT, Typed.number(worst.count()))
                .with(PATH, worst.key().path())
                .with(PROCESS, worst.key().who().toString())
                .with(WHEN, Typed.instant(worst.start()));
    }
}
