// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.truth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.management.openmbean.CompositeData;
import jdk.jfr.consumer.RecordedEvent;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Connections and what is sent through them, against programs that know what they did and what the kernel told them of it ({@code TCP_INFO}),
 * and against the kernel's own statistics.
 */
class NetworkIT {
    private static final long MICROSECOND = 1_000;
    private static final long MILLISECOND = 1_000_000;

    private static Host host;

    @BeforeAll
    static void start() throws Exception {
        host = Host.start("ring=64M");
    }

    @AfterAll
    static void stop() throws Exception {
        host.close();
    }

    /** One end of a connection as its owner knows it. */
    private record End(
            String direction, long localPort, long remotePort, long sent, long received, long rtt, long retransmits) {
        static List<End> of(Witness witness) {
            return witness.lines().stream()
                    .filter(line -> line.contains(" remote="))
                    .map(End::of)
                    .toList();
        }

        private static End of(String line) {
            var fields = Witness.fields(line);
            boolean opened = line.startsWith("client=");
            return new End(
                    opened ? "OPENED" : "ACCEPTED",
                    fields.get(opened ? "client" : "server"),
                    fields.get("remote"),
                    fields.get("sent"),
                    fields.get("received"),
                    fields.get("rtt") * MICROSECOND,
                    fields.get("retransmits"));
        }
    }

    /** Ports of both ends name a connection: connections of a test are many, and none has a twin. */
    private static Map<String, RecordedEvent> byPorts(List<RecordedEvent> connections) {
        var found = new HashMap<String, RecordedEvent>();
        for (var event : connections) {
            var before = found.put(event.getInt("localPort") + "-" + event.getInt("remotePort"), event);
            assertEquals(null, before, () -> "told twice: " + event);
        }
        return found;
    }

    private static void agree(End end, RecordedEvent event) {
        var figures = "owner: " + end + "\nevent: " + event;
        assertEquals(end.direction, event.getString("direction"), figures);
        assertEquals(end.sent, event.getLong("bytesSent"), figures);
        assertEquals(end.received, event.getLong("bytesReceived"), figures);
        assertEquals(end.retransmits, event.getInt("retransmits"), figures);
        assertTrue(event.getDuration("lifetime").toNanos() > 0, figures);
    }

    @ParameterizedTest
    @CsvSource({
        "4, client",
        "4, server",
        "4, both",
        "4, half",
        "4, reset",
        "4, refuse-rest",
        "6, client",
        "6, server",
        "6, reset",
        "mapped, client",
        "mapped, half"
    })
    void tellsOfBothEndsHoweverTheyAreClosed(String family, String order) throws Exception {
        final int connections = 50;
        final int bytes = 5_000;
        try (var witness = Witness.talker("pairs", connections, family, order, bytes);
                var recording = host.record("TcpConnection", "TcpConnect threshold=0ms", "NetworkStatistics")) {
            witness.go();
            var events = recording.stop();
            long pid = witness.pid();
            var ends = End.of(witness);
            var found = byPorts(events.of("TcpConnection", pid));
            events.assertExactly(2 * connections, found.size(), "ends of connections");
            var address = family.equals("6") ? "::1" : "127.0.0.1";
            boolean resets = order.equals("reset") || order.equals("refuse-rest");
            for (var end : ends) {
                var event = found.get(end.localPort + "-" + end.remotePort);
                if (event == null && events.skipped() > 0) {
                    continue;
                }
                agree(end, event);
                assertEquals(address, event.getString("localAddress"), event::toString);
                assertEquals(address, event.getString("remoteAddress"), event::toString);
                boolean wasReset = resets && end.direction.equals("ACCEPTED");
                assertEquals(wasReset ? "ECONNRESET" : "", event.getString("error"), event::toString);
                if (order.equals("reset") && end.direction.equals("OPENED")) {
                    // Nothing was acknowledged after its owner asked.
                    assertEquals(
                            end.rtt, event.getDuration("smoothedRtt").toNanos(), () -> "owner: " + end + "\n" + event);
                }
                assertTrue(event.getDuration("smoothedRtt").toNanos() > 0, event::toString);
            }
            events.assertExactly(connections, events.of("TcpConnect", pid).size(), "connects");
            events.of("TcpConnect", pid).forEach(event -> assertEquals("", event.getString("error"), event::toString));
            events.assertExactly(connections, events.sum("NetworkStatistics", pid, "connectionsOpened"), "opened");
            events.assertExactly(connections, events.sum("NetworkStatistics", pid, "connectionsAccepted"), "accepted");
            long sent = ends.stream().mapToLong(End::sent).sum();
            long unread = order.equals("refuse-rest") ? 100L * connections : 0;
            events.assertExactly(sent, events.sum("NetworkStatistics", pid, "tcpBytesSent"), "bytes sent");
            events.assertExactly(
                    sent - unread, events.sum("NetworkStatistics", pid, "tcpBytesReceived"), "bytes received");
        }
    }

