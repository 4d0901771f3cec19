// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.files;

import dev.kfr.agent.record.Decoder;
import dev.kfr.agent.record.EventWriter;
import dev.kfr.agent.record.Results;
import dev.kfr.events.files.FileDelete;
import dev.kfr.events.files.FileOpen;
import dev.kfr.events.files.FileRead;
import dev.kfr.events.files.FileRename;
import dev.kfr.events.files.FileSync;
import dev.kfr.events.files.FileWrite;
import java.util.function.IntFunction;

/** {@code struct file_record} and {@code struct file_name_record} to the events of files. */
final class FileDecoders {
    private static final int PERMISSIONS = 07777;

    private final EventWriter writer;
    private final IntFunction<String> calls;
    private final OpenFlags flags;
    private final int subject;

    private final FileRecord file;
    private final FileNameRecord name;

    FileDecoders(EventWriter writer, IntFunction<String> calls, OpenFlags flags, int subject) {
        this.writer = writer;
        this.calls = calls;
        this.flags = flags;
        this.subject = subject;
        this.file = new FileRecord(writer.layouts());
        this.name = new FileNameRecord(writer.layouts());
    }

    Decoder open() {
        return record -> {
            var event = new FileOpen();
            if (writer.begin(event, record, subject)) {
                long result = file.result(record);
                event.path = file.path(record);
                event.flags = flags.text(file.openFlags(record));
                event.mode = mode(file.openFlags(record), file.mode(record));
                event.fileDescriptor = Results.failed(result) ? -1 : (int) result;
                event.error = Results.error(result);
                writer.commit(event, record, subject);
            }
        };
    }

    /** Permissions in octal, as programmers write them; empty where the call made no file and so did not look at them. */
    private static String mode(int flags, int mode) {
        boolean creates = (flags & (OpenFlags.O_CREAT | OpenFlags.O_TMPFILE)) != 0;
        return creates ? "0" + Integer.toOctalString(mode & PERMISSIONS) : "";
    }

    Decoder read() {
        return record -> {
            var event = new FileRead();
            if (writer.begin(event, record, subject)) {
                long result = file.result(record);
                event.path = file.path(record);
                event.bytes = Results.bytes(result);
                event.offset = file.offset(record);
                event.error = Results.error(result);
                writer.commit(event, record, subject);
            }
        };
    }

    Decoder write() {
        return record -> {
            var event = new FileWrite();
            if (writer.begin(event, record, subject)) {
                long result = file.result(record);
                event.path = file.path(record);
                event.bytes = Results.bytes(result);
                event.offset = file.offset(record);
                event.error = Results.error(result);
                writer.commit(event, record, subject);
            }
        };
    }

    Decoder sync() {
        return record -> {
            var event = new FileSync();
            if (writer.begin(event, record, subject)) {
                event.path = file.path(record);
                event.call = calls.apply(file.syscall(record));
                event.error = Results.error(file.result(record));
                writer.commit(event, record, subject);
            }
        };
    }

    Decoder delete() {
        return record -> {
            var event = new FileDelete();
            if (writer.begin(event, record, subject)) {
                event.path = name.path(record);
                event.error = Results.error(name.result(record));
                writer.commit(event, record, subject);
            }
        };
    }

    Decoder rename() {
        return record -> {
            var event = new FileRename();
            if (writer.begin(event, record, subject)) {
                event.path = name.path(record);
                event.newPath = name.newPath(record);
                event.error = Results.error(name.result(record));
                writer.commit(event, record, subject);
            }
        };
    }
}
