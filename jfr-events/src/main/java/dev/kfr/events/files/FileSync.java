// SPDX-License-Identifier: Apache-2.0
package dev.kfr.events.files;

import dev.kfr.events.EventTimes;
import dev.kfr.events.KernelEvent;
import java.lang.invoke.MethodHandles;
import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.Threshold;

/** A call that waited until data was on the storage device, at least as long as the threshold. */
@Name("kernel.FileSync")
@Label("Slow File Sync")
@Category({"Kernel", "Files"})
@Description("A call that waited until data was on the storage device, at least as long as the threshold")
@Threshold("1 ms")
public final class FileSync extends KernelEvent {
    private static final EventTimes TIMES = EventTimes.of(MethodHandles.lookup());

    @Label("Path")
    @Description("The file as the process sees it; empty for msync, which names memory")
    public String path;

    @Label("Call")
    @Description("fsync, fdatasync, syncfs, sync_file_range or msync")
    public String call;

    @Label("Error")
    @Description("Why the call failed, such as ENOENT; empty if it did not")
    public String error;

    @Override
    public void times(long startTicks, long durationTicks) {
        TIMES.set(this, startTicks, durationTicks);
    }
}
