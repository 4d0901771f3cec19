// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.syscalls;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class SyscallDecoderTest {
    /** One for each number of digits, the ends of the range, and others. */
    @Test
    void writesNumbersAsTheJdkDoes() {
        var byLength = LongStream.range(0, Long.SIZE).map(bit -> 1L << bit);
        var ends = LongStream.of(0, -1, Long.MAX_VALUE, Long.MIN_VALUE, 0xfL, 0x10L, 0xffff_9c00_0000_0001L);
        LongStream.concat(LongStream.concat(byLength, ends), new Random(3).longs(1000))
                .forEach(value -> assertEquals("0x" + Long.toHexString(value), hex(value)));
    }

    private static String hex(long value) {
        var text = new byte[20];
        text[0] = '?';
        int end = SyscallDecoder.appendHex(text, 1, "0x", value);
        return new String(text, 1, end - 1, StandardCharsets.ISO_8859_1);
    }
}
