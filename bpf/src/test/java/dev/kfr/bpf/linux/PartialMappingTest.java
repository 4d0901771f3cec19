// SPDX-License-Identifier: Apache-2.0
package dev.kfr.bpf.linux;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.kfr.bpf.BpfException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Mapping parts of a ring buffer's memory: here of a file, whose bytes tell in which window they are. */
class PartialMappingTest {
    private static final int WINDOWS = 5;
    private static final long SHORTER = 4096;
    private static final long SIZE = WINDOWS * PartialMapping.WINDOW - SHORTER;

    @TempDir
    private Path directory;

    private PartialMapping mapping;

    @AfterEach
    void close() {
        if (mapping != null) {
            mapping.close();
        }
    }

    @Test
    void mapsWhatIsRequiredAndNoMore() throws IOException {
        open();
        assertEquals(PartialMapping.WINDOW, mapping.mappedBytes(), "bytes mapped at first");
        assertEquals(0, read(0));
        for (int window = 0; window < WINDOWS; window++) {
            assertEquals(window, read(window * PartialMapping.WINDOW));
        }
        assertEquals(SIZE, mapping.mappedBytes(), "bytes mapped after all were read");
        mapping.keepOnly(2 * PartialMapping.WINDOW + 7);
        assertEquals(2 * PartialMapping.WINDOW, mapping.mappedBytes(), "bytes mapped of two windows");
        assertEquals(4, read(4 * PartialMapping.WINDOW));
        assertEquals(2, read(3 * PartialMapping.WINDOW - 1));
    }

    @Test
    void mapsBothWindowsOfWhatLiesAcross() throws IOException {
        open();
        long across = 3 * PartialMapping.WINDOW - 8;
        mapping.require(across, 16);
        assertEquals(2, mapping.memory().get(JAVA_BYTE, across));
        assertEquals(3, mapping.memory().get(JAVA_BYTE, across + 15));
        assertEquals(3 * PartialMapping.WINDOW, mapping.mappedBytes());
    }

    @Test
    void refusesWhatIsNotThere() throws IOException {
        open();
        assertThrows(IndexOutOfBoundsException.class, () -> mapping.require(SIZE, 1));
        assertThrows(IndexOutOfBoundsException.class, () -> mapping.require(SIZE - 1, 2));
        assertThrows(IndexOutOfBoundsException.class, () -> mapping.require(-1, 1));
        assertThrows(IndexOutOfBoundsException.class, () -> mapping.require(0, Long.MAX_VALUE));
        assertThrows(BpfException.class, () -> new PartialMapping("map nothing", -1, 0, SIZE));
    }

    private int read(long position) {
        mapping.require(position, 1);
        return mapping.memory().get(JAVA_BYTE, position);
    }

    private void open() throws IOException {
        byte[] content = new byte[Math.toIntExact(SIZE)];
        for (int i = 0; i < content.length; i++) {
            content[i] = (byte) (i / PartialMapping.WINDOW);
        }
        var path = Files.write(directory.resolve("content"), content);
        try (var file = new RandomAccessFile(path.toFile(), "r")) {
            assertEquals(SIZE, file.length());
            mapping = new PartialMapping("map the content", descriptorOf(path), 0, SIZE);
        }
    }

    private static int descriptorOf(Path path) throws IOException {
        try (var descriptors = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
            for (var link : descriptors) {
                if (Files.isSymbolicLink(link)
                        && Files.readSymbolicLink(link).toString().equals(path.toString())) {
                    return Integer.parseInt(link.getFileName().toString());
                }
            }
        }
        throw new AssertionError(path + " is not open");
    }
}
