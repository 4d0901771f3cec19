// SPDX-License-Identifier: Apache-2.0
package dev.kfr.events.files;

import dev.kfr.events.EventTimes;
import dev.kfr.events.KernelEvent;
import java.lang.invoke.MethodHandles;
import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.Threshold;

/** A call that read from a regular file and took at least as long as the threshold. */
@Name("kernel.FileRead")
@Label("Slow File Read")
@Category({"Kernel", "Files"})
@Description("A call that read from a regular file and took at least as long as the threshold")
@Threshold("10 ms")
public final class FileRead extends KernelEvent {
    private static final EventTimes TIMES = EventTimes.of(MethodHandles.lookup());

    @Label("Path")
    @Description("The file as the process sees it, links resolved")
    public String path;

    @Label("Bytes")
    @Description("How much was read")
    @DataAmount(DataAmount.BYTES)
    public long bytes;

    @Label("Offset")
    @Description("Position in the file; -1 if it is not known")
    public long offset;

    @Label("Error")
    @Description("Why the call failed, such as ENOENT; empty if it did not")
    public String error;

    @Override
    public void times(long startTicks, long durationTicks) {
        TIMES.set(this, startTicks, durationTicks);
    }
}
