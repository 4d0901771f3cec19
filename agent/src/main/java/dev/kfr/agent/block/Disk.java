// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.block;

/** How a disk is called. */
final class Disk {
    private static final int MINOR_BITS = 20;

    private Disk() {}

    /**
     * The name that the kernel has for it, as in {@code /proc/diskstats}; {@code major:minor} where that could not be read.
     *
     * @param device the kernel's {@code dev_t}
     */
    static String name(String known, int device) {
        return known.isEmpty() ? (device >>> MINOR_BITS) + ":" + (device & (1 << MINOR_BITS) - 1) : known;
    }
}
