// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.syscalls;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * What processes that ended did in an interval, bounded: beyond the bound the rows with least time give up their names, not their counts. Not
 * thread-safe.
 */
final class EndedChanges {
    private final int most;
    private final long others;
    private List<Change> changes = new ArrayList<>();
    private Sum folded = new Sum();

    /**
     * @param most how many rows keep their names
     * @param others key of the row of all others
     */
    EndedChanges(int most, long others) {
        this.most = most;
        this.others = others;
    }

    void add(Change change) {
        changes.add(change);
        if (changes.size() > most) {
            fold();
        }
    }

    /** Half of the bound is made free, so that this is rare. */
    private void fold() {
        changes.sort(Comparator.comparingLong(Change::totalTime).reversed());
        var surplus = changes.subList(most / 2, changes.size());
        surplus.forEach(change -> change.addTo(folded));
        surplus.clear();
    }

    /** What was added; from now on nothing was. */
    List<Change> take() {
        var taken = changes;
        if (folded.count > 0) {
            taken.add(folded.change(others));
        }
        clear();
        return taken;
    }

    void clear() {
        changes = new ArrayList<>();
        folded = new Sum();
    }
}
