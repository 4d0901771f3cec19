// SPDX-License-Identifier: Apache-2.0
package dev.kfr.events.network;

import dev.kfr.events.EventTimes;
import dev.kfr.events.KernelEvent;
import java.lang.invoke.MethodHandles;
import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.Timespan;

/** A TCP connection that was established and closed. */
@Name("kernel.TcpConnection")
@Label("TCP Connection")
@Category({"Kernel", "Network"})
@Description("A TCP connection that was established and closed")
public final class TcpConnection extends KernelEvent {
    private static final EventTimes TIMES = EventTimes.of(MethodHandles.lookup());

    @Label("Direction")
    @Description("OPENED by this process or ACCEPTED by it; UNKNOWN if it was established before anybody looked")
    public String direction;

    @Label("Remote Address")
    @Description("The other end, as text; an IPv4 address also where it was reached through an IPv6 socket")
    public String remoteAddress;

    @Label("Remote Port")
    @Description("Port of the other end")
    public int remotePort;

    @Label("Local Address")
    @Description("This end, as text; a link-local address with the index of its interface")
    public String localAddress;

    @Label("Local Port")
    @Description("Port of this end")
    public int localPort;

    @Label("Lifetime")
    @Description("Time since it was established, or since connections are looked at if it is older")
    @Timespan(Timespan.NANOSECONDS)
    public long lifetime;

    @Label("Bytes Sent")
    @Description("Data sent in the connection's whole life, each byte once")
    @DataAmount(DataAmount.BYTES)
    public long bytesSent;

    @Label("Bytes Received")
    @Description("Data received in the connection's whole life")
    @DataAmount(DataAmount.BYTES)
    public long bytesReceived;

    @Label("Retransmits")
    @Description("Segments that had to be sent again")
    public int retransmits;

    @Label("Smoothed RTT")
    @Description("Smoothed round-trip time at its end, as the kernel estimates it")
    @Timespan(Timespan.NANOSECONDS)
    public long smoothedRtt;

    @Label("Error")
    @Description("What ended it if it was not closed in order, such as ECONNRESET or ETIMEDOUT; empty if it was")
    public String error;

    @Label("Network Namespace")
    @Description("Inode of the network namespace that the addresses are of, as in /proc/PID/ns/net")
    public long networkNamespace;

    @Override
    public void times(long startTicks, long durationTicks) {
        TIMES.set(this, startTicks, durationTicks);
    }
}
