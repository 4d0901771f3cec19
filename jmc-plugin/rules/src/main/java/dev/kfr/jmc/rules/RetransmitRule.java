// SPDX-License-Identifier: Apache-2.0
package dev.kfr.jmc.rules;

import java.util.List;
import org.openjdk.jmc.common.unit.IQuantity;
import org.openjdk.jmc.common.unit.UnitLookup;
import org.openjdk.jmc.common.util.IPreferenceValueProvider;
import org.openjdk.jmc.common.util.TypedPreference;
import org.openjdk.jmc.flightrecorder.rules.TypedResult;

/**
 * TCP has to send again what nobody acknowledged.
 *
 * <p>The measure is the share of the segments that a process sent in the worst minute that were sent again. How many it
 * sent is estimated from its calls and bytes (one segment for each call and for each 1,448 bytes), rather too high, so
 * the share is rather too low. Within a data centre it is 0.01 %; what TCP carries over a path falls with the square
 * root of the loss (Mathis and others, 1997): <b>information at 1 %</b>, where a connection over 50 ms carries less
 * than 3 Mbit/s, and one message in a hundred comes 200 ms late; <b>warning at 5 %</b>, where connections stall and
 * connects begin to time out. Fewer than 30 in a minute say nothing.
 */
public final class RetransmitRule implements KernelRule {
    private static final String STATISTICS = "kernel.NetworkStatistics";
    private static final String RETRANSMIT = "kernel.TcpRetransmit";
    /** What a segment carries on Ethernet with time stamps. */
    private static final double SEGMENT = 1448;

    static final Limits LIMITS = Limits.of(
            "dev.kfr.network.retransmits", "share of TCP segments sent again", Typed.share(0.01), Typed.share(0.05));
    static final TypedPreference<IQuantity> LEAST = Limits.preference(
            "dev.kfr.network.retransmits.least",
            "Least retransmits of a minute",
            "A minute with fewer retransmits of a process is not judged",
            Typed.number(30));

    static final TypedResult<IQuantity> SHARE =
            Typed.share("share", "Share of segments sent again in the worst minute");
    static final TypedResult<IQuantity> COUNT = Typed.number("count", "Segments sent again in the worst minute");
    static final TypedResult<String> PEERS = Typed.text("peers", "Where to");
    static final TypedResult<String> PROCESS = Typed.text("process", "Process");
    static final TypedResult<IQuantity> WHEN = Typed.instant("when", "Start of the worst minute");

    private static final int AGAIN = 0;
    private static final int SENT = 1;

    private static final Description DESCRIPTION = new Description(
            "KernelTcpRetransmits",
            "TCP Retransmits",
            Topics.NETWORK,
            List.of(STATISTICS),
            LIMITS.and(LEAST),
            List.of(SHARE, COUNT, PEERS, PROCESS, WHEN));

    @Override
    public Description description() {
        return DESCRIPTION;
    }

    @Override
    public Finding examine(Recorded recorded, IPreferenceValueProvider preferences) {
        double least = preferences.getPreferenceValue(LEAST).doubleValue();
        var minutes = new Minutes<Who>(recorded, 2);
        recorded.eachOwn(
                STATISTICS,
                row -> minutes.spread(
                        row.who(),
                        row,
                        row.number("retransmits"),
                        row.number("tcpMessagesSent") + row.number("tcpBytesSent") / SEGMENT));
        // A row is spread over minutes: rounding must not cost it the one that makes it count.
        var worst = minutes.worst(minute -> Math.rint(minute.sum(AGAIN)) < least ? 0 : share(minute));
        if (worst.isEmpty()) {
            return Finding.good("TCP had to send hardly anything again.");
        }
        var minute = worst.get();
        double score = LIMITS.curve(preferences, UnitLookup.PERCENT_UNITY).score(share(minute));
        if (score < Curve.INFO) {
            return Finding.good(score, "TCP had to send {share} of the segments again, at most.")
                    .with(SHARE, Typed.share(share(minute)));
        }
        return Finding.problem(
                        score,
                        "{process} had to send {share} of its TCP segments again.",
                        "In the minute from {when} {count} segments were not acknowledged in time, most of them by: {peers}. Each makes its connection wait, for 200 ms and more if"
                                + " little is on the way, and slows it down afterwards. The application only sees that some answers come late."
                                + recorded.loss("network").note(),
                        "If it is one peer, look at the path to it and at its load; if it is all, at this host's interface: drops and errors (ip -s link, ethtool -S), a full"
                                + " queue, a traffic limit of the cloud or the pod, a wrong MTU behind a tunnel. Retransmits in state SYN_SENT mean that the other side does not"
                                + " answer at all, or that its accept queue is full.")
                .with(SHARE, Typed.share(share(minute)))
                .with(COUNT, Typed.number(Math.rint(minute.sum(AGAIN))))
                .with(PEERS, peers(recorded, minute))
                .with(PROCESS, minute.key().toString())
                .with(WHEN, Typed.instant(minute.start()));
    }

    private static double share(Minutes.Minute<Who> minute) {
        return minute.sum(AGAIN) / Math.max(1, minute.sum(AGAIN) + minute.sum(SENT));
    }

    private static String peers(Recorded recorded, Minutes.Minute<Who> minute) {
        var peers = new Tally();
        recorded.eachOwn(RETRANSMIT, row -> {
            if (minute.contains(row.start())) {
                var peer = row.text("remoteAddress") + " port " + row.number("remotePort") + " (" + row.text("state")
                        + ")";
                peers.add(peer, Math.max(1, row.number("segments")));
            }
        });
        return peers.isEmpty() ? "unknown peers, as single retransmits were not recorded" : peers.inTimes();
    }
}
