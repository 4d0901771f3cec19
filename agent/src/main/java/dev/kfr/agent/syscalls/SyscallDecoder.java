// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.syscalls;

import dev.kfr.agent.record.Decoder;
import dev.kfr.agent.record.EventWriter;
import dev.kfr.agent.record.Record;
import dev.kfr.agent.record.Results;
import dev.kfr.events.syscalls.Syscall;
import dev.kfr.events.syscalls.SyscallError;
import java.nio.charset.StandardCharsets;

/** {@code struct syscall_record} to {@code kernel.Syscall} and {@code kernel.SyscallError}. */
final class SyscallDecoder {
    private static final int ARGUMENTS = 6;
    private static final byte[] DIGITS = "0123456789abcdef".getBytes(StandardCharsets.ISO_8859_1);
    private static final int BITS = 4; // of a digit
    private static final int LONGEST = " 0x".length() + Long.SIZE / BITS;

    private final EventWriter writer;
    private final SyscallNames names;
    private final int result;
    private final int arguments;
    private final int id;
    private final byte[] text = new byte[ARGUMENTS * LONGEST];

    SyscallDecoder(EventWriter writer, SyscallNames names) {
        this.writer = writer;
        this.names = names;
        var record = writer.layouts().struct("syscall_record");
        result = record.field("result").offset();
        arguments = record.field("arguments").offset();
        id = record.field("id").offset();
    }

    Decoder slow(int subject) {
        return record -> {
            var event = new Syscall();
            if (writer.begin(event, record, subject)) {
                event.syscall = name(record);
                event.returnValue = record.getLong(result);
                event.error = Results.error(event.returnValue);
                event.arguments = arguments(record);
                writer.commit(event, record, subject);
            }
        };
    }

    Decoder failed(int subject) {
        return record -> {
            var event = new SyscallError();
            if (writer.begin(event, record, subject)) {
                event.syscall = name(record);
                event.returnValue = record.getLong(result);
                event.error = Results.error(event.returnValue);
                event.arguments = arguments(record);
                writer.commit(event, record, subject);
            }
        };
    }

    private String name(Record record) {
        return names.name(record.getInt(id));
    }

    private String arguments(Record record) {
        int length = 0;
        for (int i = 0; i < ARGUMENTS; i++) {
            length = appendHex(text, length, i == 0 ? "0x" : " 0x", record.getLong(arguments + i * Long.BYTES));
        }
        return new String(text, 0, length, StandardCharsets.ISO_8859_1);
    }

    /**
     * Writes digits without leading zeros. Not {@link Long#toHexString} and a builder, which took more time than all else of an event.
     *
     * @return where the text ends
     */
    static int appendHex(byte[] text, int from, String prefix, long value) {
        int at = from;
        for (int i = 0; i < prefix.length(); i++) {
            text[at++] = (byte) prefix.charAt(i);
        }
        int highestBit = Long.SIZE - 1 - Long.numberOfLeadingZeros(value | 1);
        for (int shift = highestBit & -BITS; shift >= 0; shift -= BITS) {
            text[at++] = DIGITS[(int) (value >>> shift) & DIGITS.length - 1];
        }
        return at;
    }
}
