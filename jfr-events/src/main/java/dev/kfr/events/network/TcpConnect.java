// SPDX-License-Identifier: Apache-2.0
package dev.kfr.events.network;

import dev.kfr.events.EventTimes;
import dev.kfr.events.KernelEvent;
import java.lang.invoke.MethodHandles;
import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.Threshold;

/** An attempt to open a TCP connection that took at least as long as the threshold until it succeeded or failed. */
@Name("kernel.TcpConnect")
@Label("Slow TCP Connect")
@Category({"Kernel", "Network"})
@Description(
        "An attempt to open a TCP connection that took at least as long as the threshold until it succeeded or failed")
@Threshold("10 ms")
public final class TcpConnect extends KernelEvent {
    private static final EventTimes TIMES = EventTimes.of(MethodHandles.lookup());

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

    @Label("Error")
    @Description(
            "Why it failed, such as ECONNREFUSED or ETIMEDOUT; ECANCELED if the program gave up; empty if it succeeded")
    public String error;

    @Label("Network Namespace")
    @Description("Inode of the network namespace that the addresses are of, as in /proc/PID/ns/net")
    public long networkNamespace;

    @Override
    public void times(long startTicks, long durationTicks) {
        TIMES.set(this, startTicks, durationTicks);
    }
}
