// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.files;

import dev.kfr.agent.jmx.Described;
import java.util.Date;
import java.util.List;

/** {@code kernel:type=Files}. */
@Described(
        "What the host's processes do with files, as the kernel sees it; regular files, without io_uring and mapped files."
                + " Counting starts at the first read.")
public interface FilesMXBean {
    /** One file, of all running processes. */
    record FileRow(
            @Described("the file; device and inode if its name is not known") String path,
            @Described("successful opens") long opens,
            @Described("calls that read") long reads,
            @Described("calls that wrote") long writes,
            @Described("calls that made data durable") long syncs,
            @Described("bytes read") long bytesRead,
            @Described("bytes written") long bytesWritten,
            @Described("time in calls that read, in ns") long readTime,
            @Described("time in calls that wrote, in ns") long writeTime,
            @Described("time in calls that made data durable, in ns") long syncTime) {}

    /** One process, with all its files. */
    record ProcessRow(
            @Described("process id as the agent sees it, or the host's") long pid,
            @Described("name of the process") String name,
            @Described("container or control group, empty on the host") String container,
            @Described("successful opens") long opens,
            @Described("calls that read") long reads,
            @Described("calls that wrote") long writes,
            @Described("calls that made data durable") long syncs,
            @Described("bytes read") long bytesRead,
            @Described("bytes written") long bytesWritten,
            @Described("time in calls that read, in ns") long readTime,
            @Described("time in calls that wrote, in ns") long writeTime,
            @Described("time in calls that made data durable, in ns") long syncTime) {}

    @Described("Successful opens since counting began")
    long getOpens();

    @Described("Calls that read since counting began")
    long getReads();

    @Described("Calls that wrote since counting began")
    long getWrites();

    @Described("Calls that made data durable (fsync and the like) since counting began")
    long getSyncs();

    @Described("Names of files removed since counting began")
    long getDeletes();

    @Described("Files renamed since counting began")
    long getRenames();

    @Described("Reads, writes and syncs that failed since counting began")
    long getErrors();

    @Described("Bytes read since counting began")
    long getBytesRead();

    @Described("Bytes written since counting began")
    long getBytesWritten();

    @Described("Time in calls that read, in ns")
    long getReadTime();

    @Described("Time in calls that wrote, in ns")
    long getWriteTime();

    @Described("Time in calls that made data durable, in ns")
    long getSyncTime();

    @Described("Opens per second over the last second, or since the reading before if that is longer ago")
    double getOpensPerSecond();

    @Described("Reads per second over the last second, or since the reading before if that is longer ago")
    double getReadsPerSecond();

    @Described("Writes per second over the last second, or since the reading before if that is longer ago")
    double getWritesPerSecond();

    @Described("Syncs per second over the last second, or since the reading before if that is longer ago")
    double getSyncsPerSecond();

    @Described(
            "Names of files removed per second over the last second, or since the reading before if that is longer ago")
    double getDeletesPerSecond();

    @Described("Files renamed per second over the last second, or since the reading before if that is longer ago")
    double getRenamesPerSecond();

    @Described(
            "Reads, writes and syncs that failed, per second over the last second, or since the reading before if that is longer ago")
    double getErrorsPerSecond();

    @Described("Bytes read per second over the last second, or since the reading before if that is longer ago")
    double getBytesReadPerSecond();

    @Described("Bytes written per second over the last second, or since the reading before if that is longer ago")
    double getBytesWrittenPerSecond();

    @Described(
            "Time in calls that read, in ns per second over the last second, or since the reading before if that is longer ago")
    double getReadTimePerSecond();

    @Described(
            "Time in calls that wrote, in ns per second over the last second, or since the reading before if that is longer ago")
    double getWriteTimePerSecond();

    @Described(
            "Time in calls that made data durable, in ns per second over the last second, or since the reading before if that is longer ago")
    double getSyncTimePerSecond();

    @Described("Files with most bytes read and written by running processes")
    List<FileRow> getTopFiles();

    @Described("Running processes with most bytes read and written")
    List<ProcessRow> getTopProcesses();

    @Described("How many rows the tables have")
    int getTableSize();

    void setTableSize(int rows);

    @Described("Since when the counters run; null if they don't")
    Date getCountingSince();

    @Described("The tables as text")
    String show();
}
