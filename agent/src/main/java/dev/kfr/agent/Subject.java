// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent;

import java.util.Locale;

/** A part of the kernel that can be watched; the same names everywhere: options, packages, MBeans and pages. */
public enum Subject {
    SYSCALLS,
    FILES,
    PROCESSES,
    CPU,
    MEMORY,
    NETWORK,
    BLOCK;

    /** The name as written in options, for instance {@code syscalls}. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
