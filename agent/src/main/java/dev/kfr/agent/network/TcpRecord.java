// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.network;

import dev.kfr.agent.record.Layouts;
import dev.kfr.agent.record.Record;
import dev.kfr.bpf.linux.Errno;
import java.util.concurrent.TimeUnit;

/** Reads {@code struct tcp_record}. */
final class TcpRecord {
    private final int lifetime;
    private final int bytesSent;
    private final int bytesReceived;
    private final int localAddress;
    private final int remoteAddress;
    private final int localPort;
    private final int remotePort;
    private final int family;
    private final int state;
    private final int direction;
    private final int error;
    private final int zone;
    private final int networkNamespace;
    private final int retransmits;
    private final int smoothedRtt;

    TcpRecord(Layouts layouts) {
        var struct = layouts.struct("tcp_record");
        lifetime = struct.field("lifetime").offset();
        bytesSent = struct.field("bytes_sent").offset();
        bytesReceived = struct.field("bytes_received").offset();
        localAddress = struct.field("local_address").offset();
        remoteAddress = struct.field("remote_address").offset();
        localPort = struct.field("local_port").offset();
        remotePort = struct.field("remote_port").offset();
        family = struct.field("family").offset();
        state = struct.field("state").offset();
        direction = struct.field("direction").offset();
        error = struct.field("error").offset();
        zone = struct.field("interface").offset();
        networkNamespace = struct.field("network_namespace").offset();
        retransmits = struct.field("retransmits").offset();
        smoothedRtt = struct.field("smoothed_rtt").offset();
    }

    long lifetime(Record record) {
        return record.getLong(lifetime);
    }

    long bytesSent(Record record) {
        return record.getLong(bytesSent);
    }

    long bytesReceived(Record record) {
        return record.getLong(bytesReceived);
    }

    String localAddress(Record record) {
        return address(record, localAddress);
    }

    String remoteAddress(Record record) {
        return address(record, remoteAddress);
    }

    private String address(Record record, int offset) {
        return Addresses.read(record, offset, record.getUnsignedShort(family), record.getUnsignedInt(zone));
    }

    int localPort(Record record) {
        return record.getUnsignedShort(localPort);
    }

    int remotePort(Record record) {
        return record.getUnsignedShort(remotePort);
    }

    String state(Record record) {
        return SocketNames.state(record.getUnsignedShort(state));
    }

    String direction(Record record) {
        return SocketNames.direction(record.getInt(direction));
    }

    /** Name of the error; empty if there was none. */
    String error(Record record) {
        int number = record.getInt(error);
        return number == 0 ? "" : Errno.name(number);
    }

    long networkNamespace(Record record) {
        return record.getUnsignedInt(networkNamespace);
    }

    int retransmits(Record record) {
        return record.getInt(retransmits);
    }

    /** In ns. */
    long smoothedRtt(Record record) {
        return TimeUnit.MICROSECONDS.toNanos(record.getUnsignedInt(smoothedRtt));
    }
}
