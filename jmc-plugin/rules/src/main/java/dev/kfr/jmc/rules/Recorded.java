// SPDX-License-Identifier: Apache-2.0
package dev.kfr.jmc.rules;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.openjdk.jmc.common.item.IItem;
import org.openjdk.jmc.common.item.IItemCollection;
import org.openjdk.jmc.common.item.IItemIterable;

/**
 * A recording as rules read it: the events of a type, whose JVM it is, how much of it is missing. For one evaluation
 * and one thread.
 */
final class Recorded {
    private static final String KERNEL = "kernel.";
    /** A JVM that only records the host does nothing that rules about a service could look at. */
    private static final Pattern RECORDER = Pattern.compile("(^|.*/)kfr[^/ ]*\\.jar record\\b.*");

    private static final int UUID_LENGTH = 36;
    /** So many events of a type are looked at for the pid of the JVM that recorded. */
    private static final int ENOUGH = 10_000;

    private final IItemCollection items;
    private Set<Long> own;
    private Set<String> failedProbes;
    private Span span;

    Recorded(IItemCollection items) {
        this.items = items;
    }

    /** Shows each event of a type to the reader, in no order. The row is good during the call. */
    void each(String type, Consumer<Row> reader) {
        for (var lane : items) {
            if (isOf(lane, type)) {
                var row = new Row(lane.getType());
                for (var item : lane) {
                    reader.accept(row.at(item));
                }
            }
        }
    }

    /** Likewise for what the service itself did: see {@link #isOwn}. */
    void eachOwn(String type, Consumer<Row> reader) {
        each(type, row -> {
            if (isOwn(row)) {
                reader.accept(row);
            }
        });
    }

    boolean has(String type) {
        for (var lane : items) {
            if (isOf(lane, type) && lane.hasItems()) {
                return true;
            }
        }
        return false;
    }

    /**
     * Mission Control appends a UUID to a type whose fields differ from those of the first of that name: where
     * recordings of several versions were opened as one.
     */
    private static boolean isOf(IItemIterable lane, String type) {
        var id = lane.getType().getIdentifier();
        return id.startsWith(type) && (id.length() == type.length() || id.length() == type.length() + UUID_LENGTH);
    }

    /**
     * Whether there are such events, or could have been. Mission Control's own answer to that is wrong for recordings
     * of more than one chunk: it counts the settings, of which each chunk has its own.
     */
    boolean enabled(String type) {
        if (has(type)) {
            return true;
        }
        var enabled = new boolean[1];
        each(
                "jdk.ActiveSetting",
                row -> enabled[0] |= row.text("name").equals("enabled")
                        && row.text("value").equals("true")
                        && row.typeId("settingFor").equals(type));
        return enabled[0];
    }

    /**
     * Whether the event is about a JVM that made the recording. All are where no such JVM is known or where it did
     * nothing but record: then the whole host is what the operator wants to know about.
     */
    boolean isOwn(Row row) {
        return ownPids().isEmpty() || ownPids().contains(row.pid()) && !row.isElsewhere();
    }

    /** Ids of the JVMs that made the recording; several if several recordings were opened as one. */
    Set<Long> ownPids() {
        if (own == null) {
            own = new HashSet<>();
            each("jdk.JVMInformation", row -> {
                if (!RECORDER.matcher(row.text("javaArguments")).matches()) {
                    own.add(row.number("pid"));
                }
            });
            if (!has("jdk.JVMInformation")) {
                own.addAll(pidsOfJavaThreads());
            }
        }
        return own;
    }

    /**
     * Settings that name no event but ours leave out who recorded; but only threads of that JVM are known by their Java
     * names.
     */
    private Set<Long> pidsOfJavaThreads() {
        var pids = new HashSet<Long>();
        for (var lane : items) {
            if (lane.getType().getIdentifier().startsWith(KERNEL)) {
                var row = new Row(lane.getType());
                lane.stream()
                        .limit(ENOUGH)
                        .filter(item -> row.at(item).isJavaThread())
                        .forEach(item -> pids.add(row.pid()));
            }
        }
        return pids;
    }

    /** The containers of these JVMs, as far as they have names; a host that runs none has none. */
    Set<String> ownContainers() {
        var containers = new HashSet<String>();
        for (var lane : items) {
            if (!ownPids().isEmpty() && lane.getType().getIdentifier().startsWith(KERNEL)) {
                var row = new Row(lane.getType());
                lane.stream()
                        .limit(ENOUGH)
                        .filter(item -> isOwn(row.at(item)))
                        .forEach(item -> containers.add(row.text("container")));
            }
        }
        containers.remove("");
        return containers;
    }

    /** Probes that somebody wanted and that could not be attached, as of the last that was said about each. */
    Set<String> failedProbes() {
        if (failedProbes == null) {
            var last = new Latest<String, Boolean>();
            each(
                    "kernel.ProbeStatus",
                    row -> last.put(row.text("probe"), row.start(), "FAILED".equals(row.text("state"))));
            failedProbes = new TreeSet<>();
            last.each((probe, failed) -> {
                if (failed) {
                    failedProbes.add(probe);
                }
            });
        }
        return failedProbes;
    }

    /** What processes are called, as far as any event about processes tells. */
    Map<Long, String> names(Set<Long> pids) {
        var names = new HashMap<Long, String>();
        for (var type : List.of("kernel.ProcessStart", "kernel.ProcessExit", "kernel.ProcessCpu")) {
            each(type, row -> {
                if (pids.contains(row.pid())) {
                    names.put(row.pid(), row.text("processName"));
                }
            });
        }
        return names;
    }

    /** What became of the events of a subject. */
    Loss loss(String subject) {
        var sums = new long[3];
        each("kernel.EventLoss", row -> {
            if (row.text("subject").equals(subject)) {
                sums[0] += row.number("produced");
                sums[1] += row.number("throttled");
                sums[2] += row.number("lost");
            }
        });
        return new Loss(subject, sums[0], sums[1], sums[2]);
    }

    /** The time that kernel events cover. */
    Span span() {
        if (span == null) {
            long from = Long.MAX_VALUE;
            long to = Long.MIN_VALUE;
            for (var lane : items) {
                if (lane.getType().getIdentifier().startsWith(KERNEL) && lane.hasItems()) {
                    // Mission Control has sorted each lane by time.
                    IItem first = null;
                    IItem last = null;
                    for (var item : lane) {
                        first = first == null ? item : first;
                        last = item;
                    }
                    var row = new Row(lane.getType());
                    from = Math.min(from, row.at(first).since());
                    to = Math.max(to, row.at(last).end());
                }
            }
            span = from > to ? new Span(0, 0) : new Span(from, to);
        }
        return span;
    }

    /** In ns since the epoch. */
    record Span(long from, long to) {
        double seconds() {
            return (to - from) / (double) TimeUnit.SECONDS.toNanos(1);
        }
    }

    /** How much of a subject the recording lacks. */
    record Loss(String subject, long produced, long throttled, long lost) {
        /** A sentence to end an explanation with; empty if all is there. */
        String note() {
            if (throttled + lost == 0) {
                return "";
            }
            return String.format(
                    " Of %,d events about %s the throttle held back %,d and %,d were lost: the true figures are higher.",
                    produced, subject, throttled, lost);
        }
    }
}
