// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.block;

import dev.kfr.bpf.linux.Errno;

/**
 * Why a request failed. Older kernels say so with an errno, newer ones with a {@code blk_status_t} of its own.
 *
 * <p>Source: {@code include/linux/blk_types.h} for the numbers, {@code blk_errors} in {@code block/blk-core.c} for what they are to programs. From 14
 * on the numbers mean other things in other versions.
 */
final class BlockStatus {
    private static final String[] NAMES = {
        "",
        "EOPNOTSUPP",
        "ETIMEDOUT",
        "ENOSPC",
        "ENOLINK",
        "EREMOTEIO",
        "EBADE",
        "ENODATA",
        "EILSEQ",
        "ENOMEM",
        "EIO",
        "EREMCHG",
        "EAGAIN",
        "EBUSY"
    };

    private BlockStatus() {}

    /** The error as programs know it, {@code status N} for what has no stable meaning; empty if there is none. */
    static String error(int status) {
        if (status < 0) {
            return Errno.name(-status);
        }
        return status < NAMES.length ? NAMES[status] : "status " + status;
    }
}
