// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.network;

import static dev.kfr.agent.jmx.TextTable.bytes;
import static dev.kfr.agent.jmx.TextTable.count;
import static dev.kfr.agent.jmx.TextTable.rate;
import static dev.kfr.agent.jmx.TextTable.time;

import dev.kfr.agent.jmx.Counters;
import dev.kfr.agent.jmx.CountersMonitor;
import dev.kfr.agent.jmx.OneLook;
import dev.kfr.agent.jmx.Rates;
import dev.kfr.agent.jmx.Since;
import dev.kfr.agent.jmx.TextTable;
import dev.kfr.agent.record.ProcessCounts;
import dev.kfr.agent.record.ProcessTotals;
import dev.kfr.agent.record.Processes;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/** Behind {@code kernel:type=Network}. Thread-safe. */
public final class NetworkMonitor extends CountersMonitor implements NetworkMXBean {
    private static final DateTimeFormatter CLOCK =
            DateTimeFormatter.ofPattern("HH:mm:ss.SSS").withZone(ZoneId.systemDefault());

    private record Look(ProcessTotals totals, NetworkCounts all, long forgotten, double[] rates) {}

    private final Counters<NetworkCounters> counters;
    private final Counters<RecentConnections> connections;
    private final Processes processes;
    private final OneLook<Look> look = new OneLook<>(this::look);
    private final Rates rates = new Rates(8);

    /** @param connections have connections listed as long as somebody reads */
    public NetworkMonitor(
            Counters<NetworkCounters> counters, Counters<RecentConnections> connections, Processes processes) {
        super(counters);
        this.counters = counters;
        this.connections = connections;
        this.processes = processes;
    }

    private Look look() {
        NetworkCounters now = counters.demand();
        connections.demand();
        ProcessTotals totals = totals(now);
        NetworkCounts all = NetworkCounts.of(totals.all());
        double[] perSecond = rates.read(
                System.nanoTime(),
                all.sockets(),
                all.opened(),
                all.accepted(),
                all.bytesSent(),
                all.bytesReceived(),
                all.tcpSent() + all.udpSent(),
                all.tcpReceived() + all.udpReceived(),
                all.retransmits());
        return new Look(totals, all, now == null ? 0 : now.forgotten().getAsLong(), perSecond);
    }

    private static ProcessTotals totals(NetworkCounters now) {
        if (now != null) {
            try {
                return now.table().totals();
            } catch (IllegalStateException closed) {
                // taken out of the kernel meanwhile: as if there had been none
            }
        }
        return ProcessTotals.none(NetworkCounts.FIELDS.size());
    }

    @Override
    public <R> R during(Supplier<R> request) {
        return look.during(request);
    }

    @Override
    public long getSocketsCreated() {
        return look.get().all.sockets();
    }

    @Override
    public long getConnectionsOpened() {
        return look.get().all.opened();
    }

    @Override
    public long getConnectionsAccepted() {
        return look.get().all.accepted();
    }

    @Override
    public long getBytesSent() {
        return look.get().all.bytesSent();
    }

    @Override
    public long getBytesReceived() {
        return look.get().all.bytesReceived();
    }

    @Override
    public long getMessagesSent() {
        return look.get().all.tcpSent() + look.get().all.udpSent();
    }

    @Override
    public long getMessagesReceived() {
        return look.get().all.tcpReceived() + look.get().all.udpReceived();
    }

    @Override
    public long getRetransmits() {
        return look.get().all.retransmits();
    }

    @Override
    public long getConnectionsForgotten() {
        return look.get().forgotten;
    }

    @Override
    public double getSocketsCreatedPerSecond() {
        return look.get().rates[0];
    }

    @Override
    public double getConnectionsOpenedPerSecond() {
        return look.get().rates[1];
    }

    @Override
    public double getConnectionsAcceptedPerSecond() {
        return look.get().rates[2];
    }

    @Override
    public double getBytesSentPerSecond() {
        return look.get().rates[3];
    }

