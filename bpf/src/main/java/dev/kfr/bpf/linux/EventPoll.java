// SPDX-License-Identifier: Apache-2.0
package dev.kfr.bpf.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Waits for one descriptor to become readable, or for another thread to call {@link #wakeUp}: an {@code epoll(7)} set of
 * that descriptor and an {@code eventfd(2)}.
 *
 * <p>One thread at a time waits; any thread wakes. Waiting allocates nothing. Close it when nobody waits any more.
 */
public final class EventPoll implements AutoCloseable {
    private static final int CLOEXEC = 0x80000;
    private static final int NONBLOCK = 0x800;
    private static final int EPOLL_CTL_ADD = 1;
    private static final int EPOLLIN = 1;

    /** {@code struct epoll_event} is packed on x86-64 only. */
    private static final int EVENT_DATA = SystemCall.X86_64 ? 4 : 8;

    private static final int EVENT_SIZE = EVENT_DATA + 8;
    private static final int BOTH = 2;

    private final Arena arena = Arena.ofShared();
    private final MemorySegment events = arena.allocate(BOTH * EVENT_SIZE, 8);
    private final MemorySegment count = arena.allocate(JAVA_LONG);
    private final MemorySegment one = arena.allocateFrom(JAVA_LONG, 1);
    private final Descriptor set;
    private final Descriptor wakeUps;

    /**
     * Makes the set.
     *
     * @param descriptor what to wait for; stays the caller's
     * @throws dev.kfr.bpf.BpfException if the kernel refuses, or there are too many open descriptors
     */
    public EventPoll(int descriptor) {
        Descriptor opened = null;
        Descriptor created = null;
        try {
            created = Descriptor.of("create an epoll set", SystemCall.EPOLL_CREATE1.call(CLOEXEC));
            opened = Descriptor.of("create an eventfd", SystemCall.EVENTFD2.call(0, CLOEXEC | NONBLOCK, 0));
            add(created, descriptor);
            add(created, opened.number());
        } catch (RuntimeException e) {
            close(opened, created);
            throw e;
        }
        set = created;
        wakeUps = opened;
    }

    private void add(Descriptor set, int descriptor) {
        events.set(JAVA_INT, 0, EPOLLIN);
        events.set(JAVA_INT_UNALIGNED, EVENT_DATA, descriptor);
        long result = SystemCall.EPOLL_CTL.call(set.number(), EPOLL_CTL_ADD, descriptor, events.address(), 0, 0);
        if (result < 0) {
            throw Errno.failure("add to an epoll set", result);
        }
    }

    /**
     * Waits until the descriptor is readable, somebody calls {@link #wakeUp}, or the time is over.
     *
     * @param timeoutMillis -1: no limit
     * @return false if the time passed without either
     */
    public boolean await(int timeoutMillis) {
        long ready = SystemCall.EPOLL_PWAIT.call(set.number(), events.address(), BOTH, timeoutMillis, 0, 0);
        if (ready < 0) {
            if (ready == -Errno.EINTR) {
                return true; // a signal; the caller looks and comes back
            }
            throw Errno.failure("wait for records", ready);
        }
        for (int i = 0; i < ready; i++) {
            if (events.get(JAVA_INT_UNALIGNED, (long) i * EVENT_SIZE + EVENT_DATA) == wakeUps.number()) {
                SystemCall.READ.call(wakeUps.number(), count.address(), 8); // forget all wake-ups up to now
            }
        }
        return ready > 0;
    }

    /** Makes the thread that waits return, or, if none does, the next one that would. */
    public synchronized void wakeUp() {
        if (arena.scope().isAlive()) { // closed meanwhile: nobody waits
            SystemCall.WRITE.call(wakeUps.number(), one.address(), 8);
        }
    }

    @Override
    public synchronized void close() {
        close(wakeUps, set);
    }

    private void close(Descriptor... descriptors) {
        for (Descriptor descriptor : descriptors) {
            if (descriptor != null) {
                descriptor.close();
            }
        }
        if (arena.scope().isAlive()) {
            arena.close();
        }
    }
}
