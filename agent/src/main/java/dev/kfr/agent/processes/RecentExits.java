// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.processes;

import dev.kfr.agent.processes.ProcessesMXBean.ExitRow;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/** The processes that ended last. Thread-safe. */
public final class RecentExits {
    static final int CAPACITY = 1000;

    private final Deque<ExitRow> exits = new ArrayDeque<>();

    public synchronized void add(ExitRow exit) {
        if (exits.size() == CAPACITY) {
            exits.removeLast();
        }
        exits.addFirst(exit);
    }

    synchronized List<ExitRow> latest(int most) {
        var rows = new ArrayList<ExitRow>(Math.min(most, exits.size()));
        for (ExitRow exit : exits) {
            if (rows.size() == most) {
                break;
            }
            rows.add(exit);
        }
        return rows;
    }
}
