// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.files;

import dev.kfr.agent.record.Layouts;
import dev.kfr.agent.record.PathField;
import dev.kfr.agent.record.Record;

/** Reads {@code struct file_name_record}. */
final class FileNameRecord {
    private final int size;
    private final int result;
    private final PathField path;
    private final PathField newPath;

    FileNameRecord(Layouts layouts) {
        var struct = layouts.struct("file_name_record");
        size = struct.size();
        result = struct.field("result").offset();
        path = PathField.of(layouts, struct, "");
        newPath = PathField.of(layouts, struct, "new_");
    }

    long result(Record record) {
        return record.getLong(result);
    }

    String path(Record record) {
        return path.read(record, size);
    }

    String newPath(Record record) {
        return newPath.read(record, size + path.bytes(record));
    }
}
