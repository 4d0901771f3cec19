// SPDX-License-Identifier: Apache-2.0
package dev.kfr.events.files;

import dev.kfr.events.EventTimes;
import dev.kfr.events.KernelEvent;
import dev.kfr.events.ThrottleSetting;
import java.lang.invoke.MethodHandles;
import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.SettingDefinition;

/** A file that was opened, or could not be. */
@Name("kernel.FileOpen")
@Label("File Open")
@Category({"Kernel", "Files"})
@Description("A file that was opened, or could not be")
public final class FileOpen extends KernelEvent {
    private static final EventTimes TIMES = EventTimes.of(MethodHandles.lookup());

    @Label("Path")
    @Description(
            "The file as the process sees it, links resolved; if the call failed the path that was asked for, made absolute")
    public String path;

    @Label("Flags")
    @Description("How it was opened, such as O_RDONLY|O_CLOEXEC")
    public String flags;

    @Label("Mode")
    @Description("Permissions asked for a new file, in octal; empty if none was to be made")
    public String mode;

    @Label("FD")
    @Description("What the call returned; -1 if it failed")
    public int fileDescriptor;

    @Label("Error")
    @Description("Why the call failed, such as ENOENT; empty if it did not")
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
