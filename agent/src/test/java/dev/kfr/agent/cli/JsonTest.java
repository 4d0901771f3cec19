// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Instant;
import java.util.Arrays;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class JsonTest {
    private record Row(String name, long count, List<String> more) {}

    @Test
    void whatIsWrittenIsRead() {
        var value = new LinkedHashMap<String, Object>();
        value.put("text", "a \"b\" \\ \n\t\u0007 \u00e9 \ud83d\ude00");
        value.put("number", 12_345_678_901L);
        value.put("share", 0.25);
        value.put("yes", true);
        value.put("nothing", null);
        value.put("rows", new Row[] {new Row("x", 1, List.of("y")), new Row("", -2, List.of())});
        value.put("empty", Map.of());
        for (var text : List.of(Json.line(value), Json.pretty(value))) {
            var read = JsonText.object(text);
            assertEquals(value.get("text"), read.get("text"), text);
            assertEquals(12_345_678_901.0, read.get("number"), text);
            assertEquals(0.25, read.get("share"), text);
            assertEquals(true, read.get("yes"), text);
            assertEquals(null, read.get("nothing"), text);
            assertEquals(
                    List.of(
                            Map.of("name", "x", "count", 1.0, "more", List.of("y")),
                            Map.of("name", "", "count", -2.0, "more", List.of())),
                    read.get("rows"),
                    text);
        }
        assertEquals(1, Json.line(value).lines().count());
    }

    @Test
    void timesAreInIsoForm() {
        assertEquals("\"1970-01-01T00:00:01Z\"", Json.line(Instant.ofEpochSecond(1)));
        assertEquals("\"1970-01-01T00:00:01Z\"", Json.line(new Date(1000)));
    }

    @Test
    void whatJsonDoesNotHaveIsNull() {
        assertEquals("[null,null,1.0]", Json.line(Arrays.asList(Double.NaN, Double.POSITIVE_INFINITY, 1.0)));
    }

    /** Names come from the kernel, which takes any bytes. */
    @Test
    void halfACharacterIsEscaped() {
        assertEquals("\"\\ud83d!\"", Json.line("\ud83d!"));
        assertEquals("\"!\\ude00\"", Json.line("!\ude00"));
    }
}
