// SPDX-License-Identifier: Apache-2.0
package dev.kfr.bpf.linux;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * A file descriptor that this process owns; {@link #close} closes it exactly once, whatever thread calls it and however
 * often. Closing a number twice would hit whoever got the same number in between.
 */
public final class Descriptor implements AutoCloseable {
    private static final int CLOSED = -1;
    private static final int F_DUPFD_CLOEXEC = 1030;

    private final AtomicInteger number;

    private Descriptor(int number) {
        this.number = new AtomicInteger(number);
    }

    /**
     * Takes over the descriptor that a system call returned.
     *
     * @param operation what was being done, for the exception
     * @param result the system call's result
     * @throws dev.kfr.bpf.BpfException if the result is an error
     */
    public static Descriptor of(String operation, long result) {
        if (result < 0) {
            throw Errno.failure(operation, result);
        }
        return new Descriptor((int) result);
    }

    /**
     * A second descriptor of what another one refers to; that one stays the caller's.
     *
     * @throws dev.kfr.bpf.BpfException if it is not open, or there are too many
     */
    public static Descriptor duplicate(int number) {
        return of("duplicate descriptor " + number, SystemCall.FCNTL.call(number, F_DUPFD_CLOEXEC, 0));
    }

    /**
     * The descriptor's number, for system calls.
     *
     * @throws IllegalStateException if it is closed
     */
    public int number() {
        int current = number.get();
        if (current == CLOSED) {
            throw new IllegalStateException("the descriptor is closed");
        }
        return current;
    }

    /** Whether {@link #close} was called. */
    public boolean isClosed() {
        return number.get() == CLOSED;
    }

    @Override
    public void close() {
        int current = number.getAndSet(CLOSED);
        if (current != CLOSED) {
            SystemCall.CLOSE.call(current); // Linux frees the number even where close reports an error
        }
    }
}
