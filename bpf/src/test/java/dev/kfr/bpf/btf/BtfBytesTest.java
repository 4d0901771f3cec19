// SPDX-License-Identifier: Apache-2.0
package dev.kfr.bpf.btf;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.kfr.bpf.BpfException;
import dev.kfr.bpf.BpfException.Reason;
import java.io.FileNotFoundException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A file is read page by page and window by window, and nobody notices. */
class BtfBytesTest {
    private static final int LENGTH = 100_003; // ends amid a page, a window and a word

    @TempDir
    private Path directory;

    private final byte[] content = new byte[LENGTH];
    private final Random random = new Random(7);
    private Path path;
    private BtfBytes file;

    @BeforeEach
    void write() throws Exception {
        random.nextBytes(content);
        path = Files.write(directory.resolve("bytes"), content);
        file = BtfBytes.of(path.toFile());
    }

    @Test
    void hasTheBytesOfTheFile() {
        assertEquals(LENGTH, file.length());
        assertArrayEquals(content, file.copy(0, LENGTH));
        assertArrayEquals(Arrays.copyOfRange(content, 8190, 16_390), file.copy(8190, 16_390));
        assertArrayEquals(content, BtfBytes.of(content).copy(0, LENGTH));
    }

    @Test
    void readsWordsAnywhere() {
        var array = BtfBytes.of(content);
        var expected = ByteBuffer.wrap(content).order(ByteOrder.LITTLE_ENDIAN);
        for (int at = 0; at <= LENGTH - Integer.BYTES; at++) {
            assertEquals(expected.getInt(at), file.u32(at), () -> "file");
            assertEquals(expected.getInt(at), array.u32(at), () -> "array");
            assertEquals(expected.getShort(at) & 0xffff, file.u16(at), () -> "16 bits");
        }
        assertThrows(IndexOutOfBoundsException.class, () -> file.u32(LENGTH - 3));
        assertThrows(IndexOutOfBoundsException.class, () -> file.u8(LENGTH));
    }

    @Test
    void windowsMoveForwardsBackwardsAndAbout() {
        try (var window = file.window()) {
            for (int at = 0; at < LENGTH; at++) {
                assertSeen(window, at);
            }
            for (int at = LENGTH - 1; at >= 0; at--) {
                assertSeen(window, at);
            }
            for (int i = 0; i < 1000; i++) {
                assertSeen(window, random.nextInt(LENGTH));
            }
        }
    }

    private void assertSeen(BtfBytes.Window window, int at) {
        int index = window.index(at);
        int length = Math.min(BtfBytes.LONGEST, LENGTH - at);
        assertEquals(
                -1, Arrays.mismatch(content, at, at + length, window.bytes(), index, index + length), () -> "at " + at);
    }

    @Test
    void tellsOfFilesThatCannotBeRead() throws Exception {
        assertThrows(
                FileNotFoundException.class,
                () -> BtfBytes.of(directory.resolve("none").toFile()));
        Files.delete(path);
        assertEquals(
                Reason.OTHER, assertThrows(BpfException.class, () -> file.u8(0)).reason());
        assertEquals(
                Reason.OTHER, assertThrows(BpfException.class, file::window).reason());
    }

    @Test
    void typesOfAFileAreThoseOfAnArray() throws Exception {
        var builder = new BtfBuilder();
        for (int i = 0; i < 3000; i++) {
            builder.struct("struct_with_a_long_name_" + i, i);
        }
        byte[] bytes = builder.bytes();
        var array = Btf.parse("array", bytes);
        var read = Btf.parse("file", BtfBytes.of(Files.write(path, bytes).toFile()));
        assertEquals(3001, read.count());
        for (int id = 1; id < read.count(); id++) {
            assertEquals(array.name(id), read.name(id));
            assertEquals(array.sizeOf(id), read.sizeOf(id));
            assertEquals(id, read.find(Btf.Kind.STRUCT, array.name(id)));
        }
        assertEquals(0, read.find(Btf.Kind.FUNCTION, "struct_with_a_long_name_1"));
        assertArrayEquals(bytes, read.toBytes());
    }
}
