// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.block;

import java.util.StringJoiner;

/**
 * The flags of a request as text.
 *
 * <p>Source: {@code enum req_flag_bits} in {@code include/linux/blk_types.h}. These bits have been the same from Linux 5.8 to 7.3; later ones
 * move, and say nothing to an operator.
 */
final class RequestFlags {
    private static final int FIRST_BIT = 11;
    private static final String[] NAMES = {
        "sync", "meta", "prio", "", "", "integrity", "fua", "preflush", "readahead", "background"
    };

    private final String[] known = new String[1 << NAMES.length];

    /** Names joined by blanks; the same text object for the same flags. */
    String text(int flags) {
        int index = flags >>> FIRST_BIT & (known.length - 1);
        if (known[index] == null) {
            known[index] = join(index);
        }
        return known[index];
    }

    private static String join(int bits) {
        var names = new StringJoiner(" ");
        for (int bit = 0; bit < NAMES.length; bit++) {
            if ((bits >>> bit & 1) == 1 && !NAMES[bit].isEmpty()) {
                names.add(NAMES[bit]);
            }
        }
        return names.toString();
    }
}
