// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.syscalls;

import dev.kfr.agent.record.Decoder;
import dev.kfr.agent.record.EventWriter;
import dev.kfr.agent.record.Record;
import dev.kfr.agent.record.Results;
import dev.kfr.events.syscalls.Syscall;
import dev.kfr.events.syscalls.SyscallError;

/** {@code struct syscall_record} to {@code kernel.Syscall} and {@code kernel.SyscallError}. */
final class SyscallDecoder {
    private static final int ARGUMENTS = 6;

    private final EventWriter writer;
    private final SyscallNames names;
    private final int result;
    private final int arguments;
    private final int id;
    private final StringBuilder text = new StringBuilder();

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
        text.setLength(0);
        for (int i = 0; i < ARGUMENTS; i++) {
            text.append(i == 0 ? "0x" : " 0x").append(Long.toHexString(record.getLong(arguments + i * Long.BYTES)));
        }
        return text.toString();
    }
}
