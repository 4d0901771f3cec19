// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.network;

import dev.kfr.agent.network.NetworkMXBean.ConnectionRow;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/** The TCP connections that ended last. Thread-safe. */
public final class RecentConnections {
    static final int CAPACITY = 1000;

    private final Deque<ConnectionRow> ended = new ArrayDeque<>();

    synchronized void add(ConnectionRow connection) {
        if (ended.size() == CAPACITY) {
            ended.removeLast();
        }
        ended.addFirst(connection);
    }

    synchronized List<ConnectionRow> latest(int most) {
        var rows = new ArrayList<ConnectionRow>(Math.min(most, ended.size()));
        for (ConnectionRow connection : ended) {
            if (rows.size() == most) {
                break;
            }
            rows.add(connection);
        }
        return rows;
    }
}
