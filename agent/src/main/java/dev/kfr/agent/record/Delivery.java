// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.record;

import java.util.concurrent.atomic.AtomicLongArray;

/** What became of the events that arrived, for each subject. Written by the thread that drains the ring, read by any. */
public final class Delivery {
    private final AtomicLongArray recorded;
    private final AtomicLongArray unwanted;

    /** @param subjects how many subjects there are */
    public Delivery(int subjects) {
        recorded = new AtomicLongArray(subjects);
        unwanted = new AtomicLongArray(subjects);
    }

    /** Events of the subject that were committed. */
    public long recorded(int subject) {
        return recorded.get(subject);
    }

    /** Events of the subject that no recording wanted any more when they arrived, or that could not be decoded. */
    public long unwanted(int subject) {
        return unwanted.get(subject);
    }

    void recorded(int subject, int count) {
        recorded.setRelease(subject, recorded.getPlain(subject) + count);
    }

    void unwanted(int subject, int count) {
        unwanted.setRelease(subject, unwanted.getPlain(subject) + count);
    }
}
