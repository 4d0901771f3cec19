// SPDX-License-Identifier: Apache-2.0
package dev.kfr.bpf;

import dev.kfr.bpf.linux.Descriptor;
import dev.kfr.bpf.linux.Errno;
import dev.kfr.bpf.linux.SystemCall;
import java.lang.foreign.MemorySegment;

/** One pass of an iterator program over the kernel's objects; for use by one thread. */
public final class IteratorRun implements AutoCloseable {
    private final Descriptor descriptor;

    IteratorRun(Descriptor descriptor) {
        this.descriptor = descriptor;
    }

    /**
     * Reads what the program writes with {@code bpf_seq_write} and the like. The kernel runs the program for as many
     * objects as fill the buffer, and hands out what one of them wrote in several pieces if it must.
     *
     * @param buffer native memory; the larger, the fewer system calls
     * @return how many bytes are in the buffer, 0 at the end
     * @throws BpfException if the kernel ends the pass
     */
    public int read(MemorySegment buffer) {
        if (!buffer.isNative()) {
            throw new IllegalArgumentException("the kernel can't write to a Java array; native memory is needed");
        }
        long result;
        do {
            // EAGAIN: nothing to say about very many objects in a row, the pass goes on
            result = SystemCall.READ.call(descriptor.number(), buffer.address(), buffer.byteSize());
        } while (result == -Errno.EAGAIN || result == -Errno.EINTR);
        if (result < 0) {
            throw Errno.failure("read iterator", result);
        }
        return (int) result;
    }

    @Override
    public void close() {
        descriptor.close();
    }
}
