// SPDX-License-Identifier: Apache-2.0
package dev.kfr.jmc.rules;

import java.util.List;
import org.openjdk.jmc.common.unit.IQuantity;
import org.openjdk.jmc.common.unit.UnitLookup;
import org.openjdk.jmc.common.util.IPreferenceValueProvider;
import org.openjdk.jmc.common.util.TypedPreference;
import org.openjdk.jmc.flightrecorder.rules.TypedResult;

/**
 * Connections to or from the same peer are opened and closed again instead of being kept.
 *
 * <p>The measure is how many connections between the service and one peer ended in a second, throughout the worst
 * minute, that had lived for less than 5 s. Each costs a round trip, with TLS three and 1 to 2 ms of CPU time, and a
 * port for another minute (TIME_WAIT). <b>Information at 20 a second</b>: a few percent of a CPU with TLS, and each
 * request a round trip late. <b>Warning at 200 a second</b>: 12,000 of the 28,000 ports that there are for one peer are
 * waiting; at 470 a second connects begin to fail. Many clients with one request each are no churn, so peers are
 * counted one by one.
 */
public final class ConnectionChurnRule implements KernelRule {
    private static final String CONNECTION = "kernel.TcpConnection";
    private static final String ACCEPTED = "ACCEPTED";

    static final Limits LIMITS = Limits.of(
            "dev.kfr.network.churn", "short connections with one peer per second", Typed.number(20), Typed.number(200));
    static final TypedPreference<IQuantity> SHORT = Limits.preference(
            "dev.kfr.network.churn.lifetime",
            "Short lifetime",
            "Connections that lived for less than this are counted",
            UnitLookup.SECOND.quantity(5));

    static final TypedResult<IQuantity> RATE = Typed.number("rate", "Short connections per second in the worst minute");
    static final TypedResult<IQuantity> LIFETIME = Typed.time("lifetime", "How long they lived on average");
    static final TypedResult<IQuantity> BYTES = Typed.bytes("bytes", "What each of them carried on average");
    static final TypedResult<String> PEER = Typed.text("peer", "Peer");
    static final TypedResult<String> PROCESS = Typed.text("process", "Process");
    static final TypedResult<IQuantity> WHEN = Typed.instant("when", "Start of the worst minute");

    /** Of an accepted connection the own port tells the service, of an opened one the peer's. */
    private record Peer(Who who, boolean accepted, String address, long port) {
        @Override
        public String toString() {
            return accepted ? "from " + address + " to port " + port : "to " + address + " port " + port;
        }
    }

    private static final int COUNT = 0;
    private static final int TIME = 1;
    private static final int CARRIED = 2;

    private static final Description DESCRIPTION = new Description(
            "KernelConnectionChurn",
            "Connections Opened Again and Again",
            Topics.CONNECTIONS,
            List.of(CONNECTION),
            LIMITS.and(SHORT),
            List.of(RATE, LIFETIME, BYTES, PEER, PROCESS, WHEN));

    @Override
    public Description description() {
        return DESCRIPTION;
    }

    @Override
    public Finding examine(Recorded recorded, IPreferenceValueProvider preferences) {
        long brief = preferences.getPreferenceValue(SHORT).clampedLongValueIn(UnitLookup.NANOSECOND);
        var minutes = new Minutes<Peer>(recorded, 3);
        recorded.eachOwn(CONNECTION, row -> {
            if (row.number("lifetime") < brief) {
                boolean accepted = row.text("direction").equals(ACCEPTED);
                var peer = new Peer(
                        row.who(),
                        accepted,
                        row.text("remoteAddress"),
                        row.number(accepted ? "localPort" : "remotePort"));
                minutes.add(
                        peer,
                        row.start(),
                        1,
                        row.number("lifetime"),
                        row.number("bytesSent") + row.number("bytesReceived"));
            }
        });
        var worst = minutes.worst(minute -> minute.perSecond(COUNT));
        if (worst.isEmpty()) {
            return Finding.good("No connection was closed soon after it was opened.");
        }
        var minute = worst.get();
        double score = LIMITS.curve(preferences, UnitLookup.NUMBER_UNITY).score(minute.perSecond(COUNT));
        if (score < Curve.INFO) {
            return Finding.good(score, "Few connections were short: with one peer {rate} per second, at most.")
                    .with(RATE, Typed.number(minute.perSecond(COUNT)));
        }
        return Finding.problem(
                        score,
                        "{process} had {rate} short connections per second {peer}.",
                        "In the minute from {when} they lived for {lifetime} and carried {bytes} on average. Opening each costs a round trip, with TLS three and CPU time on both sides, and the"
                                + " side that closes first keeps the port for another minute."
                                + recorded.loss("network").note(),
                        minute.key().accepted()
                                ? "Have the client keep its connections (HTTP keep-alive, a pool), and look whether this service or a proxy before it closes them: keep-alive time-outs"
                                        + " and limits of requests per connection. If it is a health check, let it come less often."
                                : "Use one client object for all requests and read each answer to its end, so that java.net.http.HttpClient or the pool can use the connection again; for"
                                        + " databases and brokers use a pool with a minimum size, and check what its idle time-out and its validation do.")
                .with(RATE, Typed.number(minute.perSecond(COUNT)))
                .with(LIFETIME, Typed.nanos(minute.sum(TIME) / minute.sum(COUNT)))
                .with(BYTES, Typed.bytes(Math.round(minute.sum(CARRIED) / minute.sum(COUNT))))
                .with(PEER, minute.key().toString())
                .with(PROCESS, minute.key().who().toString())
                .with(WHEN, Typed.instant(minute.start()));
    }
}
