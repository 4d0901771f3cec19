// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent;

import dev.kfr.events.Scope;
import java.util.Collections;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What is written after {@code -javaagent:kfr.jar=}: {@code key=value}, joined by commas.
 *
 * @param probes the subjects that may be loaded at all, never empty
 * @param scope the default scope of events and counters
 * @param mbeans when the counters behind the MBeans run
 * @param ring size of the ring buffer in bytes, a power of two from 64 KiB to 256 MiB
 * @param processes how many processes the per-process maps hold, 64 to 4,194,304 (the kernel's largest pid)
 * @param start whether the service's start waits until probes are loaded
 */
public record Options(Set<Subject> probes, Scope scope, MBeans mbeans, int ring, int processes, Start start) {

    /** When the counters behind the MBeans run. */
    public enum MBeans {
        /** From the first read of a subject's MBean until five minutes without one. */
        ON_DEMAND,
        ALWAYS,
        /** There are no counters and no MBeans but {@code kernel:type=Agent}. */
        OFF
    }

    /** Whether the service waits for the agent. */
    public enum Start {
        ASYNC,
        SYNC
    }

    /** Everything as it is when no option is given. */
    public static final Options DEFAULT =
            new Options(EnumSet.allOf(Subject.class), Scope.HOST, MBeans.ON_DEMAND, 8 << 20, 10_240, Start.ASYNC);

    /** The names of all options. */
    public static final List<String> KEYS = List.of("probes", "scope", "mbeans", "ring", "processes", "start");

    private static final String ALL = "all";
    private static final int SMALLEST_RING = 64 << 10;
    private static final int LARGEST_RING = 256 << 20;
    private static final int FEWEST_PROCESSES = 64;
    private static final int MOST_PROCESSES = 4 << 20; // PID_MAX_LIMIT, include/linux/threads.h

    public Options {
        probes = Collections.unmodifiableSet(EnumSet.copyOf(probes));
    }

    /**
     * Reads options.
     *
     * @param text null or empty means {@link #DEFAULT}
     * @throws IllegalArgumentException whose message is one sentence for the user that names what is valid
     */
    public static Options parse(String text) {
        var options = DEFAULT;
        if (text == null || text.isBlank()) {
            return options;
        }
        var seen = new HashSet<String>();
        for (var option : text.split(",", -1)) {
            var equals = option.indexOf('=');
            var key = (equals < 0 ? option : option.substring(0, equals)).strip();
            if (!KEYS.contains(key)) {
                throw new IllegalArgumentException(
                        "unknown option '" + key + "': valid are " + String.join(", ", KEYS));
            }
            if (!seen.add(key)) {
                throw new IllegalArgumentException("option '" + key + "' is given twice");
            }
            options = options.with(
                    key, equals < 0 ? "" : option.substring(equals + 1).strip());
        }
        return options;
    }

    /** The words that an option takes, the default first; of {@code probes} those that may be joined. Empty if it takes a number. */
    public static List<String> values(String key) {
        return switch (key) {
            case "probes" ->
                Stream.concat(Stream.of(ALL), names(Subject.values())).toList();
            case "scope" -> names(Scope.values()).toList();
            case "mbeans" -> names(MBeans.values()).toList();
            case "start" -> names(Start.values()).toList();
            default -> List.of();
        };
    }

    private static Stream<String> names(Enum<?>[] values) {
        return Stream.of(values).map(Options::optionName);
    }

    private Options with(String key, String value) {
        return switch (key) {
            case "probes" -> new Options(subjects(value), scope, mbeans, ring, processes, start);
            case "scope" -> new Options(probes, one(key, value, Scope.values()), mbeans, ring, processes, start);
            case "mbeans" -> new Options(probes, scope, one(key, value, MBeans.values()), ring, processes, start);
            case "ring" -> new Options(probes, scope, mbeans, ringSize(value), processes, start);
            case "processes" -> new Options(probes, scope, mbeans, ring, processCount(value), start);
            case "start" -> new Options(probes, scope, mbeans, ring, processes, one(key, value, Start.values()));
            default -> throw new AssertionError(key);
        };
    }

    private static Set<Subject> subjects(String value) {
        if (value.equals(ALL)) {
            return EnumSet.allOf(Subject.class);
        }
        var subjects = EnumSet.noneOf(Subject.class);
        for (var name : value.split("\\+", -1)) {
            var subject = Stream.of(Subject.values())
                    .filter(s -> optionName(s).equals(name))
                    .findAny()
                    .orElseThrow(() -> invalid("probes", value, ALL + ", or joined by + " + list(Subject.values())));
            subjects.add(subject);
        }
        return subjects;
    }

    private static <E extends Enum<E>> E one(String key, String value, E[] values) {
        return Stream.of(values)
                .filter(candidate -> optionName(candidate).equals(value))
                .findAny()
                .orElseThrow(() -> invalid(key, value, list(values)));
    }

    private static int ringSize(String value) {
        var valid = "a power of two from 64K to 256M, for instance 8M";
        if (!value.matches("[0-9]{1,9}[KM]?")) {
            throw invalid("ring", value, valid);
        }
        var unit = value.endsWith("K") ? 1L << 10 : value.endsWith("M") ? 1L << 20 : 1;
        var bytes = Long.parseLong(value.replaceAll("[KM]", "")) * unit;
        if (bytes < SMALLEST_RING || bytes > LARGEST_RING || Long.bitCount(bytes) != 1) {
            throw invalid("ring", value, valid);
        }
        return (int) bytes;
    }

    private static int processCount(String value) {
        if (value.matches("[0-9]{1,9}")) {
            var count = Integer.parseInt(value);
            if (count >= FEWEST_PROCESSES && count <= MOST_PROCESSES) {
                return count;
            }
        }
        throw invalid("processes", value, "a number from " + FEWEST_PROCESSES + " to " + MOST_PROCESSES);
    }

    private static IllegalArgumentException invalid(String key, String value, String valid) {
        return new IllegalArgumentException("invalid option '" + key + "=" + value + "': valid is " + valid);
    }

    private static String list(Enum<?>[] values) {
        return names(values).collect(Collectors.joining(", "));
    }

    private static String optionName(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
