// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.block;

import dev.kfr.agent.record.Decoder;
import dev.kfr.agent.record.EventWriter;
import dev.kfr.agent.record.Record;
import dev.kfr.bpf.StructLayout;
import dev.kfr.events.block.BlockIo;

/** {@code struct block_io_record} to {@code kernel.BlockIo}. */
final class BlockDecoder implements Decoder {
    private final EventWriter writer;
    private final int subject;
    private final int sector;
    private final int bytes;
    private final int queueTime;
    private final int device;
    private final int operation;
    private final int flags;
    private final int error;
    private final StructLayout.Field disk;
    private final RequestFlags flagNames = new RequestFlags();

    BlockDecoder(EventWriter writer, int subject) {
        this.writer = writer;
        this.subject = subject;
        var record = writer.layouts().struct("block_io_record");
        sector = record.field("sector").offset();
        bytes = record.field("bytes").offset();
        queueTime = record.field("queue_time").offset();
        device = record.field("device").offset();
        operation = record.field("operation").offset();
        flags = record.field("flags").offset();
        error = record.field("error").offset();
        disk = record.field("disk");
    }

    @Override
    public void decode(Record record) {
        var event = new BlockIo();
        if (writer.begin(event, record, subject)) {
            event.device = Disk.name(writer.name(record, disk.offset(), disk.size()), record.getInt(device));
            event.operation = BlockOperation.of(record.getInt(operation)).toString();
            event.bytes = record.getLong(bytes);
            event.queueTime = record.getLong(queueTime);
            event.sector = record.getLong(sector);
            event.flags = flagNames.text(record.getInt(flags));
            event.error = BlockStatus.error(record.getInt(error));
            writer.commit(event, record, subject);
        }
    }
}
