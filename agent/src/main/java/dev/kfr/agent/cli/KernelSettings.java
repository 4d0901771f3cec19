// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.cli;

import dev.kfr.bpf.linux.Errno;
import dev.kfr.events.ErrorsSetting;
import dev.kfr.events.KernelEvents;
import dev.kfr.events.KernelSetting;
import dev.kfr.events.SettingsFile;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import jdk.jfr.Event;
import jdk.jfr.Name;
import jdk.jfr.SettingDefinition;

/**
 * Which settings our events have, and which values each of them takes. JFR itself ignores what it does not know, without a word.
 *
 * <p>Needs neither JFR to run nor the types to be registered: settings of ours are asked what they think of a text.
 */
final class KernelSettings {
    /** As {@code jdk.jfr.internal.util.ValueParser} reads it, without negative ones. */
    private static final Pattern TIME = Pattern.compile("\\s*[0-9]{1,18}\\s*(ns|us|ms|s|m|h|d)|infinity");

    private static final Pattern CHUNK = Pattern.compile("beginChunk|endChunk|everyChunk");
    private static final String VALID_TIME = "a time such as 20 ms or 1 s (units: ns, us, ms, s, m, h, d), or infinity";

    private static final Map<String, Class<? extends Event>> EVENTS = KernelEvents.ALL.stream()
            .collect(Collectors.toMap(
                    type -> type.getAnnotation(Name.class).value(), type -> type, (one, _) -> one, TreeMap::new));

    /** Each setting of each event, as {@code kernel.FileSync#threshold}: the ready-made file leaves none out. */
    private static final Set<String> ALL =
            RecordingSettings.readyMade(SettingsFile.KERNEL).keySet();

    /** What JFR gives each event, and tools write into the settings files that they make; without effect on ours. */
    private static final Map<String, UnaryOperator<String>> NOT_MEANT =
            Map.of("stackTrace", KernelSettings::notBoolean, "threshold", KernelSettings::notTime);

    private KernelSettings() {}

    /** What is wrong with a single setting and what is valid, in one line; empty if nothing is. */
    static Optional<String> problem(String key, String value) {
        return problem(key, value, Map.of());
    }

    /** As {@link #problem(String, String)}, for a file that somebody's tool may have written. */
    static Optional<String> problemInFile(String key, String value) {
        return problem(key, value, NOT_MEANT);
    }

    private static Optional<String> problem(String key, String value, Map<String, UnaryOperator<String>> notMeant) {
        int hash = key.indexOf('#');
        if (hash < 0) {
            return Optional.of("'" + key + "' names no setting: write EVENT#SETTING=VALUE, such as"
                    + " kernel.FileSync#threshold=0ms");
        }
        var event = key.substring(0, hash);
        var setting = key.substring(hash + 1);
        if (!EVENTS.containsKey(event)) {
            return Optional.of("there is no event '" + event + "': valid are " + String.join(", ", EVENTS.keySet()));
        }
        var settings = of(event);
        var check = settings.getOrDefault(setting, notMeant.get(setting));
        if (check == null) {
            return Optional.of(
                    event + " has no setting '" + setting + "': valid are " + String.join(", ", settings.keySet()));
        }
        var complaint = check.apply(value);
        return complaint.isEmpty() ? Optional.empty() : Optional.of(key + ": " + complaint);
    }

    /** By name, in alphabetical order, what each setting of an event says of a value: empty if it takes it. */
    private static Map<String, UnaryOperator<String>> of(String event) {
        var settings = new TreeMap<String, UnaryOperator<String>>();
        for (var key : ALL) {
            if (key.startsWith(event + "#")) {
                var name = key.substring(event.length() + 1);
                settings.put(
                        name,
                        switch (name) {
                            case "enabled" -> KernelSettings::notBoolean;
                            case "threshold" -> KernelSettings::notTime;
                            case "period" -> KernelSettings::notPeriod;
                            default -> value -> complaint(control(EVENTS.get(event), name), value);
                        });
            }
        }
        return settings;
    }

    /** The class of a setting of ours: that of the parameter of the method that is named like it. */
    private static Class<? extends KernelSetting> control(Class<? extends Event> event, String setting) {
        return Stream.<Class<?>>iterate(event, each -> each != Event.class, Class::getSuperclass)
                .flatMap(each -> Arrays.stream(each.getDeclaredMethods()))
                .filter(method -> method.isAnnotationPresent(SettingDefinition.class))
                .filter(method -> method.getName().equals(setting))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException(event.getName() + " does not define " + setting))
                .getParameterTypes()[0]
                .asSubclass(KernelSetting.class);
    }

    private static String complaint(Class<? extends KernelSetting> type, String value) {
        try {
            var setting = type.getConstructor().newInstance();
            setting.setValue(value);
            return setting instanceof ErrorsSetting errors && setting.problem().isEmpty()
                    ? unknownError(errors)
                    : setting.problem();
        } catch (ReflectiveOperationException impossible) {
            throw new IllegalStateException("a setting without public constructor: " + type.getName(), impossible);
        }
    }

    private static String unknownError(ErrorsSetting errors) {
        return errors.errors().names().stream()
                .filter(name -> Errno.number(name) == 0)
                .sorted()
                .findFirst()
                .map(name -> "there is no error " + name + "; errno(3) names all, such as ENOENT")
                .orElse("");
    }

    private static String notBoolean(String value) {
        return value.equals("true") || value.equals("false") ? "" : "'" + value + "' is neither true nor false";
    }

    private static String notTime(String value) {
        return TIME.matcher(value).matches() ? "" : "'" + value + "' is no time: valid is " + VALID_TIME;
    }

    private static String notPeriod(String value) {
        return CHUNK.matcher(value).matches() || TIME.matcher(value).matches()
                ? ""
                : "'" + value + "' is no period: valid is " + VALID_TIME + ", beginChunk, endChunk or everyChunk";
    }
}
