// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.record;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/**
 * Bytes of records as strings, remembered by content: the same path or thread name in the next record costs a comparison and no
 * allocation.
 *
 * <p>Bytes are UTF-8, as file names are on most systems; where they are not, each byte that does not fit shows as {@code \xNN}, so that
 * two different names never look the same. Confined to the thread that drains the ring.
 */
public final class Text {
    private static final int ENTRIES = 2048;
    private static final long HASH_FACTOR = 0x9E3779B97F4A7C15L;

    /** Makes the text of some bytes that were not seen before; the array is its own. */
    @FunctionalInterface
    interface Reading {
        String read(byte[] bytes);
    }

    private static final Reading TERMINATED = Text::upToNul;

    private record Entry(MemorySegment bytes, Reading reading, String text) {}

    private final Entry[] entries = new Entry[ENTRIES];

    /** The text of {@code length} bytes at {@code position}, as {@code reading} reads them. */
    String of(MemorySegment memory, long position, int length, Reading reading) {
        if (length == 0) {
            return reading.read(new byte[0]);
        }
        int slot = hash(memory, position, length) & (ENTRIES - 1);
        var known = entries[slot];
        if (known != null
                && known.reading == reading
                && known.bytes.byteSize() == length
                && MemorySegment.mismatch(memory, position, position + length, known.bytes, 0, length) < 0) {
            return known.text;
        }
        var bytes = memory.asSlice(position, length).toArray(ValueLayout.JAVA_BYTE);
        var text = reading.read(bytes.clone());
        entries[slot] = new Entry(MemorySegment.ofArray(bytes), reading, text);
        return text;
    }

    /** The text of a fixed field that ends at the first NUL, such as a thread's name. */
    public String terminated(Record record, int offset, int length) {
        return of(record.memory(), record.position(offset, length), length, TERMINATED);
    }

    private static int hash(MemorySegment memory, long position, int length) {
        long hash = length;
        int i = 0;
        for (; i <= length - Long.BYTES; i += Long.BYTES) {
            hash = (hash ^ memory.get(ValueLayout.JAVA_LONG_UNALIGNED, position + i)) * HASH_FACTOR;
            hash ^= hash >>> 32;
        }
        for (; i < length; i++) {
            hash = (hash ^ memory.get(ValueLayout.JAVA_BYTE, position + i)) * HASH_FACTOR;
        }
        return (int) (hash >>> 40);
    }

    /** The text of a fixed field that ends at the first NUL. */
    public static String upToNul(byte[] bytes) {
        int end = 0;
        while (end < bytes.length && bytes[end] != 0) {
            end++;
        }
        return decode(bytes, 0, end);
    }

    /** The arguments of a program, each followed by NUL, with spaces between them. */
    static String commandLine(byte[] bytes) {
        int end = bytes.length;
        while (end > 0 && bytes[end - 1] == 0) {
            end--;
        }
        for (int i = 0; i < end; i++) {
            if (bytes[i] == 0) {
                bytes[i] = ' ';
            }
        }
        return decode(bytes, 0, end);
    }

    /** The text of {@code bytes[from, to)}. */
    static String decode(byte[] bytes, int from, int to) {
        boolean ascii = true;
        for (int i = from; i < to && ascii; i++) {
            ascii = bytes[i] >= 0;
        }
        if (ascii) {
            return new String(bytes, from, to - from, StandardCharsets.ISO_8859_1);
        }
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .onUnmappableCharacter(CodingErrorAction.REPORT)
                    .decode(ByteBuffer.wrap(bytes, from, to - from))
                    .toString();
        } catch (CharacterCodingException e) {
            return escaped(bytes, from, to);
        }
    }

    private static String escaped(byte[] bytes, int from, int to) {
        var text = new StringBuilder(to - from + 16);
        for (int i = from; i < to; ) {
            int size = sequenceLength(bytes, i, to);
            if (size == 0) {
                text.append("\\x").append(String.format("%02X", bytes[i]));
                i++;
            } else {
                text.append(new String(bytes, i, size, StandardCharsets.UTF_8));
                i += size;
            }
        }
        return text.toString();
    }

    /** Length of the well-formed UTF-8 sequence at {@code i}, 0 if there is none. */
    private static int sequenceLength(byte[] bytes, int i, int to) {
        for (int size = 1; size <= 4 && i + size <= to; size++) {
            try {
                StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes, i, size));
                return size;
            } catch (CharacterCodingException e) {
                // a longer sequence may be well-formed
            }
        }
        return 0;
    }
}
