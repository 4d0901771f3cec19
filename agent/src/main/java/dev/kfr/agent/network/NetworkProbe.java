// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.network;

import dev.kfr.agent.control.Hook;
import dev.kfr.agent.control.SubjectProbe;
import dev.kfr.agent.control.SyscallHooks;
import dev.kfr.agent.control.TableSize;
import dev.kfr.agent.record.CountedProcesses;
import dev.kfr.agent.record.Decoder;
import dev.kfr.agent.record.EventCounters;
import dev.kfr.agent.record.EventWriter;
import dev.kfr.agent.record.Layouts;
import dev.kfr.agent.record.ProcessEnds;
import dev.kfr.agent.record.ProcessTable;
import dev.kfr.agent.record.Processes;
import dev.kfr.bpf.BpfCollection;
import dev.kfr.bpf.BpfLink;
import dev.kfr.bpf.BpfObject;
import dev.kfr.events.network.NetworkStatistics;
import dev.kfr.events.network.SocketCreate;
import dev.kfr.events.network.TcpConnect;
import dev.kfr.events.network.TcpConnection;
import dev.kfr.events.network.TcpRetransmit;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The network: sockets, TCP connections one by one, and what processes send and receive. */
public final class NetworkProbe implements SubjectProbe {
    /** Name of the counters behind {@link #recent}. */
    public static final String CONNECTIONS = "network.connections";

    private static final String NAME = "network";
    private static final String OBJECT = SyscallHooks.OBJECT;
    private static final Hook STATE = Hook.of(OBJECT, "tcp_state", "btf", "raw");
    private static final Hook RETRANSMIT = Hook.of(OBJECT, "tcp_retransmit", "btf", "raw");

    /** Connections change their state in interrupts; whose they are is learned where accept ends. */
    private static final List<Hook> FOLLOWING = List.of(SyscallHooks.EXIT, STATE);

    private static final int CONNECTIONS_PER_PROCESS = 4;
    private static final int MOST_CONNECTIONS = 1 << 18;

    private final int capacity;
    private final Processes processes;
    private final RecentConnections recent = new RecentConnections();
    private volatile BpfCollection collection;
    private volatile ProcessTable table;

    /**
     * @param capacity how many processes the table is to hold
     * @param processes names of processes
     */
    public NetworkProbe(int capacity, Processes processes) {
        this.capacity = capacity;
        this.processes = processes;
    }

    /** The connections that ended last, while {@link #CONNECTIONS} are counted. */
    public RecentConnections recent() {
        return recent;
    }

    /** The counters; null while they are not in the kernel. */
    public NetworkCounters counted() {
        var open = collection;
        var counted = table;
        return open == null || counted == null ? null : new NetworkCounters(counted, () -> forgotten(open));
    }

    private static long forgotten(BpfCollection open) {
        try {
            return open.global("connections_forgotten").get();
        } catch (IllegalStateException closed) {
            return 0;
        }
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public Set<String> objects() {
        return Set.of(OBJECT);
    }

    @Override
    public List<EventSource> events() {
        return List.of(
                new EventSource(() -> SocketCreate.class, "RECORD_SOCKET_CREATE", List.of(SyscallHooks.EXIT)),
                new EventSource(() -> TcpConnection.class, "RECORD_TCP_CONNECTION", FOLLOWING),
                new EventSource(() -> TcpConnect.class, "RECORD_TCP_CONNECT", FOLLOWING),
                new EventSource(
                        () -> TcpRetransmit.class,
                        "RECORD_TCP_RETRANSMIT",
                        List.of(SyscallHooks.EXIT, STATE, RETRANSMIT)));
    }

    @Override
    public List<Counters> counters() {
        return List.of(
                new Counters(NAME, "network", List.of(SyscallHooks.EXIT, STATE, RETRANSMIT), true),
                new Counters(CONNECTIONS, "connections", FOLLOWING, false));
    }

    @Override
    public List<RowSource> rows() {
        return List.of(new RowSource(NetworkStatistics.class, NAME, new NetworkRows(() -> table, processes)));
    }

    @Override
    public void configure(BpfObject object, BpfCollection.Builder builder) {
        var row = object.struct("network_row");
        TableSize.of(capacity, row.size()).configure(builder, "network_rows", "network_rows_per_cpu");
        builder.maxEntries("connections", Math.min(CONNECTIONS_PER_PROCESS * capacity, MOST_CONNECTIONS));
    }

    @Override
    public void opened(BpfCollection opened) {
        table = new ProcessTable(
                opened.map("network_rows").memory(),
                opened.object().struct("network_row"),
                NetworkCounts.FIELDS,
                processes::alive);
        collection = opened;
    }

    /**
     * Connections that were remembered when the program was attached before may have been closed unseen, and their sockets may be others
     * by now.
     */
    @Override
    public void attached(Hook hook, BpfLink link) {
        var open = collection;
        if (hook.equals(STATE) && open != null) {
            open.global("following_since").set(System.nanoTime());
            open.map("connections").clear();
            open.map("listeners").clear();
        }
    }

    @Override
    public void counting(String counters, EventCounters events) {
        var counted = table;
        if (counted != null && counters.equals(NAME)) {
            counted.clear();
            collection.global("connections_forgotten").set(0);
        }
    }

    @Override
    public void ended(ProcessEnds.End end) {
        CountedProcesses.ended(table, end);
    }

    @Override
    public void closing(String object) {
        table = null;
        collection = null;
    }

    @Override
    public Map<String, Decoder> decoders(String object, EventWriter writer, int subject) {
        var decoders = new NetworkDecoders(writer, subject);
        return Map.of(
                "RECORD_SOCKET_CREATE", decoders.socket(),
                "RECORD_TCP_CONNECTION", decoders.connection(),
                "RECORD_TCP_CONNECT", decoders.connect(),
                "RECORD_TCP_RETRANSMIT", decoders.retransmit());
    }

    @Override
    public Map<String, Decoder> listeners(String object, Layouts layouts) {
        return Map.of("RECORD_CONNECTION_ENDED", new EndedConnections(layouts, recent, processes));
    }
}
