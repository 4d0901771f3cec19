// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.files;

import dev.kfr.agent.record.Layouts;
import dev.kfr.agent.record.PathField;
import dev.kfr.agent.record.Record;

/** Reads {@code struct file_record}. */
final class FileRecord {
    private final int size;
    private final int result;
    private final int offset;
    private final int inode;
    private final int device;
    private final int inodeGeneration;
    private final int syscall;
    private final int openFlags;
    private final int mode;
    private final PathField path;

    FileRecord(Layouts layouts) {
        var struct = layouts.struct("file_record");
        size = struct.size();
        result = struct.field("result").offset();
        offset = struct.field("offset").offset();
        inode = struct.field("inode").offset();
        device = struct.field("device").offset();
        inodeGeneration = struct.field("inode_generation").offset();
        syscall = struct.field("syscall").offset();
        openFlags = struct.field("open_flags").offset();
        mode = struct.field("mode").offset();
        path = PathField.of(layouts, struct, "");
    }

    long result(Record record) {
        return record.getLong(result);
    }

    long offset(Record record) {
        return record.getLong(offset);
    }

    long inode(Record record) {
        return record.getLong(inode);
    }

    int device(Record record) {
        return record.getInt(device);
    }

    int inodeGeneration(Record record) {
        return record.getInt(inodeGeneration);
    }

    int syscall(Record record) {
        return record.getInt(syscall);
    }

    int openFlags(Record record) {
        return record.getInt(openFlags);
    }

    int mode(Record record) {
        return record.getInt(mode);
    }

    String path(Record record) {
        return path.read(record, size);
    }
}
