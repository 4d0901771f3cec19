// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.record;

import java.util.concurrent.atomic.AtomicLongArray;

/** What became of the events that arrived, for each subject. Written by the thread that drains the ring, read by any. */
public final class Delivery {
    private final AtomicLongArray recorded;
    private final AtomicLongArray unwanted;
    private final AtomicLongArray failed;
    private final AtomicLongArray tooShort;

    /** @param subjects how many subjects there are */
    public Delivery(int subjects) {
        recorded = new AtomicLongArray(subjects);
        unwanted = new AtomicLongArray(subjects);
        failed = new AtomicLongArray(subjects);
        tooShort = new AtomicLongArray(subjects);
    }

    /** Events of the subject that were committed. */
    public long recorded(int subject) {
        return recorded.get(subject);
    }

    /** Events of the subject that no recording wanted any more when they arrived. */
    public long unwanted(int subject) {
        return unwanted.get(subject);
    }

    /** Events of the subject that could not be decoded. */
    public long failed(int subject) {
        return failed.get(subject);
    }

    /**
     * Records of the subject that are no events, although the kernel side counted them as produced: shorter than the threshold, by less
     * than what the kernel side's threshold is lower than JFR's.
     */
    public long tooShort(int subject) {
        return tooShort.get(subject);
    }

    void recorded(int subject, int count) {
        add(recorded, subject, count);
    }

    void unwanted(int subject, int count) {
        add(unwanted, subject, count);
    }

    void failed(int subject, int count) {
        add(failed, subject, count);
    }

    void tooShort(int subject, int count) {
        add(tooShort, subject, count);
    }

    private static void add(AtomicLongArray counts, int subject, int count) {
        counts.setRelease(subject, counts.getPlain(subject) + count);
    }
}
