// SPDX-License-Identifier: Apache-2.0
package dev.kfr.events;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import jdk.jfr.Category;
import jdk.jfr.ContentType;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.Percentage;
import jdk.jfr.Period;
import jdk.jfr.Registered;
import jdk.jfr.SettingDefinition;
import jdk.jfr.StackTrace;
import jdk.jfr.Timespan;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What all event classes have in common, so that recordings, Mission Control and JFR itself can deal with them. */
class ConventionsTest {
    /** Numbers that nobody adds up: Mission Control offers no sums or charts for a long without unit. */
    private static final Set<String> IDS = Set.of(
            "pid",
            "osThreadId",
            "uid",
            "parentPid",
            "targetPid",
            "victimPid",
            "returnValue",
            "offset",
            "sector",
            "networkNamespace");

    static List<Class<? extends Event>> all() {
        return KernelEvents.ALL;
    }

    @Test
    void theListHoldsEveryEventClass() throws Exception {
        List<String> listed =
                KernelEvents.ALL.stream().map(Class::getName).sorted().toList();
        assertEquals(eventClasses(), listed);
    }

    @ParameterizedTest
    @MethodSource("all")
    void isNamedAndDescribed(Class<? extends Event> type) {
        assertEquals(
                "kernel." + type.getSimpleName(), type.getAnnotation(Name.class).value());
        assertNotNull(type.getAnnotation(Label.class));
        assertNotNull(type.getAnnotation(Description.class));
        String[] category = type.getAnnotation(Category.class).value();
        assertEquals("Kernel", category[0]);
        assertEquals(2, category.length);
        // The JVM prepares a class when it is loaded only if it registers itself.
        assertTrue(type.getAnnotation(Registered.class).value());
        assertFalse(type.getAnnotation(StackTrace.class).value());
        assertTrue(Modifier.isFinal(type.getModifiers()));
    }

    @ParameterizedTest
    @MethodSource("all")
    void hasFieldsThatAreLabelledAndHaveUnits(Class<? extends Event> type) {
        for (Field field : type.getFields()) {
            if (!Modifier.isStatic(field.getModifiers())) {
                assertNotNull(field.getAnnotation(Label.class), field.toString());
                String description = field.getAnnotation(Description.class).value();
                assertFalse(description.endsWith("."), field.toString());
                boolean unit = Stream.of(field.getAnnotations())
                        .anyMatch(each -> each.annotationType().isAnnotationPresent(ContentType.class));
                assertTrue(
                        field.getType() != long.class || unit || IDS.contains(field.getName()),
                        () -> field + " is a long without unit");
                // Mission Control takes a field of this name for JFR's own, and JFR then writes no events
                assertFalse(field.getName().equals("eventThread"));
            }
        }
    }

    /** {@code jfr view} cuts longer heads of columns where an event has many. */
    private static final int WIDEST_LABEL = 20;

    @ParameterizedTest
    @MethodSource("all")
    void hasLabelsThatFitAboveAColumn(Class<? extends Event> type) {
        for (Field field : fields(type)) {
            String label = field.getAnnotation(Label.class).value();
            assertTrue(label.length() <= WIDEST_LABEL || !type.isAnnotationPresent(Period.class), field + ": " + label);
            assertTrue(Character.isUpperCase(label.charAt(0)), field + ": " + label);
            assertEquals(label.strip(), label, field.toString());
        }
        assertEquals(
                fields(type).size(),
                fields(type).stream()
                        .map(field -> field.getAnnotation(Label.class).value())
                        .distinct()
                        .count(),
                () -> type + " has a label twice");
    }

    /** What a field's name promises its annotations keep: Mission Control adds up and charts by content type. */
    @ParameterizedTest
    @MethodSource("all")
    void hasTheUnitThatAFieldsNamePromises(Class<? extends Event> type) {
        for (Field field : fields(type)) {
            String name = field.getName();
            if (name.matches(".*(Time|Rtt)|lifetime|interval|p50|p99|max|queueTime|runQueueMax")) {
                assertEquals(
                        Timespan.NANOSECONDS,
                        field.getAnnotation(Timespan.class).value(),
                        field.toString());
                assertEquals(long.class, field.getType(), field.toString());
            } else if (name.matches("bytes|bytes[A-Z].*|.*Bytes([A-Z].*)?|.*Size")) {
                assertEquals(
                        DataAmount.BYTES, field.getAnnotation(DataAmount.class).value(), field.toString());
            } else if (name.matches(".*(Load|Share)")) {
                assertNotNull(field.getAnnotation(Percentage.class), field.toString());
            }
        }
    }

    private static List<Field> fields(Class<? extends Event> type) {
        return Stream.of(type.getFields())
                .filter(field -> !Modifier.isStatic(field.getModifiers()))
                .toList();
    }

    /** See {@link ScopedEvent} for why. */
    @ParameterizedTest
    @MethodSource("all")
    void definesAtMostOneSettingOfItsOwn(Class<? extends Event> type) {
        List<Method> own = Stream.of(type.getDeclaredMethods())
                .filter(method -> method.isAnnotationPresent(SettingDefinition.class))
                .toList();
        assertTrue(own.size() <= 1, own::toString);
    }

    private static List<String> eventClasses() throws IOException, URISyntaxException {
        Path classes = Path.of(KernelEvents.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());
        try (Stream<Path> files = Files.walk(classes)) {
            return files.map(file -> classes.relativize(file).toString())
                    .filter(name -> name.endsWith(".class") && !name.endsWith("package-info.class"))
                    .map(name ->
                            name.substring(0, name.length() - ".class".length()).replace('/', '.'))
                    .filter(ConventionsTest::isConcreteEvent)
                    .sorted()
                    .toList();
        }
    }

    private static boolean isConcreteEvent(String className) {
        try {
            Class<?> type = Class.forName(className);
            return Event.class.isAssignableFrom(type) && !Modifier.isAbstract(type.getModifiers());
        } catch (ClassNotFoundException e) {
            throw new AssertionError(e);
        }
    }
}
