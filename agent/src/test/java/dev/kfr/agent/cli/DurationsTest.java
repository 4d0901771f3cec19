// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine.TypeConversionException;

class DurationsTest {
    @ParameterizedTest
    @CsvSource({"30s, 30000", "500ms, 500", "1.5m, 90000", "2h, 7200000", "1d, 86400000", "10 s, 10000"})
    void readsWhatPeopleWrite(String text, long millis) {
        assertEquals(Duration.ofMillis(millis), new Durations().convert(text));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "30", "s", "-1s", "0s", "1e3s", "1y", "99999999999s"})
    void refusesTheRest(String text) {
        assertThrows(TypeConversionException.class, () -> new Durations().convert(text));
    }

    @Test
    void showsThemAsAClockDoes() {
        assertEquals("0:05", Durations.clock(Duration.ofSeconds(5)));
        assertEquals("12:05", Durations.clock(Duration.ofSeconds(725)));
        assertEquals("1:02:05", Durations.clock(Duration.ofSeconds(3725)));
    }

    @ParameterizedTest
    @CsvSource({"1, 1", "500K, 512000", "2M, 2097152", "3G, 3221225472"})
    void sizesHaveUnits(String text, long bytes) {
        assertEquals(bytes, new Sizes().convert(text));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "0", "M", "-1M", "1.5G", "1T"})
    void sizesAreWholeNumbers(String text) {
        assertThrows(TypeConversionException.class, () -> new Sizes().convert(text));
    }
}
