// SPDX-License-Identifier: Apache-2.0
package dev.kfr.jmc.rules;

import static dev.kfr.jmc.rules.Scene.nanos;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.openjdk.jmc.flightrecorder.rules.Severity;

class NetworkRulesTest {

    @Test
    void onePercentOfSegmentsSentAgainIsTold() throws Exception {
        try (var scene = Scene.begin()) {
            scene.rows(
                    0,
                    60,
                    "kernel.NetworkStatistics",
                    "retransmits",
                    10,
                    "tcpMessagesSent",
                    490,
                    "tcpBytesSent",
                    500 * 1448);
            scene.at(
                    30,
                    "kernel.TcpRetransmit",
                    "remoteAddress",
                    "192.0.2.7",
                    "remotePort",
                    5432,
                    "state",
                    "ESTABLISHED",
                    "segments",
                    1);
            var verdicts = scene.judge().found(RetransmitRule.class, Severity.INFO, "service");
            assertTrue(
                    Verdicts.describe(verdicts.of(RetransmitRule.class)).contains("192.0.2.7 port 5432 (ESTABLISHED)"));
        }
    }

    @Test
    void fivePercentOfSegmentsSentAgainIsAWarning() throws Exception {
        try (var scene = Scene.begin()) {
            scene.rows(
                    0,
                    60,
                    "kernel.NetworkStatistics",
                    "retransmits",
                    50,
                    "tcpMessagesSent",
                    450,
                    "tcpBytesSent",
                    500 * 1448);
            scene.judge().found(RetransmitRule.class, Severity.WARNING, "5");
        }
    }

    @Test
    void aBusyServiceHasSomeRetransmits() throws Exception {
        try (var scene = Scene.begin()) {
            scene.rows(
                    0,
                    60,
                    "kernel.NetworkStatistics",
                    "retransmits",
                    100,
                    "tcpMessagesSent",
                    10_000,
                    "tcpBytesSent",
                    100_000_000);
            scene.judge().good(RetransmitRule.class);
        }
    }

    @Test
    void fewRetransmitsOfFewSegmentsSayNothing() throws Exception {
        try (var scene = Scene.begin()) {
            scene.rows(0, 60, "kernel.NetworkStatistics", "retransmits", 4, "tcpMessagesSent", 5);
            scene.judge().good(RetransmitRule.class);
        }
    }

    @Test
    void connectsOfASecondAreAWarning() throws Exception {
        try (var scene = Scene.begin()) {
            for (int i = 0; i < 3; i++) {
                connect(scene, i * 10, 1.01, "");
            }
            scene.judge().found(SlowConnectRule.class, Severity.WARNING, "192.0.2.7 port 443");
        }
    }

    @Test
    void connectsOf400MillisecondsAreTold() throws Exception {
        try (var scene = Scene.begin()) {
            for (int i = 0; i < 3; i++) {
                connect(scene, i * 10, 0.4, "");
            }
            scene.judge().found(SlowConnectRule.class, Severity.INFO, "192.0.2.7 port 443");
        }
    }

    @Test
    void connectsAroundTheWorldAreGood() throws Exception {
        try (var scene = Scene.begin()) {
            for (int i = 0; i < 100; i++) {
                connect(scene, i, 0.3, "");
            }
            scene.judge().good(SlowConnectRule.class);
        }
    }

    @Test
    void connectsThatTimeOutAreToldWithTheirError() throws Exception {
        try (var scene = Scene.begin()) {
            for (int i = 0; i < 3; i++) {
                connect(scene, i * 10, 5, "ETIMEDOUT");
            }
            var verdicts = scene.judge().found(SlowConnectRule.class, Severity.WARNING, "192.0.2.7");
            assertTrue(Verdicts.describe(verdicts.of(SlowConnectRule.class)).contains("3 failed (ETIMEDOUT)"));
        }
    }

    @Test
    void twentyShortConnectionsASecondAreTold() throws Exception {
        try (var scene = Scene.begin()) {
            connections(scene, 20.1, 60, "OPENED", "192.0.2.7", 0.01);
            var verdicts = scene.judge().found(ConnectionChurnRule.class, Severity.INFO, "to 192.0.2.7 port 443");
            assertEquals(
                    10,
                    verdicts.value(ConnectionChurnRule.class, ConnectionChurnRule.LIFETIME)
                            .doubleValue());
        }
    }

    @Test
    void connectionsForEachRequestAreAWarning() throws Exception {
        try (var scene = Scene.begin()) {
            connections(scene, 200.5, 120, "ACCEPTED", "192.0.2.7", 0.01);
            scene.judge().found(ConnectionChurnRule.class, Severity.WARNING, "from 192.0.2.7 to port 8080");
        }
    }

    @Test
    void manyClientsWithOneRequestEachAreGood() throws Exception {
        try (var scene = Scene.begin()) {
            for (int i = 0; i < 12_000; i++) {
                connection(scene, i / 200.0, "ACCEPTED", "2001:db8::" + Integer.toHexString(i), 0.01);
            }
            scene.judge().good(ConnectionChurnRule.class);
        }
    }

    @Test
    void longConnectionsAreGood() throws Exception {
        try (var scene = Scene.begin()) {
            connections(scene, 50, 60, "OPENED", "192.0.2.7", 10);
            scene.judge().good(ConnectionChurnRule.class);
        }
    }

    @Test
    void aBurstAtTheStartIsNoChurn() throws Exception {
        try (var scene = Scene.begin()) {
            connections(scene, 200, 2, "OPENED", "192.0.2.7", 0.5);
            connection(scene, 600, "OPENED", "192.0.2.7", 0.5);
            scene.judge().good(ConnectionChurnRule.class);
        }
    }

    @Test
    void withoutEventsOfTheNetworkItCantBeTold() throws Exception {
        try (var scene = Scene.without("kernel.NetworkStatistics", "kernel.TcpConnect", "kernel.TcpConnection")) {
            scene.judge()
                    .notApplicable(RetransmitRule.class)
                    .notApplicable(SlowConnectRule.class)
                    .notApplicable(ConnectionChurnRule.class);
        }
    }

    private static void connect(Scene scene, double time, double length, String error) {
        scene.lasting(
                time, length, "kernel.TcpConnect", "remoteAddress", "192.0.2.7", "remotePort", 443, "error", error);
    }

    private static void connections(
            Scene scene, double rate, double until, String direction, String address, double lifetime) {
        for (int i = 0; i < rate * until; i++) {
            connection(scene, i / rate, direction, address, lifetime);
        }
    }

    private static void connection(Scene scene, double time, String direction, String address, double lifetime) {
        scene.at(
                time,
                "kernel.TcpConnection",
                "direction",
                direction,
                "remoteAddress",
                address,
                "remotePort",
                direction.equals("OPENED") ? 443 : 50_000,
                "localPort",
                direction.equals("OPENED") ? 50_000 : 8080,
                "lifetime",
                nanos(lifetime),
                "bytesSent",
                100,
                "bytesReceived",
                900);
    }
}
