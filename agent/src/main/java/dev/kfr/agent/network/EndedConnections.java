// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.network;

import dev.kfr.agent.network.NetworkMXBean.ConnectionRow;
import dev.kfr.agent.record.Decoder;
import dev.kfr.agent.record.Layouts;
import dev.kfr.agent.record.Processes;
import dev.kfr.agent.record.Record;
import dev.kfr.agent.record.Text;
import java.util.Date;
import java.util.concurrent.TimeUnit;

/** {@code RECORD_CONNECTION_ENDED} to rows of the MBean. */
final class EndedConnections implements Decoder {
    private final RecentConnections recent;
    private final Processes processes;
    private final Text text = new Text();
    private final TcpRecord tcp;
    private final int start;
    private final int pid;
    private final int nsPid;
    private final int generation;
    private final int name;
    private final int nameLength;

    EndedConnections(Layouts layouts, RecentConnections recent, Processes processes) {
        this.recent = recent;
        this.processes = processes;
        this.tcp = new TcpRecord(layouts);
        var header = layouts.struct("header");
        start = header.field("start").offset();
        pid = header.field("pid").offset();
        nsPid = header.field("ns_pid").offset();
        generation = header.field("generation").offset();
        name = header.field("process_name").offset();
        nameLength = header.field("process_name").size();
    }

    @Override
    public void decode(Record record) {
        long ago = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - record.getLong(start));
        var process = processes.of(record.getInt(pid), record.getInt(generation));
        int pidHere = record.getInt(nsPid);
        recent.add(new ConnectionRow(
                new Date(System.currentTimeMillis() - ago),
                pidHere != 0 ? pidHere : process.pid(),
                text.terminated(record, name, nameLength),
                process.container(),
                tcp.direction(record),
                tcp.localAddress(record),
                tcp.localPort(record),
                tcp.remoteAddress(record),
                tcp.remotePort(record),
                tcp.lifetime(record),
                tcp.bytesSent(record),
                tcp.bytesReceived(record),
                tcp.retransmits(record),
                tcp.smoothedRtt(record),
                tcp.error(record)));
    }
}
