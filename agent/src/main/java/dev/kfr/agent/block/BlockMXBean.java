// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.block;

import dev.kfr.agent.jmx.Described;
import java.util.Date;
import java.util.Map;

/** {@code kernel:type=Block}. */
@Described(
        "Requests to the host's disks, from their issue to the driver until their completion; request-based disks, so"
                + " not dm, md and zram themselves. Counting starts at the first read.")
public interface BlockMXBean {
    /** One disk. */
    record DeviceRow(
            @Described("requests completed, failed ones included") long requests,
            @Described("requests that read") long reads,
            @Described("requests that wrote, zones and zeroes included") long writes,
            @Described("requests to make data durable") long flushes,
            @Described("requests that discarded data") long discards,
            @Described("requests that failed") long errors,
            @Described("bytes read") long bytesRead,
            @Described("bytes written") long bytesWritten,
            @Described("bytes discarded") long bytesDiscarded,
            @Described("sum of the times from issue to completion, in ns") long totalTime,
            @Described("sum of the times that requests waited before they were issued, in ns") long queueTime,
            @Described("half of the requests took at most this long, in ns") long p50,
            @Described("99 of 100 requests took at most this long, in ns") long p99,
            @Described("the longest request, in ns") long maxTime) {}

    @Described("Requests completed since counting began, failed ones included")
    long getRequests();

    @Described("Bytes read and written since counting began; not what discards and zeroes covered")
    long getBytes();

    @Described("Requests that failed since counting began")
    long getErrors();

    @Described(
            "Requests among all whose issue was not seen, as when they were under way when counting began: their time is"
                    + " not known")
    long getRequestsWithoutTime();

    @Described("Requests per second over the last second, or since the reading before if that is longer ago")
    double getRequestsPerSecond();

    @Described("Bytes per second over the last second, or since the reading before if that is longer ago")
    double getBytesPerSecond();

    @Described(
            "Requests that failed, per second over the last second, or since the reading before if that is longer ago")
    double getErrorsPerSecond();

    @Described(
            "How many requests took how long, from issue to completion: the key is the time in ns that they stayed below,"
                    + " twice that of the row before")
    Map<Long, Long> getLatency();

    @Described("Each disk that completed requests, by its name in /proc/diskstats")
    Map<String, DeviceRow> getDevices();

    @Described("Since when the counters run; null if they don't")
    Date getCountingSince();

    @Described("The tables as text")
    String show();
}
