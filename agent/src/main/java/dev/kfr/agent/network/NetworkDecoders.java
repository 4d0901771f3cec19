// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.network;

import dev.kfr.agent.record.Decoder;
import dev.kfr.agent.record.EventWriter;
import dev.kfr.agent.record.Results;
import dev.kfr.events.network.SocketCreate;
import dev.kfr.events.network.TcpConnect;
import dev.kfr.events.network.TcpConnection;
import dev.kfr.events.network.TcpRetransmit;

/** {@code struct socket_record} and {@code struct tcp_record} to the events of the network. */
final class NetworkDecoders {
    private final EventWriter writer;
    private final int subject;
    private final TcpRecord tcp;

    NetworkDecoders(EventWriter writer, int subject) {
        this.writer = writer;
        this.subject = subject;
        this.tcp = new TcpRecord(writer.layouts());
    }

    Decoder socket() {
        var struct = writer.layouts().struct("socket_record");
        int result = struct.field("result").offset();
        int family = struct.field("family").offset();
        int type = struct.field("type").offset();
        int protocol = struct.field("protocol").offset();
        return record -> {
            var event = new SocketCreate();
            if (writer.begin(event, record, subject)) {
                long returned = record.getLong(result);
                event.family = SocketNames.family(record.getInt(family));
                event.type = SocketNames.type(record.getInt(type));
                event.protocol = SocketNames.protocol(record.getInt(family), record.getInt(protocol));
                event.fileDescriptor = Results.failed(returned) ? -1 : (int) returned;
                event.error = Results.error(returned);
                writer.commit(event, record, subject);
            }
        };
    }

    Decoder connection() {
        return record -> {
            var event = new TcpConnection();
            if (writer.begin(event, record, subject)) {
                event.direction = tcp.direction(record);
                event.localAddress = tcp.localAddress(record);
                event.localPort = tcp.localPort(record);
                event.remoteAddress = tcp.remoteAddress(record);
                event.remotePort = tcp.remotePort(record);
                event.lifetime = tcp.lifetime(record);
                event.bytesSent = tcp.bytesSent(record);
                event.bytesReceived = tcp.bytesReceived(record);
                event.retransmits = tcp.retransmits(record);
                event.smoothedRtt = tcp.smoothedRtt(record);
                event.error = tcp.error(record);
                event.networkNamespace = tcp.networkNamespace(record);
                writer.commit(event, record, subject);
            }
        };
    }

    Decoder connect() {
        return record -> {
            var event = new TcpConnect();
            if (writer.begin(event, record, subject)) {
                event.localAddress = tcp.localAddress(record);
                event.localPort = tcp.localPort(record);
                event.remoteAddress = tcp.remoteAddress(record);
                event.remotePort = tcp.remotePort(record);
                event.error = tcp.error(record);
                event.networkNamespace = tcp.networkNamespace(record);
                writer.commit(event, record, subject);
            }
        };
    }

    Decoder retransmit() {
        return record -> {
            var event = new TcpRetransmit();
            if (writer.begin(event, record, subject)) {
                event.localAddress = tcp.localAddress(record);
                event.localPort = tcp.localPort(record);
                event.remoteAddress = tcp.remoteAddress(record);
                event.remotePort = tcp.remotePort(record);
                event.state = tcp.state(record);
                event.segments = tcp.retransmits(record);
                event.networkNamespace = tcp.networkNamespace(record);
                writer.commit(event, record, subject);
            }
        };
    }
}
