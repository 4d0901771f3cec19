// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.network;

import java.util.Map;

/** What programs and people call the numbers of {@code socket(2)}; numbers that have no name here are shown as such. */
final class SocketNames {
    private static final int AF_INET = 2;
    private static final int AF_INET6 = 10;
    private static final int AF_NETLINK = 16;

    /** AF_* of {@code include/linux/socket.h}. */
    private static final Map<Integer, String> FAMILIES = Map.ofEntries(
            Map.entry(0, "AF_UNSPEC"),
            Map.entry(1, "AF_UNIX"),
            Map.entry(AF_INET, "AF_INET"),
            Map.entry(AF_INET6, "AF_INET6"),
            Map.entry(15, "AF_KEY"),
            Map.entry(AF_NETLINK, "AF_NETLINK"),
            Map.entry(17, "AF_PACKET"),
            Map.entry(21, "AF_RDS"),
            Map.entry(29, "AF_CAN"),
            Map.entry(30, "AF_TIPC"),
            Map.entry(31, "AF_BLUETOOTH"),
            Map.entry(38, "AF_ALG"),
            Map.entry(40, "AF_VSOCK"),
            Map.entry(43, "AF_SMC"),
            Map.entry(44, "AF_XDP"));

    /** SOCK_* of {@code include/linux/net.h}. */
    private static final Map<Integer, String> TYPES = Map.of(
            1, "SOCK_STREAM",
            2, "SOCK_DGRAM",
            3, "SOCK_RAW",
            4, "SOCK_RDM",
            5, "SOCK_SEQPACKET",
            6, "SOCK_DCCP",
            10, "SOCK_PACKET");

    /** IPPROTO_* of {@code include/uapi/linux/in.h}. */
    private static final Map<Integer, String> INTERNET = Map.ofEntries(
            Map.entry(0, "IP"),
            Map.entry(1, "ICMP"),
            Map.entry(2, "IGMP"),
            Map.entry(6, "TCP"),
            Map.entry(17, "UDP"),
            Map.entry(33, "DCCP"),
            Map.entry(47, "GRE"),
            Map.entry(50, "ESP"),
            Map.entry(51, "AH"),
            Map.entry(58, "ICMPV6"),
            Map.entry(132, "SCTP"),
            Map.entry(136, "UDPLITE"),
            Map.entry(255, "RAW"),
            Map.entry(262, "MPTCP"));

    /** NETLINK_* of {@code include/uapi/linux/netlink.h}. */
    private static final Map<Integer, String> NETLINK = Map.of(
            0, "ROUTE",
            4, "SOCK_DIAG",
            6, "XFRM",
            9, "AUDIT",
            10, "FIB_LOOKUP",
            11, "CONNECTOR",
            12, "NETFILTER",
            15, "KOBJECT_UEVENT",
            16, "GENERIC",
            21, "CRYPTO");

    /** TCP_* of {@code include/net/tcp_states.h}; as ss and netstat show them. */
    private static final String[] STATES = {
        "",
        "ESTABLISHED",
        "SYN_SENT",
        "SYN_RECV",
        "FIN_WAIT1",
        "FIN_WAIT2",
        "TIME_WAIT",
        "CLOSE",
        "CLOSE_WAIT",
        "LAST_ACK",
        "LISTEN",
        "CLOSING",
        "NEW_SYN_RECV"
    };

    /** Constants of {@code enum direction}. */
    private static final String[] DIRECTIONS = {"UNKNOWN", "OPENED", "ACCEPTED"};

    private SocketNames() {}

    static String family(int family) {
        return name(FAMILIES, family);
    }

    static String type(int type) {
        return name(TYPES, type);
    }

    /** A protocol of a family; empty if that has only one. */
    static String protocol(int family, int protocol) {
        return switch (family) {
            case AF_INET, AF_INET6 -> name(INTERNET, protocol);
            case AF_NETLINK -> name(NETLINK, protocol);
            default -> protocol == 0 ? "" : Integer.toString(protocol);
        };
    }

    private static String name(Map<Integer, String> names, int number) {
        String name = names.get(number);
        return name == null ? Integer.toString(number) : name;
    }

    static String state(int state) {
        return state >= 0 && state < STATES.length ? STATES[state] : Integer.toString(state);
    }

    static String direction(int direction) {
        return direction >= 0 && direction < DIRECTIONS.length ? DIRECTIONS[direction] : "";
    }
}
