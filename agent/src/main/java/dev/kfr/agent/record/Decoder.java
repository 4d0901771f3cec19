// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.record;

/**
 * Turns one type of record into what it is for: an event in the recording, or knowledge about a process.
 *
 * <p>Runs on the thread that drains the ring, one record at a time. What it throws is counted and the record is skipped.
 */
@FunctionalInterface
public interface Decoder {
    void decode(Record record);
}
