// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.network;

import dev.kfr.agent.control.TableRows;
import dev.kfr.agent.record.ProcessTable;
import dev.kfr.agent.record.Processes;
import dev.kfr.agent.record.RowProcess;
import dev.kfr.events.Scope;
import dev.kfr.events.network.NetworkStatistics;
import java.util.function.Supplier;

/** Writes {@code kernel.NetworkStatistics}. */
final class NetworkRows extends TableRows<ProcessTable> {
    private final Processes processes;

    NetworkRows(Supplier<ProcessTable> table, Processes processes) {
        super(table);
        this.processes = processes;
    }

    @Override
    protected int write(ProcessTable table, Scope scope) {
        var interval = table.nextInterval(processes.in(scope));
        for (var row : interval.rows()) {
            var counts = NetworkCounts.of(row);
            var event = new NetworkStatistics();
            if (Processes.pid(row.process()) > 0) {
                RowProcess.fill(event, processes.of(row.process()));
            }
            event.interval = interval.nanos();
            event.tcpBytesSent = counts.tcpBytesSent();
            event.tcpBytesReceived = counts.tcpBytesReceived();
            event.tcpMessagesSent = count(counts.tcpSent());
            event.tcpMessagesReceived = count(counts.tcpReceived());
            event.udpBytesSent = counts.udpBytesSent();
            event.udpBytesReceived = counts.udpBytesReceived();
            event.udpMessagesSent = count(counts.udpSent());
            event.udpMessagesReceived = count(counts.udpReceived());
            event.connectionsOpened = count(counts.opened());
            event.connectionsAccepted = count(counts.accepted());
            event.socketsCreated = count(counts.sockets());
            event.retransmits = count(counts.retransmits());
            event.commit();
        }
        return interval.rows().size();
    }
}
