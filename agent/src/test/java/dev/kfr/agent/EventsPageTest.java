// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent;

import static dev.kfr.agent.GeneratedDocs.cell;

import dev.kfr.events.KernelEvent;
import dev.kfr.events.KernelEvents;
import dev.kfr.events.PeriodicKernelEvent;
import dev.kfr.events.SettingsFile;
import java.io.InputStreamReader;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import jdk.jfr.Category;
import jdk.jfr.Configuration;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Frequency;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.Percentage;
import jdk.jfr.Timespan;
import jdk.jfr.Timestamp;
import org.junit.jupiter.api.Test;

/** {@code docs/events.md} names each event, field and setting as the classes and {@code kernel.jfc} have them. */
class EventsPageTest {
    @Test
    void namesEveryEventFieldAndSetting() throws Exception {
        var parts = new TreeMap<String, String>();
        bySubject().forEach((subject, events) -> parts.put(subject, overview(events)));
        parts.put("common-fields", fields(own(KernelEvent.class, Event.class)));
        parts.put("row-fields", fields(own(PeriodicKernelEvent.class, Event.class)));
        parts.put(
                "fields",
                KernelEvents.ALL.stream().map(EventsPageTest::reference).collect(Collectors.joining("\n")));
        GeneratedDocs.page("events.md").hold(parts);
    }

    private static Map<String, List<Class<? extends Event>>> bySubject() {
        var subjects = new LinkedHashMap<String, List<Class<? extends Event>>>();
        for (var event : KernelEvents.ALL) {
            var name = event.getPackageName();
            subjects.computeIfAbsent(name.substring(name.lastIndexOf('.') + 1), s -> new ArrayList<>())
                    .add(event);
        }
        return subjects;
    }

    private static String overview(List<Class<? extends Event>> events) {
        var table = new StringBuilder("| event | what it tells | default | other settings |\n|---|---|---|---|\n");
        for (var event : events) {
            table.append("| `" + name(event) + "` | " + cell(description(event)) + " | " + defaults(event) + " | "
                    + otherSettings(event) + " |\n");
        }
        return table.toString();
    }

    private static String name(Class<?> event) {
        return event.getAnnotation(Name.class).value();
    }

    private static String description(Class<?> event) {
        return event.getAnnotation(Description.class).value();
    }

    /** Of {@code kernel.jfc}, which is explicit about each setting. */
    private static Map<String, String> settings(Class<?> event) {
        try (var reader = new InputStreamReader(SettingsFile.KERNEL.open(), StandardCharsets.UTF_8)) {
            var prefix = name(event) + "#";
            var settings = new TreeMap<String, String>();
            Configuration.create(reader).getSettings().forEach((key, value) -> {
                if (key.startsWith(prefix)) {
                    settings.put(key.substring(prefix.length()), value);
                }
            });
            return settings;
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private static String defaults(Class<?> event) {
        var settings = settings(event);
        var words = new ArrayList<String>();
        words.add(settings.get("enabled").equals("true") ? "on" : "off");
        var threshold = settings.getOrDefault("threshold", "0 ms");
        if (!threshold.startsWith("0 ")) {
            words.add("from " + threshold);
        }
        var throttle = settings.getOrDefault("throttle", "off");
        if (!throttle.equals("off")) {
            words.add("at most " + throttle);
        }
        var period = settings.get("period");
        if (period != null) {
            words.add(
                    switch (period) {
                        case "everyChunk", "beginChunk", "endChunk" -> "each chunk";
                        default -> "each " + period;
                    });
        }
        return String.join(", ", words);
    }

    private static String otherSettings(Class<?> event) {
        return settings(event).entrySet().stream()
                .filter(setting -> !List.of("enabled", "threshold", "period", "throttle", "scope")
                        .contains(setting.getKey()))
                .map(setting -> "`" + setting.getKey() + "=" + setting.getValue() + "`")
                .collect(Collectors.joining(", "));
    }

    private static String reference(Class<? extends Event> event) {
        var base = KernelEvent.class.isAssignableFrom(event)
                ? KernelEvent.class
                : PeriodicKernelEvent.class.isAssignableFrom(event) ? PeriodicKernelEvent.class : Event.class;
        var common = base == KernelEvent.class
                ? " It also has the fields of a single event."
                : base == PeriodicKernelEvent.class ? " It also has the fields of a row." : "";
        var category = String.join(", ", event.getAnnotation(Category.class).value());
        return "#### `" + name(event) + "`\n\n"
                + event.getAnnotation(Label.class).value() + " (" + category + "). " + description(event) + "." + common
                + "\n\n" + fields(own(event, base));
    }

    /** Fields of a class and those above it, up to a class whose fields are told elsewhere. */
    private static List<Field> own(Class<?> type, Class<?> base) {
        var fields = new ArrayList<Field>();
        for (Class<?> each = type; each != base && each != Event.class; each = each.getSuperclass()) {
            for (var field : each.getDeclaredFields()) {
                int modifiers = field.getModifiers();
                if (!Modifier.isStatic(modifiers) && Modifier.isPublic(modifiers) && !Modifier.isTransient(modifiers)) {
                    fields.add(field);
                }
            }
        }
        return fields;
    }

    private static String fields(List<Field> fields) {
        var table = new StringBuilder("| field | type | what it is |\n|---|---|---|\n");
        for (var field : fields) {
            var words = field.getAnnotation(Description.class);
            table.append("| `" + field.getName() + "` | " + type(field) + " | "
                    + cell(words == null ? field.getAnnotation(Label.class).value() : words.value()) + " |\n");
        }
        return table.toString();
    }

    private static String type(Field field) {
        if (field.isAnnotationPresent(Timespan.class)) {
            return "time";
        }
        if (field.isAnnotationPresent(Timestamp.class)) {
            return "point in time";
        }
        if (field.isAnnotationPresent(DataAmount.class)) {
            return "bytes";
        }
        if (field.isAnnotationPresent(Percentage.class)) {
            return "share";
        }
        if (field.isAnnotationPresent(Frequency.class)) {
            return "per second";
        }
        return switch (field.getType().getSimpleName()) {
            case "String" -> "text";
            case "Thread" -> "thread";
            case "boolean" -> "yes or no";
            case String other ->
                other.toLowerCase(Locale.ROOT).matches("int|long|double|float|short") ? "number" : other;
        };
    }
}
