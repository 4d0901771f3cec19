// SPDX-License-Identifier: Apache-2.0
package dev.kfr.bpf.linux;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * System calls by their numbers, all through one handle of libc's {@code syscall(2)}: each further handle would cost
 * the start of the agent a millisecond. Numbers are those of {@code asm/unistd_64.h} (x86-64) and
 * {@code asm-generic/unistd.h} (AArch64).
 *
 * <p>Arguments are passed as 64-bit integers, pointers as addresses of native memory that the caller keeps alive during
 * the call. The result is the kernel's own: what the call returns, or the negated errno. Any thread may call.
 */
public enum SystemCall {
    READ(0, 63),
    WRITE(1, 64),
    CLOSE(3, 57),
    MMAP(9, 222),
    MUNMAP(11, 215),
    IOCTL(16, 29),
    FCNTL(72, 25),
    CAPGET(125, 90),
    GETTID(186, 178),
    EPOLL_CTL(233, 21),
    EPOLL_PWAIT(281, 22),
    EVENTFD2(290, 19),
    EPOLL_CREATE1(291, 20),
    PERF_EVENT_OPEN(298, 241),
    PRLIMIT64(302, 261),
    BPF(321, 280);

    /** Whether this is x86-64, else AArch64. */
    static final boolean X86_64 = isX86();

    private final long number;

    SystemCall(int x86, int aarch64) {
        number = isX86() ? x86 : aarch64;
    }

    private static boolean isX86() {
        return System.getProperty("os.arch").equals("amd64");
    }

    /** Calls without arguments. */
    public long call() {
        return call(0, 0, 0, 0, 0, 0);
    }

    /** Calls with one argument. */
    public long call(long first) {
        return call(first, 0, 0, 0, 0, 0);
    }

    /** Calls with up to three arguments. */
    public long call(long first, long second, long third) {
        return call(first, second, third, 0, 0, 0);
    }

    /** Calls with up to six arguments and returns the result, or the negated errno. */
    public long call(long first, long second, long third, long fourth, long fifth, long sixth) {
        MemorySegment errno = Native.ERRNO.get();
        try {
            long result = (long) Native.SYSCALL.invokeExact(errno, number, first, second, third, fourth, fifth, sixth);
            return result == -1 ? -errno.get(JAVA_INT, 0) : result;
        } catch (Throwable e) {
            throw new AssertionError(name(), e); // the handle itself throws nothing but linkage errors
        }
    }

    /** Made at the first call, so that loading this class stays cheap. */
    private static final class Native {
        @SuppressWarnings("restricted") // the signature is libc's
        static final MethodHandle SYSCALL = Linker.nativeLinker()
                .downcallHandle(
                        Linker.nativeLinker().defaultLookup().findOrThrow("syscall"),
                        FunctionDescriptor.of(
                                JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG),
                        Linker.Option.captureCallState("errno"),
                        Linker.Option.firstVariadicArg(1));

        /** Where the linker stores errno: one place per thread, so that a call allocates nothing. */
        static final ThreadLocal<MemorySegment> ERRNO = new ThreadLocal<>() {
            @Override
            protected MemorySegment initialValue() {
                return Arena.ofAuto().allocate(ADDRESS);
            }
        };
    }
}
