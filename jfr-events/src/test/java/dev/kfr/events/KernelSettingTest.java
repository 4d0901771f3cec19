// SPDX-License-Identifier: Apache-2.0
package dev.kfr.events;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import jdk.jfr.Event;
import jdk.jfr.SettingDefinition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How the settings read what an operator writes, and how they are merged. */
class KernelSettingTest {
    /** JFR takes the constructor that reflection names first, and which that is differs from one Java runtime to the next. */
    @Test
    void eachSettingHasOneConstructorForJfr() {
        for (var event : KernelEvents.ALL) {
            for (Class<?> type = event; type != Event.class; type = type.getSuperclass()) {
                for (var method : type.getDeclaredMethods()) {
                    if (method.isAnnotationPresent(SettingDefinition.class)) {
                        var constructors = method.getParameterTypes()[0].getDeclaredConstructors();
                        assertEquals(1, constructors.length, () -> "constructors for " + method);
                        assertEquals(0, constructors[0].getParameterCount(), () -> "parameters for " + method);
                    }
                }
            }
        }
    }

    @Test
    void theScopeNeverEqualsItsDefaultText() {
        var scope = new ScopeSetting();
        String defaultText = scope.getValue();
        for (String text : List.of(defaultText, "jvm", "host", "nonsense", defaultText)) {
            scope.setValue(text);
            assertNotEquals(defaultText, scope.getValue(), "after " + text);
        }
    }

    @ParameterizedTest
    @CsvSource({"jvm, container, CONTAINER", "jvm, host, HOST", "jvm, default, HOST", "jvm, Container, CONTAINER"})
    void theWidestScopeWins(String one, String other, Scope expected) {
        var scope = new ScopeSetting();
        scope.setValue(scope.combine(Set.of(one, other)));
        assertEquals(expected, scope.scope());
        assertEquals("", scope.problem());
    }

    @ParameterizedTest
    @CsvSource({
        "100/s, 100",
        "' 30 / m ', 0.5",
        "2/ms, 2000",
        "0/s, 0",
        "off, Infinity",
        "7200/h, 2",
        "1/d, 1.1574074e-5"
    })
    void readsRates(String text, double perSecond) {
        var throttle = new ThrottleSetting.Unlimited();
        throttle.setValue(text);
        assertEquals(perSecond, throttle.perSecond(), perSecond == Double.POSITIVE_INFINITY ? 0 : 1e-6);
        assertEquals("", throttle.problem());
    }

    @ParameterizedTest
    @CsvSource({"100", "-1/s", "1/fortnight", "'', ", "99999999999999999999/s"})
    void keepsItsDefaultWhereTheRateMakesNoSense(String text) {
        var throttle = new ThrottleSetting.HundredPerSecond();
        throttle.setValue(text == null ? "" : text);
        assertEquals(100, throttle.perSecond());
        assertTrue(throttle.problem().contains("is no rate (valid: off, or such as 100/s)"), throttle.problem());
        assertEquals("100/s", throttle.instead());
    }

    @ParameterizedTest
    @CsvSource({"10/s, 700/m, 700/m", "off, 700/m, off", "10/s, nonsense, 10/s"})
    void theHighestRateWins(String one, String other, String expected) {
        assertEquals(expected, new ThrottleSetting.Unlimited().combine(Set.of(one, other)));
    }

    @Test
    void aSwitchIsOnIfAnyRecordingSaysSo() {
        var waiting = new WaitingSetting();
        assertFalse(waiting.on());
        waiting.setValue(waiting.combine(Set.of("false", "true")));
        assertTrue(waiting.on());
        waiting.setValue("false");
        assertFalse(waiting.on());
    }

    @ParameterizedTest
    @CsvSource({
        "ENOENT EACCES, ENOENT EACCES, EIO EAGAIN",
        "'enoent, EACCES', ENOENT EACCES, EIO",
        "ENOENT+EACCES, ENOENT EACCES, EIO",
        "all, EIO EAGAIN ENOENT, ''",
        "all -EAGAIN, EIO, EAGAIN",
        "all-EAGAIN-EINTR, EIO, EAGAIN EINTR",
        "-EAGAIN, EIO, EAGAIN",
        "EIO -EIO, '', EIO",
        "all -EIO EIO, EIO, ''",
        "ENOENT | EACCES, ENOENT EACCES, EIO",
        "all -EIO -EAGAIN | EIO, EIO ENOENT, EAGAIN",
        "all -EIO -EAGAIN | all -EIO, EAGAIN, EIO"
    })
    void picksErrors(String text, String in, String out) {
        var setting = new ErrorsSetting();
        setting.setValue(text);
        assertEquals("", setting.problem());
        for (String name : in.split(" ")) {
            assertTrue(name.isEmpty() || setting.errors().contains(name), name);
        }
        for (String name : out.split(" ")) {
            assertFalse(!name.isEmpty() && setting.errors().contains(name), name);
        }
    }

    @Test
    void leavesOutTheErrorsOfNormalOperation() {
        ErrorSet errors = new ErrorsSetting().errors();
        assertEquals(new ErrorSet(true, Set.of("EAGAIN", "EINTR", "ETIMEDOUT", "EINPROGRESS", "ENOENT")), errors);
    }

    @Test
    void aListenerThatThrowsDoesNoHarm() {
        var calls = new AtomicInteger();
        SettingsChange.onChange(() -> {
            calls.incrementAndGet();
            throw new AssertionError();
        });
        try {
            new ScopeSetting().setValue("host");
            new ErrorsSetting().setValue("all");
            assertEquals(2, calls.get());
        } finally {
            SettingsChange.onChange(null);
        }
        new ScopeSetting().setValue("jvm");
        assertEquals(2, calls.get());
    }
}
