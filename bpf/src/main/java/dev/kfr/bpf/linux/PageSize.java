// SPDX-License-Identifier: Apache-2.0
package dev.kfr.bpf.linux;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;

/** The size of a page of memory: 4096 bytes on x86-64, what the kernel was built with on AArch64. */
public final class PageSize {
    private static final int BYTES = SystemCall.X86_64 ? 4096 : ask();

    private PageSize() {}

    /** The page size in bytes, a power of two. */
    public static int bytes() {
        return BYTES;
    }

    /** Rounds a size in bytes up to whole pages. */
    public static long roundUp(long bytes) {
        return (bytes + BYTES - 1) & -BYTES;
    }

    /** No system call tells, and /proc/self/auxv is closed to us where java itself has file capabilities. */
    @SuppressWarnings("restricted") // the signature is libc's
    private static int ask() {
        Linker linker = Linker.nativeLinker();
        try {
            return (int) linker.downcallHandle(
                            linker.defaultLookup().findOrThrow("getpagesize"),
                            FunctionDescriptor.of(ValueLayout.JAVA_INT))
                    .invokeExact();
        } catch (Throwable e) {
            throw new AssertionError("getpagesize", e);
        }
    }
}
