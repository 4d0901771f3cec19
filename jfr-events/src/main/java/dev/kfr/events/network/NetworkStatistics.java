// SPDX-License-Identifier: Apache-2.0
package dev.kfr.events.network;

import dev.kfr.events.EventTimes;
import dev.kfr.events.PeriodicKernelEvent;
import java.lang.invoke.MethodHandles;
import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Label;
import jdk.jfr.Name;

/** What a process did with the network. */
@Name("kernel.NetworkStatistics")
@Label("Network Statistics")
@Category({"Kernel", "Network"})
@Description("What a process did with the network")
public final class NetworkStatistics extends PeriodicKernelEvent {
    private static final EventTimes TIMES = EventTimes.of(MethodHandles.lookup());

    @Label("TCP Sent")
    @Description("Data that it gave to TCP connections")
    @DataAmount(DataAmount.BYTES)
    public long tcpBytesSent;

    @Label("TCP Received")
    @Description("Data that it took from TCP connections")
    @DataAmount(DataAmount.BYTES)
    public long tcpBytesReceived;

    @Label("TCP Sends")
    @Description("Calls that gave data to TCP connections")
    public int tcpMessagesSent;

    @Label("TCP Receives")
    @Description("Calls that took data from TCP connections")
    public int tcpMessagesReceived;

    @Label("UDP Sent")
    @Description("Data that it sent by UDP")
    @DataAmount(DataAmount.BYTES)
    public long udpBytesSent;

    @Label("UDP Received")
    @Description("Data that it received by UDP")
    @DataAmount(DataAmount.BYTES)
    public long udpBytesReceived;

    @Label("UDP Sends")
    @Description("Messages that it sent by UDP")
    public int udpMessagesSent;

    @Label("UDP Receives")
    @Description("Messages that it received by UDP")
    public int udpMessagesReceived;

    @Label("Opened")
    @Description("TCP connections that it opened")
    public int connectionsOpened;

    @Label("Accepted")
    @Description("TCP connections that it accepted")
    public int connectionsAccepted;

    @Label("Sockets")
    @Description("Sockets that it made")
    public int socketsCreated;

    @Label("Retransmits")
    @Description("TCP segments of its connections that were sent again")
    public int retransmits;

    @Override
    public void times(long startTicks, long durationTicks) {
        TIMES.set(this, startTicks, durationTicks);
    }
}
