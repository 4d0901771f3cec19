// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.truth;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Comparator;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;
import jdk.jfr.consumer.RecordedEvent;

/** What a recording holds. */
record Events(List<RecordedEvent> all) {
    /** A file has them by the thread that wrote them. */
    static Events inOrder(List<RecordedEvent> all) {
        return new Events(all.stream()
                .sorted(Comparator.comparing(RecordedEvent::getStartTime))
                .toList());
    }

    /** Events of a type, such as {@code FileOpen}. */
    List<RecordedEvent> of(String type) {
        return stream(type).toList();
    }

    /** Events of a type about a process. */
    List<RecordedEvent> of(String type, long pid) {
        return stream(type).filter(event -> event.getLong("pid") == pid).toList();
    }

    private Stream<RecordedEvent> stream(String type) {
        return all.stream().filter(event -> event.getEventType().getName().equals("kernel." + type));
    }

    /** The sum of a field over all rows about a process. */
    long sum(String type, long pid, String field) {
        return sum(type, pid, field, row -> true);
    }

    long sum(String type, long pid, String field, Predicate<RecordedEvent> condition) {
        return of(type, pid).stream()
                .filter(condition)
                .mapToLong(row -> row.getLong(field))
                .sum();
    }

    /** The sum of a field of {@code kernel.EventLoss} about a subject. */
    long losses(String subject, String field) {
        return of("EventLoss").stream()
                .filter(row -> row.getString("subject").equals(subject))
                .mapToLong(row -> row.getLong(field))
                .sum();
    }

    /** Program runs that the kernel itself left out: what they would have counted is missing, and nothing else may be. */
    long skipped() {
        return of("EventLoss").stream().mapToLong(row -> row.getLong("skipped")).sum();
    }

    /** What was counted is what was done; it may be less by at most what the kernel itself left out. */
    void assertExactly(long done, long counted, String what) {
        assertExactly(done, counted, 1, what);
    }

    /** The same where each run that was left out may have been one of this {@code size}. */
    void assertExactly(long done, long counted, long size, String what) {
        long skipped = skipped();
        assertTrue(
                counted <= done && done <= counted + skipped * size,
                () -> what + ": done " + done + ", counted " + counted + ", skipped by the kernel " + skipped
                        + ", lost " + of("EventLoss") + of("ChunkEnd"));
    }
}