    @Test
    void tellsWhyConnectsFailed() throws Exception {
        final int each = 100;
        try (var witness = Witness.talker("refused", each);
                var recording = host.record("TcpConnect threshold=0ms", "TcpConnection", "NetworkStatistics")) {
            witness.go();
            var events = recording.stop();
            var connects = events.of("TcpConnect", witness.pid());
            long port = witness.values("port").getFirst();
            events.assertExactly(2 * each, connects.size(), "connects, blocking and not");
            for (var event : connects) {
                assertEquals("ECONNREFUSED", event.getString("error"), event::toString);
                assertEquals(port, event.getInt("remotePort"), event::toString);
                assertEquals("127.0.0.1", event.getString("remoteAddress"), event::toString);
            }
            long told = connects.stream()
                    .mapToLong(event -> event.getDuration().toNanos())
                    .sum();
            long took =
                    witness.values("took").stream().mapToLong(Long::longValue).sum();
            assertTrue(0 < told && told <= took, "in all: events " + told + " ns, witness " + took + " ns");
            assertEquals(List.of(), events.of("TcpConnection", witness.pid()));
            assertEquals(0, events.sum("NetworkStatistics", witness.pid(), "connectionsOpened"));
        }
    }

    @ParameterizedTest
    @CsvSource({"timeout, ETIMEDOUT, 2500", "abandon, ECANCELED, 50", "established 500, '', 500"})
    void tellsHowLongConnectsTook(String what, String error, long leastMillis) throws Exception {
        try (var witness = Witness.talker((Object[]) what.split(" "));
                var recording = host.record("TcpConnect threshold=20ms", "TcpRetransmit throttle=off")) {
            witness.go();
            var events = recording.stop();
            long port = witness.values("port").getFirst();
            long client = witness.values("client").getFirst();
            var connects = events.of("TcpConnect", witness.pid()).stream()
                    .filter(event -> event.getInt("remotePort") == port)
                    .filter(event -> event.getInt("localPort") == client)
                    .filter(event -> event.getString("error").equals(error))
                    .toList();
            assertEquals(1, connects.size(), () -> error + " in " + events.of("TcpConnect", witness.pid()));
            var connect = connects.getFirst();
            long duration = connect.getDuration().toNanos();
            long took = witness.values("took").getFirst();
            assertTrue(
                    leastMillis * MILLISECOND <= duration && duration <= took,
                    () -> leastMillis + " ms <= " + duration + " ns <= " + took + " ns");
            var again = events.of("TcpRetransmit", witness.pid()).stream()
                    .filter(event -> event.getInt("localPort") == connect.getInt("localPort"))
                    .toList();
            again.forEach(event -> assertEquals("SYN_SENT", event.getString("state"), event::toString));
            // Of one that failed the kernel tells nobody how often it asked; it was told to ask again once or, from
            // Linux 6.5 on, for 3 s.
            long least = what.startsWith("established")
                    ? witness.values("retransmits").getFirst()
                    : error.equals("ETIMEDOUT") ? 1 : 0;
            long most = what.startsWith("established") ? least : 2;
            assertTrue(
                    least <= again.size() && again.size() <= most,
                    () -> least + " <= " + again.size() + " <= " + most + ": " + connect + "\n" + again);
        }
    }

    @Test
    void tellsOfConnectsWithoutARoute() throws Exception {
        assumeRoot();
        try (var witness = Witness.talkerInItsOwnNetwork("unreachable");
                var recording = host.record("TcpConnect threshold=0ms")) {
            witness.go();
            var connects = recording.stop().of("TcpConnect", witness.pid());
            assertEquals(1, connects.size(), connects::toString);
            var connect = connects.getFirst();
            assertEquals("ENETUNREACH", connect.getString("error"), connect::toString);
            assertEquals("10.1.2.3", connect.getString("remoteAddress"), connect::toString);
            assertEquals(81, connect.getInt("remotePort"), connect::toString);
            assertEquals(networkOf(witness), connect.getLong("networkNamespace"), connect::toString);
        }
    }

