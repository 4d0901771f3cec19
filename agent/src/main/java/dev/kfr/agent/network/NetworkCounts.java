// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.network;

import dev.kfr.agent.record.ProcessCounts;
import java.util.List;

/**
 * What processes did with the network: {@code struct network_row}.
 *
 * @param sockets that they made; not those of accepted connections
 * @param opened TCP connections
 * @param accepted TCP connections
 * @param tcpSent messages: calls that moved data
 * @param retransmits segments that were sent again
 */
record NetworkCounts(
        long sockets,
        long opened,
        long accepted,
        long tcpSent,
        long tcpReceived,
        long tcpBytesSent,
        long tcpBytesReceived,
        long udpSent,
        long udpReceived,
        long udpBytesSent,
        long udpBytesReceived,
        long retransmits) {

    /** Fields of {@code struct network_row}, in the order of the components. */
    static final List<String> FIELDS = List.of(
            "sockets",
            "opened",
            "accepted",
            "tcp_sent",
            "tcp_received",
            "tcp_bytes_sent",
            "tcp_bytes_received",
            "udp_sent",
            "udp_received",
            "udp_bytes_sent",
            "udp_bytes_received",
            "retransmits");

    static NetworkCounts of(ProcessCounts counts) {
        return new NetworkCounts(
                counts.get(0),
                counts.get(1),
                counts.get(2),
                counts.get(3),
                counts.get(4),
                counts.get(5),
                counts.get(6),
                counts.get(7),
                counts.get(8),
                counts.get(9),
                counts.get(10),
                counts.get(11));
    }

    long bytesSent() {
        return tcpBytesSent + udpBytesSent;
    }

    long bytesReceived() {
        return tcpBytesReceived + udpBytesReceived;
    }

    /** What tables are sorted by. */
    static long bytes(ProcessCounts counts) {
        var all = of(counts);
        return all.bytesSent() + all.bytesReceived();
    }
}
