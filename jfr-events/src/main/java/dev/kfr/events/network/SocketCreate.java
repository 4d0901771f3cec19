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

/** A socket that a program made, or could not make; not those of accepted connections. */
@Name("kernel.SocketCreate")
@Label("Socket Create")
@Category({"Kernel", "Network"})
@Description("A socket that a program made, or could not make; not those of accepted connections")
public final class SocketCreate extends KernelEvent {
    private static final EventTimes TIMES = EventTimes.of(MethodHandles.lookup());

    @Label("Family")
    @Description("Family of addresses, such as AF_INET6")
    public String family;

    @Label("Type")
    @Description("Kind of socket, such as SOCK_STREAM")
    public String type;

    @Label("Protocol")
    @Description("Protocol, such as TCP or UDP; empty if the family has none")
    public String protocol;

    @Label("FD")
    @Description("Descriptor of the socket; -1 if it could not be made")
    public int fileDescriptor;

    @Label("Error")
    @Description("Why the call failed, such as EMFILE; empty if it did not")
    public String error;

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