    @Test
    void countsEachSegmentThatIsSentAgain() throws Exception {
        assumeRoot();
        try (var witness = Witness.talkerInItsOwnNetwork("drop", 6);
                var recording = host.record("TcpRetransmit throttle=off", "TcpConnection", "NetworkStatistics")) {
            witness.go();
            var events = recording.stop();
            long pid = witness.pid();
            var client = End.of(witness).getFirst();
            long segments = witness.values("segments").getFirst();
            assertEquals(segments, client.retransmits, "RetransSegs of the namespace and TCP_INFO of the socket");
            events.assertExactly(
                    segments,
                    events.of("TcpRetransmit", pid).stream()
                            .mapToLong(event -> event.getInt("segments"))
                            .sum(),
                    "segments in events");
            for (var event : events.of("TcpRetransmit", pid)) {
                assertEquals(client.localPort, event.getInt("localPort"), event::toString);
                assertEquals(client.remotePort, event.getInt("remotePort"), event::toString);
                assertEquals("ESTABLISHED", event.getString("state"), event::toString);
                assertEquals(networkOf(witness), event.getLong("networkNamespace"), event::toString);
            }
            events.assertExactly(segments, events.sum("NetworkStatistics", pid, "retransmits"), "segments in rows");
            var found = byPorts(events.of("TcpConnection", pid));
            for (var end : End.of(witness)) {
                var event = found.get(end.localPort + "-" + end.remotePort);
                agree(end, event);
                assertEquals(networkOf(witness), event.getLong("networkNamespace"), event::toString);
            }
        }
    }

    @Test
    void aConnectionIsItsOpenersAndDataWhoSendsIts() throws Exception {
        final int bytes = 12_345;
        try (var witness = Witness.talker("inherit", bytes);
                var recording = host.record("TcpConnection", "NetworkStatistics")) {
            witness.go();
            var events = recording.stop();
            long child = witness.values("child").getFirst();
            var found = byPorts(events.of("TcpConnection", witness.pid()));
            assertEquals(2, found.size(), found::toString);
            for (var end : End.of(witness)) {
                agree(end, found.get(end.localPort + "-" + end.remotePort));
            }
            events.assertExactly(bytes, events.sum("NetworkStatistics", child, "tcpBytesSent"), "sent by the child");
            events.assertExactly(bytes, events.sum("NetworkStatistics", child, "tcpBytesReceived"), "received by it");
            assertEquals(0, events.sum("NetworkStatistics", witness.pid(), "tcpBytesSent"), "sent by its parent");
        }
    }

    @Test
    void anAcceptedConnectionIsThatOfWhoAccepts() throws Exception {
        try (var witness = Witness.talker("handover");
                var recording = host.record("TcpConnection", "NetworkStatistics")) {
            witness.go();
            var events = recording.stop();
            long child = witness.values("child").getFirst();
            var opened = events.of("TcpConnection", witness.pid());
            var accepted = events.of("TcpConnection", child);
            assertEquals(List.of("OPENED"), directions(opened), opened::toString);
            assertEquals(List.of("ACCEPTED"), directions(accepted), accepted::toString);
            assertEquals(1, events.sum("NetworkStatistics", witness.pid(), "connectionsOpened"));
            assertEquals(1, events.sum("NetworkStatistics", child, "connectionsAccepted"));
        }
    }

    private static List<String> directions(List<RecordedEvent> connections) {
        return connections.stream().map(event -> event.getString("direction")).toList();
    }

