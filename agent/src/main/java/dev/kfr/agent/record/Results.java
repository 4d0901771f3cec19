// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.record;

import dev.kfr.bpf.linux.Errno;

/** What a system call returned: a value, or a negative errno in [-4095, -1] ({@code IS_ERR_VALUE} in {@code include/linux/err.h}). */
public final class Results {
    private static final long LAST_ERRNO = 4095;

    // include/linux/errno.h: from the first to the last they say how a call goes on after a signal, but for the one
    // between
    private static final int ERESTARTSYS = 512;
    private static final int ENOIOCTLCMD = 515;
    private static final int ERESTART_RESTARTBLOCK = 516;

    private Results() {}

    /** Whether {@code result} is an error. */
    public static boolean failed(long result) {
        return result < 0 && result >= -LAST_ERRNO;
    }

    /** The error's name, such as {@code ENOENT}; empty if the call succeeded. */
    public static String error(long result) {
        return failed(result) ? errorName((int) -result) : "";
    }

    /**
     * The name of an error at the end of a call. One that a signal interrupted ends with a number that programs never see, since the kernel either
     * begins the call anew or has it fail with EINTR: here it is EINTR.
     */
    public static String errorName(int errno) {
        boolean interrupted = errno >= ERESTARTSYS && errno <= ERESTART_RESTARTBLOCK && errno != ENOIOCTLCMD;
        return interrupted ? "EINTR" : Errno.name(errno);
    }

    /** The bytes that a read or write moved; 0 if it failed. */
    public static long bytes(long result) {
        return failed(result) ? 0 : result;
    }
}
