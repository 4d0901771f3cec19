// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.network;

import dev.kfr.agent.record.Record;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Addresses as people write them: dotted IPv4, also where an IPv6 address holds one, and IPv6 as RFC 5952 has it. */
final class Addresses {
    private static final int AF_INET = 2;
    private static final int AF_INET6 = 10;
    private static final int GROUPS = 8;
    private static final int IPV4_IN_IPV6 = 12; // where the IPv4 address is in ::ffff:a.b.c.d

    private Addresses() {}

    /**
     * An address of a record; empty if it has none.
     *
     * @param offset of its bytes
     * @param zone index of the interface that a link-local address belongs to
     */
    static String read(Record record, int offset, int family, long zone) {
        int length = family == AF_INET ? 4 : family == AF_INET6 ? 16 : 0;
        var bytes = new byte[length];
        MemorySegment.copy(record.memory(), ValueLayout.JAVA_BYTE, record.position(offset, length), bytes, 0, length);
        return text(bytes, zone);
    }

    /** @param bytes 4, 16, or none */
    static String text(byte[] bytes, long zone) {
        if (bytes.length == 0) {
            return "";
        }
        if (bytes.length == 4) {
            return dotted(bytes, 0);
        }
        if (isMapped(bytes)) {
            return dotted(bytes, IPV4_IN_IPV6);
        }
        boolean linkLocal = bytes[0] == (byte) 0xfe && (bytes[1] & 0xc0) == 0x80;
        return grouped(bytes) + (linkLocal && zone != 0 ? "%" + zone : "");
    }

    private static boolean isMapped(byte[] bytes) {
        for (int i = 0; i < IPV4_IN_IPV6 - 2; i++) {
            if (bytes[i] != 0) {
                return false;
            }
        }
        return bytes[IPV4_IN_IPV6 - 2] == -1 && bytes[IPV4_IN_IPV6 - 1] == -1;
    }

    private static String dotted(byte[] bytes, int at) {
        return (bytes[at] & 0xff) + "." + (bytes[at + 1] & 0xff) + "." + (bytes[at + 2] & 0xff) + "."
                + (bytes[at + 3] & 0xff);
    }

    /** Without leading zeros, and the first of the longest runs of at least two zero groups left out. */
    private static String grouped(byte[] bytes) {
        int run = 0;
        int runLength = 1;
        for (int start = 0; start < GROUPS; start++) {
            int length = zeros(bytes, start);
            if (length > runLength) {
                run = start;
                runLength = length;
            }
        }
        var text = new StringBuilder();
        for (int i = 0; i < GROUPS; i++) {
            if (runLength > 1 && i == run) {
                text.append("::");
                i += runLength - 1;
            } else {
                text.append(text.isEmpty() || text.charAt(text.length() - 1) == ':' ? "" : ":");
                text.append(Integer.toHexString(group(bytes, i)));
            }
        }
        return text.toString();
    }

    private static int zeros(byte[] bytes, int start) {
        int end = start;
        while (end < GROUPS && group(bytes, end) == 0) {
            end++;
        }
        return end - start;
    }

    private static int group(byte[] bytes, int i) {
        return (bytes[2 * i] & 0xff) << 8 | bytes[2 * i + 1] & 0xff;
    }
}