    @Test
    void tellsOfEachSocket() throws Exception {
        final int each = 200;
        try (var witness = Witness.talker("sockets", each);
                var recording = host.record("SocketCreate throttle=off", "NetworkStatistics")) {
            witness.go();
            var events = recording.stop();
            var kinds = events.of("SocketCreate", witness.pid()).stream()
                    .collect(Collectors.groupingBy(
                            e -> String.join(
                                    " ",
                                    e.getString("family"),
                                    e.getString("type"),
                                    e.getString("protocol"),
                                    e.getString("error")),
                            TreeMap::new,
                            Collectors.counting()));
            var expected = new TreeMap<>(Map.of(
                    "AF_INET SOCK_STREAM TCP ", 1,
                    "AF_INET SOCK_DGRAM UDP ", 1,
                    "AF_INET6 SOCK_STREAM TCP ", 1,
                    "AF_INET6 SOCK_DGRAM UDP ", 1,
                    "AF_UNIX SOCK_SEQPACKET  ", 1,
                    "AF_NETLINK SOCK_RAW ROUTE ", 1,
                    "AF_UNIX SOCK_STREAM  ", 2,
                    "AF_INET SOCK_STREAM UDP EPROTONOSUPPORT", 1));
            assertEquals(expected.keySet(), kinds.keySet());
            expected.forEach((kind, times) -> events.assertExactly((long) each * times, kinds.get(kind), kind));
            events.assertExactly(
                    witness.values("sockets").getFirst(),
                    events.sum("NetworkStatistics", witness.pid(), "socketsCreated"),
                    "sockets in rows");
        }
    }

    @Test
    void countsWhatEachCallSendsAndReceivesByTcp() throws Exception {
        try (var witness = Witness.talker("tcp", 100, 777);
                var recording = host.record("NetworkStatistics")) {
            witness.go();
            var events = recording.stop();
            assertCounts(witness, events, "sent", "tcpMessagesSent");
            assertCounts(witness, events, "received", "tcpMessagesReceived");
            assertCounts(witness, events, "bytes", "tcpBytesSent");
            assertCounts(witness, events, "bytes", "tcpBytesReceived");
            assertEquals(0, events.sum("NetworkStatistics", witness.pid(), "udpMessagesSent"));
        }
    }

    @Test
    void countsMessagesAndBytesOfUdp() throws Exception {
        try (var witness = Witness.talker("udp", 100, 777);
                var recording = host.record("NetworkStatistics")) {
            witness.go();
            var events = recording.stop();
            assertCounts(witness, events, "sent", "udpMessagesSent");
            assertCounts(witness, events, "received", "udpMessagesReceived");
            assertCounts(witness, events, "bytes-sent", "udpBytesSent");
            assertCounts(witness, events, "bytes-received", "udpBytesReceived");
            assertEquals(0, events.sum("NetworkStatistics", witness.pid(), "tcpMessagesSent"));
        }
    }

    private static void assertCounts(Witness witness, Events events, String done, String field) {
        events.assertExactly(
                witness.values(done).getFirst(), events.sum("NetworkStatistics", witness.pid(), field), field);
    }

    @Test
    void countsEachConnectionUnderLoad() throws Exception {
        final int clients = 16;
        final int each = 500;
        final int bytes = 900;
        final long connections = (long) clients * each;
        final long volume = connections * bytes;
        host.count("Network");
        try (var witness = Witness.talker("load", clients, each, bytes);
                var recording = host.record("TcpConnection", "NetworkStatistics")) {
            var before = totals();
            witness.go();
            long child = witness.values("child").getFirst();
            Host.await("connections of the server are not closed", () -> connectionsOf(child) == 0);
            var after = totals();
            var server = host.row("Network", "TopProcesses", child);
            var recent = (CompositeData[]) host.attribute("Network", "RecentConnections");
            var events = recording.stop();
            assertEnds(events, witness.pid(), "OPENED", connections, volume);
            assertEnds(events, child, "ACCEPTED", connections, volume);
            for (long pid : List.of(witness.pid(), child)) {
                events.assertExactly(
                        volume, events.sum("NetworkStatistics", pid, "tcpBytesSent"), bytes, "sent by " + pid);
                events.assertExactly(
                        volume, events.sum("NetworkStatistics", pid, "tcpBytesReceived"), bytes, "got by " + pid);
            }
            events.assertExactly(
                    connections, events.sum("NetworkStatistics", witness.pid(), "connectionsOpened"), "opened");
            events.assertExactly(
                    connections, events.sum("NetworkStatistics", child, "connectionsAccepted"), "accepted");
            // Others talk too.
            var figures = "before " + before + ", after " + after + ", connections " + connections;
            assertTrue(after.get(0) - before.get(0) + events.skipped() >= connections, figures);
            assertTrue(after.get(1) - before.get(1) + events.skipped() >= connections, figures);
            assertTrue(after.get(2) - before.get(2) + events.skipped() * bytes >= 2 * volume, figures);
            assertTrue(after.get(3) - before.get(3) + events.skipped() * bytes >= 2 * volume, figures);
            events.assertExactly(connections, (long) server.get("accepted"), "accepted on the MBean");
            events.assertExactly(volume, (long) server.get("tcpBytesSent"), bytes, "bytes sent on the MBean");
            assertTrue(
                    Stream.of(recent).anyMatch(row -> row.get("pid").equals(child)),
                    () -> "recent connections, of which none is of " + child + ": " + List.of(recent));
            assertEquals(
                    events.losses("network", "produced"),
                    events.losses("network", "recorded")
                            + events.losses("network", "throttled")
                            + events.losses("network", "lost"),
                    () -> events.of("EventLoss").toString());
        }
    }

