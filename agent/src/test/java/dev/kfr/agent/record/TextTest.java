// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.record;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class TextTest {
    @Test
    void readsUtf8() {
        assertEquals("Grüße/日本", decoded("Grüße/日本".getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void showsEachByteThatIsNotUtf8() {
        assertEquals("a\\xFFb\\xC3(é", decoded(new byte[] {'a', -1, 'b', (byte) 0xC3, '(', (byte) 0xC3, (byte) 0xA9}));
        assertEquals("\\xE2\\x82", decoded(new byte[] {(byte) 0xE2, (byte) 0x82}));
    }

    @Test
    void namesLeafFirstBecomeAPath() {
        assertEquals("/a/b/c", walked("c\0b\0a\0"));
        assertEquals("/a", walked("a\0"));
        assertEquals("/", walked(""));
    }

    @Test
    void argumentsAreSeparatedByBlanks() {
        assertEquals("java -jar x", Text.commandLine("java\0-jar\0x\0".getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void aFixedFieldEndsAtTheFirstNul() {
        var text = new Text();
        assertEquals("kworker", text.terminated(record("kworker\0garbage!"), 0, 16));
        assertEquals("sixteen-bytes-ab", text.terminated(record("sixteen-bytes-ab"), 0, 16));
    }

    @Test
    void theSameBytesAreTheSameString() {
        var text = new Text();
        assertSame(text.terminated(record("name\0\0\0\0"), 0, 8), text.terminated(record("name\0\0\0\0"), 0, 8));
    }

    @Test
    void nothingIsReadBeyondTheRecord() {
        var text = new Text();
        assertThrows(IndexOutOfBoundsException.class, () -> text.terminated(record("short"), 0, 16));
        assertThrows(IndexOutOfBoundsException.class, () -> record("short").getLong(0));
        assertThrows(IndexOutOfBoundsException.class, () -> record("short").position(4, -1));
    }

    private static String decoded(byte[] bytes) {
        return Text.decode(bytes, 0, bytes.length);
    }

    private static String walked(String names) {
        return Paths.walked(names.getBytes(StandardCharsets.UTF_8));
    }

    /** Between other bytes, as in a ring. */
    private static Record record(String content) {
        var bytes = content.getBytes(StandardCharsets.UTF_8);
        var ring = new byte[bytes.length + 64];
        System.arraycopy(bytes, 0, ring, 32, bytes.length);
        var record = new Record();
        record.move(MemorySegment.ofArray(ring), 32, bytes.length);
        return record;
    }
}
