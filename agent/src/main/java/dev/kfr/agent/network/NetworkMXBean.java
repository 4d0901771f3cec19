// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.network;

import dev.kfr.agent.jmx.Described;
import java.util.Date;
import java.util.List;

/** {@code kernel:type=Network}. */
@Described(
        "What the host's processes do with the network, as the kernel sees it: TCP and UDP, without io_uring. Counting starts at the first read.")
public interface NetworkMXBean {
    /** One process. */
    record ProcessRow(
            @Described("process id as the agent sees it, or the host's; 0: no process's, or not known whose") long pid,
            @Described("name of the process") String name,
            @Described("container or control group, empty on the host") String container,
            @Described("TCP connections opened") long opened,
            @Described("TCP connections accepted") long accepted,
            @Described("sockets made") long sockets,
            @Described("bytes sent by TCP") long tcpBytesSent,
            @Described("bytes received by TCP") long tcpBytesReceived,
            @Described("calls that sent by TCP") long tcpMessagesSent,
            @Described("calls that received by TCP") long tcpMessagesReceived,
            @Described("bytes sent by UDP") long udpBytesSent,
            @Described("bytes received by UDP") long udpBytesReceived,
            @Described("messages sent by UDP") long udpMessagesSent,
            @Described("messages received by UDP") long udpMessagesReceived,
            @Described("TCP segments sent again") long retransmits) {}

    /** A TCP connection that ended. */
    record ConnectionRow(
            @Described("when it ended") Date time,
            @Described("process that opened or accepted it, as the agent sees it, or the host's id; 0 if not known")
                    long pid,
            @Described("name of the process") String name,
            @Described("container or control group, empty on the host") String container,
            @Described("OPENED, ACCEPTED, or UNKNOWN if it was established before anybody looked") String direction,
            @Described("address of this end") String localAddress,
            @Described("port of this end") int localPort,
            @Described("address of the other end") String remoteAddress,
            @Described("port of the other end") int remotePort,
            @Described("time since it was established, in ns; if it is older, since connections are looked at")
                    long lifetime,
            @Described("bytes sent") long bytesSent,
            @Described("bytes received") long bytesReceived,
            @Described("segments sent again") int retransmits,
            @Described("smoothed round-trip time, in ns") long smoothedRtt,
            @Described("what ended it, such as ECONNRESET; empty if it was closed in order") String error) {}

    @Described("Sockets made since counting began; not those of accepted connections")
    long getSocketsCreated();

    @Described("TCP connections opened since counting began")
    long getConnectionsOpened();

    @Described("TCP connections accepted since counting began")
    long getConnectionsAccepted();

    @Described("Bytes sent by TCP and UDP since counting began")
    long getBytesSent();

    @Described("Bytes received by TCP and UDP since counting began")
    long getBytesReceived();

    @Described("Messages sent by TCP and UDP since counting began; of TCP, calls that sent data")
    long getMessagesSent();

    @Described("Messages received by TCP and UDP since counting began; of TCP, calls that received data")
    long getMessagesReceived();

    @Described("TCP segments sent again since counting began")
    long getRetransmits();

    @Described(
            "Connections since counting began of which the kernel side had no room to remember whose they are; their ends are told without process")
    long getConnectionsForgotten();

    @Described("Sockets made per second over the last second, or since the reading before if that is longer ago")
    double getSocketsCreatedPerSecond();

    @Described("Connections opened per second over the last second, or since the reading before if that is longer ago")
    double getConnectionsOpenedPerSecond();

    @Described(
            "Connections accepted per second over the last second, or since the reading before if that is longer ago")
    double getConnectionsAcceptedPerSecond();

    @Described("Bytes sent per second over the last second, or since the reading before if that is longer ago")
    double getBytesSentPerSecond();

    @Described("Bytes received per second over the last second, or since the reading before if that is longer ago")
    double getBytesReceivedPerSecond();

    @Described("Messages sent per second over the last second, or since the reading before if that is longer ago")
    double getMessagesSentPerSecond();

    @Described("Messages received per second over the last second, or since the reading before if that is longer ago")
    double getMessagesReceivedPerSecond();

    @Described("Segments sent again per second over the last second, or since the reading before if that is longer ago")
    double getRetransmitsPerSecond();

    @Described("Running processes with most bytes sent and received")
    List<ProcessRow> getTopProcesses();

    @Described("TCP connections that ended, the last first; of very many in one second not all are here")
    List<ConnectionRow> getRecentConnections();

    @Described("How many rows the tables have")
    int getTableSize();

    void setTableSize(int rows);

    @Described("Since when the counters run; null if they don't")
    Date getCountingSince();

    @Described("The tables as text")
    String show();
}