    private static List<Long> totals() throws Exception {
        return List.of(
                host.number("Network", "ConnectionsOpened"),
                host.number("Network", "ConnectionsAccepted"),
                host.number("Network", "BytesSent"),
                host.number("Network", "BytesReceived"));
    }

    /** Of a connection whose begin the kernel left out it is not known who opened it. */
    private static void assertEnds(Events events, long pid, String direction, long connections, long volume) {
        var found = events.of("TcpConnection", pid);
        long each = volume / connections;
        events.assertExactly(connections, found.size(), direction);
        var directions =
                found.stream().collect(Collectors.groupingBy(e -> e.getString("direction"), Collectors.counting()));
        events.assertExactly(connections, directions.getOrDefault(direction, 0L), directions + " of " + direction);
        events.assertExactly(
                volume, found.stream().mapToLong(e -> e.getLong("bytesSent")).sum(), each, direction + " sent");
        events.assertExactly(
                volume,
                found.stream().mapToLong(e -> e.getLong("bytesReceived")).sum(),
                each,
                direction + " received");
    }

    /** A client of the service: how many bytes it sent and got. */
    private static final class HttpClients {
        private static final int CLIENTS = 4;
        private static final int CONNECTIONS = 50;
        private static final int REQUESTS = 20;
        private static final byte[] BODY = new byte[3_000];

        private final AtomicLong sent = new AtomicLong();
        private final AtomicLong received = new AtomicLong();

        void run(int port) throws Exception {
            try (var threads = Executors.newFixedThreadPool(CLIENTS)) {
                var clients = new ArrayList<Future<?>>();
                for (int i = 0; i < CLIENTS; i++) {
                    clients.add(threads.submit(() -> connectAgainAndAgain(port)));
                }
                for (var client : clients) {
                    client.get();
                }
            }
        }

        private Void connectAgainAndAgain(int port) throws IOException {
            for (int i = 0; i < CONNECTIONS; i++) {
                try (var socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
                    for (int request = 1; request <= REQUESTS; request++) {
                        send(socket, request == REQUESTS);
                    }
                    received.addAndGet(socket.getInputStream().readAllBytes().length);
                }
            }
            return null;
        }

        private void send(Socket socket, boolean last) throws IOException {
            var head = "POST / HTTP/1.1\r\nHost: localhost\r\nConnection: " + (last ? "close" : "keep-alive")
                    + "\r\nContent-Length: " + BODY.length + "\r\n\r\n";
            socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
            socket.getOutputStream().write(BODY);
            sent.addAndGet(head.length() + BODY.length);
        }
    }

