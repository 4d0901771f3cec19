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

/** A file or directory that was renamed, or could not be. */
@Name("kernel.FileRename")
@Label("File Rename")
@Category({"Kernel", "Files"})
@Description("A file or directory that was renamed, or could not be")
public final class FileRename extends KernelEvent {
    private static final EventTimes TIMES = EventTimes.of(MethodHandles.lookup());

    @Label("Path")
    @Description("The old path as the program named it, made absolute")
    public String path;

    @Label("New Path")
    @Description("The new path as the program named it, made absolute")
    public String newPath;

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
