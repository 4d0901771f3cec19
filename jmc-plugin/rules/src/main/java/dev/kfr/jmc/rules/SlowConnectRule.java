// SPDX-License-Identifier: Apache-2.0
package dev.kfr.jmc.rules;

import java.util.HashMap;
import java.util.List;
import org.openjdk.jmc.common.unit.IQuantity;
import org.openjdk.jmc.common.unit.UnitLookup;
import org.openjdk.jmc.common.util.IPreferenceValueProvider;
import org.openjdk.jmc.flightrecorder.rules.TypedResult;

/**
 * TCP connections take long to open, or can't be opened.
 *
 * <p>The measure is how slow the slow ones to one peer were in its worst minute: see {@link Slowest}. Opening takes one
 * round trip: less than 1 ms in a data centre, up to 300 ms around the world. <b>Information at 400 ms</b>, which no
 * distance on earth explains; <b>warning at 1 s</b>, the kernel's time until it sends a SYN again (RFC 6298): so the
 * first was lost, dropped by a firewall or by a full accept queue. An attempt that failed counts by its time likewise:
 * a refusal comes at once and is not this rule's, a time-out is. That the program gave up itself ({@code ECANCELED})
 * counts, too, as it had waited.
 */
public final class SlowConnectRule implements KernelRule {
    private static final String CONNECT = "kernel.TcpConnect";

    static final Limits LIMITS = Limits.of(
            "dev.kfr.network.connect",
            "time of a slow TCP connect",
            UnitLookup.MILLISECOND.quantity(400),
            UnitLookup.SECOND.quantity(1));

    static final TypedResult<IQuantity> SLOW = Typed.time("slow", "Time of a slow connect in the worst minute");
    static final TypedResult<IQuantity> LONGEST = Typed.time("longest", "Longest connect in the worst minute");
    static final TypedResult<IQuantity> COUNT = Typed.number("count", "Recorded connects to that peer in that minute");
    static final TypedResult<IQuantity> FAILED = Typed.number("failed", "Those among them that failed");
    static final TypedResult<String> ERROR = Typed.text("error", "Their error");
    static final TypedResult<String> PEER = Typed.text("peer", "Peer");
    static final TypedResult<IQuantity> WHEN = Typed.instant("when", "Start of the worst minute");

    private static final Description DESCRIPTION = new Description(
            "KernelSlowConnects",
            "Slow TCP Connects",
            Topics.CONNECTIONS,
            List.of(CONNECT),
            LIMITS.and(),
            List.of(SLOW, LONGEST, COUNT, FAILED, ERROR, PEER, WHEN));

    @Override
    public Description description() {
        return DESCRIPTION;
    }

    @Override
    public Finding examine(Recorded recorded, IPreferenceValueProvider preferences) {
        var slowest = new Slowest<String>(recorded);
        recorded.eachOwn(CONNECT, row -> slowest.add(peer(row), row.start(), row.duration()));
        var worst = slowest.worst();
        if (worst.count() == 0) {
            return Finding.good("No TCP connection took long enough to open to be recorded.");
        }
        double score = LIMITS.curve(preferences, UnitLookup.MILLISECOND).score(worst.millis());
        if (score < Curve.INFO) {
            return Finding.good(score, "TCP connections opened fast: slow ones took {slow}.")
                    .with(SLOW, Typed.nanos(worst.measure()))
                    .with(LONGEST, Typed.nanos(worst.longest()))
                    .with(PEER, worst.key());
        }
        var errors = new HashMap<String, Integer>();
        recorded.eachOwn(CONNECT, row -> {
            boolean inMinute = row.start() >= worst.start() && row.start() < worst.start() + Minutes.LENGTH;
            if (inMinute && peer(row).equals(worst.key()) && !row.text("error").isEmpty()) {
                errors.merge(row.text("error"), 1, Integer::sum);
            }
        });
        int failed = errors.values().stream().mapToInt(Integer::intValue).sum();
        return Finding.problem(
                        score,
                        "Opening a TCP connection to {peer} took up to {longest}.",
                        "In the minute from {when} {count} attempts took long enough to be recorded, slow ones {slow}"
                                + (failed == 0 ? "" : "; {failed} failed ({error})")
                                + ". A time near 1, 3 or 7 seconds means that the first packet was not answered and sent again: lost on the way, dropped by a firewall or a"
                                + " security group, or by a server whose accept queue is full."
                                + recorded.loss("network").note(),
                        "Look at the server: does it accept fast enough (ss -lnt shows full queues), is its backlog large enough, is it up at all. Look at the way to it: DNS that names"
                                + " hosts that are gone, connection tracking tables that are full, NAT that has no ports left. On this side set a connect time-out and keep connections"
                                + " in a pool.")
                .with(SLOW, Typed.nanos(worst.measure()))
                .with(LONGEST, Typed.nanos(worst.longest()))
                .with(COUNT, Typed.number(worst.count()))
                .with(FAILED, Typed.number(failed))
                .with(ERROR, String.join(", ", errors.keySet()))
                .with(PEER, worst.key())
                .with(WHEN, Typed.instant(worst.start()));
    }

    private static String peer(Row row) {
        return row.text("remoteAddress") + " port " + row.number("remotePort");
    }
}