    @Test
    void agreesWithAServiceAndItsClients() throws Exception {
        final long connections = (long) HttpClients.CLIENTS * HttpClients.CONNECTIONS;
        var clients = new HttpClients();
        try (var service = Host.start("ring=64M", HttpService.class);
                var recording = service.record("TcpConnection")) {
            int port = Integer.parseInt(service.jvm().stdout().stream()
                    .filter(line -> line.startsWith("port="))
                    .findFirst()
                    .orElseThrow()
                    .substring("port=".length()));
            long before = service.events("network", "produced");
            clients.run(port);
            Host.await(
                    "connections are not closed",
                    () -> service.events("network", "produced") + service.skipped() >= before + 2 * connections);
            var events = recording.stop();
            var accepted = events.of("TcpConnection", service.jvm().pid()).stream()
                    .filter(event -> event.getInt("localPort") == port)
                    .toList();
            var opened = events.of("TcpConnection", ProcessHandle.current().pid()).stream()
                    .filter(event -> event.getInt("remotePort") == port)
                    .toList();
            events.assertExactly(connections, accepted.size(), "accepted by the service");
            events.assertExactly(connections, opened.size(), "opened by its clients");
            long sent = clients.sent.get();
            long received = clients.received.get();
            if (events.skipped() == 0) {
                var figures = "clients sent " + sent + " and got " + received + " in " + connections + " connections";
                assertEquals(sent, sum(opened, "bytesSent"), figures);
                assertEquals(received, sum(opened, "bytesReceived"), figures);
                assertEquals(sent, sum(accepted, "bytesReceived"), figures);
                assertEquals(received, sum(accepted, "bytesSent"), figures);
            }
            for (var event : accepted) {
                assertEquals("ACCEPTED", event.getString("direction"), event::toString);
                assertEquals("HTTP-Dispatcher", event.getThread("javaThread").getJavaName(), event::toString);
            }
        }
    }

    private static long sum(List<RecordedEvent> events, String field) {
        return events.stream().mapToLong(event -> event.getLong(field)).sum();
    }

    /** Sockets that a process has open beside those that listen. */
    private static long connectionsOf(long pid) {
        try (var descriptors = Files.list(Path.of("/proc/" + pid + "/fd"))) {
            Predicate<Path> socket = descriptor -> {
                try {
                    return Files.readSymbolicLink(descriptor).toString().startsWith("socket:");
                } catch (IOException closed) {
                    return false;
                }
            };
            return descriptors.filter(socket).count() - 1;
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void aScopeLeavesOutWhatOthersDo() throws Exception {
        try (var witness = Witness.talker("pairs", 10, "4", "client", 10);
                var recording = host.record(
                        "TcpConnection scope=jvm",
                        "TcpConnect threshold=0ms scope=jvm",
                        "SocketCreate scope=jvm throttle=off",
                        "NetworkStatistics scope=jvm")) {
            witness.go();
            var events = recording.stop();
            for (var type : List.of("TcpConnection", "TcpConnect", "SocketCreate", "NetworkStatistics")) {
                assertEquals(List.of(), events.of(type, witness.pid()), type);
            }
        }
    }

    @Test
    void tellsOfConnectionsThatAreOlderThanTheRecording() throws Exception {
        final var data = new byte[1000];
        try (var fresh = Host.start("mbeans=on-demand")) {
            final int port;
            final long before;
            final Host.Recording begun;
            try (var listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                    var client = new Socket(InetAddress.getLoopbackAddress(), listener.getLocalPort());
                    var server = listener.accept()) {
                client.getOutputStream().write(data);
                server.getInputStream().readNBytes(data.length);
                port = client.getLocalPort();
                before = System.nanoTime();
                begun = fresh.record("TcpConnection");
                client.getOutputStream().write(data);
                server.getInputStream().readNBytes(data.length);
            }
            try (var recording = begun) {
                var events = recording.stop();
                long watched = System.nanoTime() - before;
                var ends = events.of("TcpConnection", ProcessHandle.current().pid()).stream()
                        .filter(e -> e.getInt("localPort") == port || e.getInt("remotePort") == port)
                        .toList();
                assertEquals(2, ends.size(), ends::toString);
                for (var event : ends) {
                    boolean opener = event.getInt("localPort") == port;
                    assertEquals("UNKNOWN", event.getString("direction"), event::toString);
                    assertEquals(opener ? 2 * data.length : 0, event.getLong("bytesSent"), event::toString);
                    assertEquals(opener ? 0 : 2 * data.length, event.getLong("bytesReceived"), event::toString);
                    long lifetime = event.getDuration("lifetime").toNanos();
                    assertTrue(0 < lifetime && lifetime < watched, () -> lifetime + " of " + watched + " ns");
                }
            }
        }
    }

    /** Inode of the network namespace of a process. */
    private static long networkOf(Witness witness) throws IOException {
        var name = Files.readSymbolicLink(Path.of("/proc/" + witness.pid() + "/ns/net"))
                .toString();
        return Long.parseLong(name, name.indexOf('[') + 1, name.length() - 1, 10);
    }

    private static void assumeRoot() {
        assumeTrue(System.getProperty("user.name").equals("root"), "only root makes network namespaces");
    }
}
