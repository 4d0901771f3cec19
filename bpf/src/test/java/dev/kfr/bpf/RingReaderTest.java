// SPDX-License-Identifier: Apache-2.0
package dev.kfr.bpf;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Reading the ring's memory, with this test in the kernel's place. */
class RingReaderTest {
    private static final int PAGE = 4096;
    private static final int SIZE = 4096;
    private static final int BUSY = 1 << 31;
    private static final int DISCARDED = 1 << 30;

    private final MemorySegment consumer = Arena.ofAuto().allocate(PAGE, PAGE);
    private final MemorySegment producer = Arena.ofAuto().allocate(PAGE + 2L * SIZE, PAGE);
    private final RingReader reader = new RingReader(consumer, producer, (from, length) -> {}, PAGE, SIZE);
    private final List<Long> seen = new ArrayList<>();

    @Test
    void handsOutRecordsInOrder() {
        write(1, 8, 0);
        write(2, 72, 0);
        write(3, 8, 0);
        assertEquals(3, drain(100));
        assertEquals(List.of(1L, 2L, 3L), seen);
        assertEquals(0, reader.pending());
    }

    @Test
    void handsOutNoMoreThanAsked() {
        write(1, 8, 0);
        write(2, 8, 0);
        assertEquals(1, drain(1));
        assertEquals(16, reader.pending());
        assertEquals(1, drain(1));
        assertEquals(List.of(1L, 2L), seen);
    }

    @Test
    void stopsInFrontOfABusyRecordThoughLaterOnesAreComplete() {
        write(1, 8, 0);
        long busy = write(2, 8, BUSY);
        write(3, 8, 0);
        assertEquals(1, drain(100));
        assertEquals(32, reader.pending());
        setHeader(busy, 8);
        assertEquals(2, drain(100));
        assertEquals(List.of(1L, 2L, 3L), seen);
    }

    @Test
    void skipsDiscardedRecords() {
        write(1, 8, DISCARDED);
        write(2, 8, 0);
        write(3, 40, DISCARDED);
        assertEquals(1, drain(100));
        assertEquals(List.of(2L), seen);
        assertEquals(0, reader.pending());
    }

    @Test
    void readsARecordThatWrapsInOnePiece() {
        for (int i = 0; i < 1000; i++) { // 80 bytes each: SIZE is no multiple of that
            write(i, 72, 0);
            assertEquals(1, drain(100), "record " + i);
        }
        assertEquals(1000, seen.size());
        assertEquals(999L, seen.getLast());
    }

    @Test
    void goesOnBehindARecordWhoseHandlerThrew() {
        write(1, 8, 0);
        write(2, 8, 0);
        assertThrows(
                ArithmeticException.class,
                () -> reader.drain(
                        (ring, offset, length) -> {
                            throw new ArithmeticException();
                        },
                        100));
        assertEquals(16, reader.pending());
        assertEquals(1, drain(100));
        assertEquals(List.of(2L), seen);
    }

    @Test
    void givesRoomBackBeforeItsEnd() {
        for (int i = 0; i < SIZE / 16; i++) {
            write(i, 8, 0);
        }
        long[] most = {0};
        reader.drain((ring, offset, length) -> most[0] = Math.max(most[0], SIZE - reader.pending()), 1000);
        assertTrue(most[0] >= SIZE * 3 / 4, "the programs had " + most[0] + " bytes at most during one drain");
    }

    @Test
    void tellsOnceOfALengthBeyondWhatWasWrittenAndGoesOn() {
        write(1, 8, 0);
        setHeader(write(2, 8, 0), 5000);
        write(3, 8, 0);
        var e = assertThrows(BpfException.class, () -> drain(100));
        assertEquals(BpfException.Reason.INVALID, e.reason());
        assertEquals(0, drain(100));
        write(4, 8, 0);
        assertEquals(1, drain(100));
        assertEquals(List.of(1L, 4L), seen);
    }

    @Test
    void tellsOnceOfPositionsThatCantBeAndGoesOn() {
        for (long position : new long[] {SIZE + 8, 1L << 40, -16, Long.MIN_VALUE}) {
            producer.set(JAVA_LONG, 0, consumer.get(JAVA_LONG, 0) + position);
            assertThrows(BpfException.class, () -> drain(100), "position " + position);
            assertEquals(0, drain(100));
        }
    }

    @Test
    void neverLeavesTheRingWhateverIsInIt() {
        var random = new Random(20250801);
        int corrupt = 0;
        for (int i = 0; i < 20_000; i++) {
            for (int at = 0; at < 2 * SIZE; at += 8) {
                int length = random.nextInt(20) == 0 ? random.nextInt() : random.nextInt(64);
                producer.set(JAVA_INT, PAGE + at, length & ~(random.nextInt(4) == 0 ? 0 : BUSY));
            }
            long consumed = consumer.get(JAVA_LONG, 0);
            producer.set(JAVA_LONG, 0, consumed + random.nextInt(SIZE / 8) * 8);
            try {
                reader.drain((ring, offset, length) -> ring.asSlice(offset, length), 1000);
            } catch (BpfException e) {
                corrupt++;
            }
            assertTrue(reader.pending() >= 0 && reader.pending() <= SIZE, "pending " + reader.pending());
        }
        assertTrue(corrupt > 1000, corrupt + " corrupt rings noticed");
    }

    private int drain(int max) {
        return reader.drain(
                (ring, offset, length) -> {
                    long number = ring.get(JAVA_LONG, offset);
                    assertEquals(number, ring.get(JAVA_LONG, offset + length - 8), "last word of record " + number);
                    seen.add(number);
                },
                max);
    }

    /** Appends a record that begins and ends with its number, and returns its position. */
    private long write(long number, int length, int flags) {
        long position = producer.get(JAVA_LONG, 0);
        setWord(position + 8, number);
        setWord(position + length, number);
        setHeader(position, length | flags);
        producer.set(JAVA_LONG, 0, position + 8 + length);
        return position;
    }

    private void setHeader(long position, int header) {
        setWord(position, Integer.toUnsignedLong(header));
    }

    /** Writes to both images of the data. */
    private void setWord(long position, long value) {
        long offset = PAGE + (position & SIZE - 1);
        producer.set(JAVA_LONG, offset, value);
        producer.set(JAVA_LONG, offset < PAGE + SIZE ? offset + SIZE : offset - SIZE, value);
    }
}