    @Override
    public double getBytesReceivedPerSecond() {
        return look.get().rates[4];
    }

    @Override
    public double getMessagesSentPerSecond() {
        return look.get().rates[5];
    }

    @Override
    public double getMessagesReceivedPerSecond() {
        return look.get().rates[6];
    }

    @Override
    public double getRetransmitsPerSecond() {
        return look.get().rates[7];
    }

    @Override
    public List<ProcessRow> getTopProcesses() {
        var rows = new ArrayList<ProcessRow>();
        for (ProcessCounts counts : look.get().totals.top(tableSize.get(), NetworkCounts::bytes)) {
            Processes.Info process = processes.of(Math.max(counts.process(), 0));
            NetworkCounts c = NetworkCounts.of(counts);
            rows.add(new ProcessRow(
                    process.pid(),
                    process.name(),
                    process.container(),
                    c.opened(),
                    c.accepted(),
                    c.sockets(),
                    c.tcpBytesSent(),
                    c.tcpBytesReceived(),
                    c.tcpSent(),
                    c.tcpReceived(),
                    c.udpBytesSent(),
                    c.udpBytesReceived(),
                    c.udpSent(),
                    c.udpReceived(),
                    c.retransmits()));
        }
        return rows;
    }

    @Override
    public List<ConnectionRow> getRecentConnections() {
        look.get(); // has connections listed from now on
        return connections.demand().latest(tableSize.get());
    }

    @Override
    public String show() {
        return look.during(() -> {
            Look now = look.get();
            NetworkCounts all = now.all;
            String head = "Network since " + Since.text(counters) + "\n"
                    + "  " + count(all.sockets()) + " sockets, " + count(all.opened()) + " connections opened ("
                    + rate(now.rates[1]) + "/s), " + count(all.accepted()) + " accepted (" + rate(now.rates[2])
                    + "/s), " + bytes(all.bytesSent()) + " sent (" + bytes((long) now.rates[3]) + "/s), "
                    + bytes(all.bytesReceived()) + " received (" + bytes((long) now.rates[4]) + "/s), "
                    + count(all.retransmits()) + " retransmits\n\n";
            return head + topProcesses() + "\n" + recentConnections();
        });
    }

    private String topProcesses() {
        var table = new TextTable(
                "Processes with most bytes",
                ">opened",
                ">accepted",
                ">TCP sent",
                ">TCP received",
                ">UDP sent",
                ">UDP received",
                ">retransmits",
                ">pid",
                "process",
                "container");
        for (ProcessRow row : getTopProcesses()) {
            table.row(
                    count(row.opened()),
                    count(row.accepted()),
                    bytes(row.tcpBytesSent()),
                    bytes(row.tcpBytesReceived()),
                    bytes(row.udpBytesSent()),
                    bytes(row.udpBytesReceived()),
                    count(row.retransmits()),
                    row.pid(),
                    row.name(),
                    row.container());
        }
        return table.toString();
    }

    private String recentConnections() {
        var table = new TextTable(
                "TCP connections that ended last",
                "time",
                ">pid",
                "process",
                "direction",
                "local",
                "remote",
                ">lived",
                ">sent",
                ">received",
                ">retransmits",
                ">RTT",
                "error");
        for (ConnectionRow row : getRecentConnections()) {
            table.row(
                    CLOCK.format(row.time().toInstant()),
                    row.pid(),
                    row.name(),
                    row.direction(),
                    end(row.localAddress(), row.localPort()),
                    end(row.remoteAddress(), row.remotePort()),
                    time(row.lifetime()),
                    bytes(row.bytesSent()),
                    bytes(row.bytesReceived()),
                    count(row.retransmits()),
                    time(row.smoothedRtt()),
                    row.error());
        }
        return table.toString();
    }

    private static String end(String address, int port) {
        return address.indexOf(':') < 0 ? address + ":" + port : "[" + address + "]:" + port;
    }
}
