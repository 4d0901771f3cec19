// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.files;

/**
 * What was done with a file, or with files.
 *
 * @param opens successful opens
 * @param reads calls that read
 * @param writes calls that wrote
 * @param syncs calls that made data durable
 * @param bytesRead bytes
 * @param bytesWritten bytes
 * @param readTime ns in calls that read
 * @param writeTime ns in calls that wrote
 * @param syncTime ns in calls that made data durable
 * @param errors reads, writes and syncs that failed
 */
public record FileCounts(
        long opens,
        long reads,
        long writes,
        long syncs,
        long bytesRead,
        long bytesWritten,
        long readTime,
        long writeTime,
        long syncTime,
        long errors) {
    static final int FIELDS = 10;

    /** As the columns of a table: in the order of the components. */
    static FileCounts of(long[] values, int at) {
        return new FileCounts(
                values[at],
                values[at + 1],
                values[at + 2],
                values[at + 3],
                values[at + 4],
                values[at + 5],
                values[at + 6],
                values[at + 7],
                values[at + 8],
                values[at + 9]);
    }

    FileCounts plus(FileCounts other) {
        return new FileCounts(
                opens + other.opens,
                reads + other.reads,
                writes + other.writes,
                syncs + other.syncs,
                bytesRead + other.bytesRead,
                bytesWritten + other.bytesWritten,
                readTime + other.readTime,
                writeTime + other.writeTime,
                syncTime + other.syncTime,
                errors + other.errors);
    }

    /** Bytes both ways: what tables are sorted by. */
    public long bytes() {
        return bytesRead + bytesWritten;
    }

    /** Calls of all kinds, for files with the same number of bytes. */
    long calls() {
        return opens + reads + writes + syncs;
    }
}
