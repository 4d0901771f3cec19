// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.record;

import dev.kfr.bpf.linux.Errno;

/** What a system call returned: a value, or a negative errno in [-4095, -1] ({@code IS_ERR_VALUE} in {@code include/linux/err.h}). */
public final class Results {
    private static final long LAST_ERRNO = 4095;

    private Results() {}

    /** Whether {@code result} is an error. */
    public static boolean failed(long result) {
        return result < 0 && result >= -LAST_ERRNO;
    }

    /** The error's name, such as {@code ENOENT}; empty if the call succeeded. */
    public static String error(long result) {
        return failed(result) ? Errno.name((int) -result) : "";
    }

    /** The bytes that a read or write moved; 0 if it failed. */
    public static long bytes(long result) {
        return failed(result) ? 0 : result;
    }
}
