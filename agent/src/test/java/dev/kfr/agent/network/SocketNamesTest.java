// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.network;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class SocketNamesTest {
    private static final int AF_UNIX = 1;
    private static final int AF_INET6 = 10;
    private static final int AF_NETLINK = 16;

    @Test
    void namesWhatHasAName() {
        assertEquals("AF_INET6", SocketNames.family(AF_INET6));
        assertEquals("SOCK_SEQPACKET", SocketNames.type(5));
        assertEquals("FIN_WAIT2", SocketNames.state(5));
        assertEquals("ACCEPTED", SocketNames.direction(2));
    }

    @Test
    void aProtocolIsOneOfItsFamily() {
        assertEquals("UDP", SocketNames.protocol(AF_INET6, 17));
        assertEquals("ROUTE", SocketNames.protocol(AF_NETLINK, 0));
        assertEquals("", SocketNames.protocol(AF_UNIX, 0));
    }

    @Test
    void showsTheNumberOfWhatHasNone() {
        assertEquals("99", SocketNames.family(99));
        assertEquals("77", SocketNames.type(77));
        assertEquals("200", SocketNames.protocol(AF_INET6, 200));
        assertEquals("13", SocketNames.state(13));
        assertEquals("", SocketNames.direction(-1));
    }
}
