// SPDX-License-Identifier: Apache-2.0
package dev.kfr.events.files;

import dev.kfr.events.EventTimes;
import dev.kfr.events.PeriodicKernelEvent;
import java.lang.invoke.MethodHandles;
import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.Timespan;

/** What a process did with a file. */
@Name("kernel.FileStatistics")
@Label("File Statistics")
@Category({"Kernel", "Files"})
@Description("What a process did with a file")
public final class FileStatistics extends PeriodicKernelEvent {
    private static final EventTimes TIMES = EventTimes.of(MethodHandles.lookup());

    @Label("Path")
    @Description("The file; '(other)' stands for all files of the process that have no row of their own")
    public String path;

    @Label("Opens")
    @Description("How often it was opened")
    public int opens;

    @Label("Reads")
    @Description("Calls that read from it")
    public int reads;

    @Label("Writes")
    @Description("Calls that wrote to it")
    public int writes;

    @Label("Bytes Read")
    @Description("How much was read")
    @DataAmount(DataAmount.BYTES)
    public long bytesRead;

    @Label("Bytes Written")
    @Description("How much was written")
    @DataAmount(DataAmount.BYTES)
    public long bytesWritten;

    @Label("Read Time")
    @Description("Time that the reading calls took")
    @Timespan(Timespan.NANOSECONDS)
    public long readTime;

    @Label("Write Time")
    @Description("Time that the writing calls took")
    @Timespan(Timespan.NANOSECONDS)
    public long writeTime;

    @Override
    public void times(long startTicks, long durationTicks) {
        TIMES.set(this, startTicks, durationTicks);
    }
}
