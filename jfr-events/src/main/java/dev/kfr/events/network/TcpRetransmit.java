// SPDX-License-Identifier: Apache-2.0
package dev.kfr.events.network;

import dev.kfr.events.EventTimes;
import dev.kfr.events.KernelEvent;
import dev.kfr.events.ThrottleSetting;
import java.lang.invoke.MethodHandles;
import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.SettingDefinition;

/** Segments of a TCP connection that were sent again because nobody acknowledged them. */
@Name("kernel.TcpRetransmit")
@Label("TCP Retransmit")
@Category({"Kernel", "Network"})
@Description("Segments of a TCP connection that were sent again because nobody acknowledged them")
public final class TcpRetransmit extends KernelEvent {
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

    @Label("State")
    @Description("State of the connection, such as ESTABLISHED or SYN_SENT")
    public String state;

    @Label("Segments")
    @Description("How many segments were sent again at once")
    public int segments;

    @Label("Network Namespace")
    @Description("Inode of the network namespace that the addresses are of, as in /proc/PID/ns/net")
    public long networkNamespace;

    @SettingDefinition
    @Label("Throttle")
    @Description(
            "How many of these events may be recorded, such as 100/s, or off; the rest is counted in kernel.EventLoss")
    boolean throttle(ThrottleSetting.HundredPerSecond setting) {
        show(setting);
        return true;
    }

    @Override
    public void times(long startTicks, long durationTicks) {
        TIMES.set(this, startTicks, durationTicks);
    }
}
