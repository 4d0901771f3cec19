// SPDX-License-Identifier: Apache-2.0
package dev.kfr.bpf.linux;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * The arguments of one call of {@code bpf(2)}: {@code union bpf_attr}, all zero at first. Callers set members by their
 * offset in {@code linux/bpf.h}; memory that members point to comes from {@link #copy} and lives as long as this.
 *
 * <p>Always as large as the union was in Linux 6.1; older kernels take a larger one as long as what they don't know is
 * zero. For use by one thread.
 */
public final class BpfAttributes implements AutoCloseable {
    private static final int SIZE = 144;

    /** Names of maps and programs in the kernel: {@code BPF_OBJ_NAME_LEN}, with the NUL. */
    private static final int NAME_SIZE = 16;

    private static final int INFO_FD = 0;
    private static final int INFO_SIZE = 4;
    private static final int INFO = 8;

    private final Arena arena = Arena.ofConfined();
    private final MemorySegment attributes = arena.allocate(SIZE, 8);

    /** Sets a 32-bit member. */
    public BpfAttributes setInt(long offset, int value) {
        attributes.set(JAVA_INT, offset, value);
        return this;
    }

    /** Sets a 64-bit member. */
    public BpfAttributes setLong(long offset, long value) {
        attributes.set(JAVA_LONG, offset, value);
        return this;
    }

    /** Sets a pointer to native memory, which must outlive the call. */
    public BpfAttributes setPointer(long offset, MemorySegment target) {
        if (!target.isNative()) {
            throw new IllegalArgumentException("the kernel can't read a Java array; native memory is needed");
        }
        return setLong(offset, target.address());
    }

    /** Sets a pointer to a copy of these bytes. */
    public BpfAttributes setPointer(long offset, byte[] bytes) {
        return setPointer(offset, copy(bytes));
    }

    /** Sets a pointer to a copy of this text with a NUL at its end. */
    public BpfAttributes setPointer(long offset, String text) {
        return setPointer(offset, arena.allocateFrom(text));
    }

    /**
     * Sets the name of a map or program, cut to the 15 bytes that the kernel keeps. The kernel refuses a name with other
     * characters than ASCII letters, digits, '_' and '.', so others become '_'.
     */
    public BpfAttributes setName(long offset, String name) {
        for (int i = 0; i < Math.min(name.length(), NAME_SIZE - 1); i++) {
            char c = name.charAt(i);
            boolean allowed = c < 0x80 && (Character.isLetterOrDigit(c) || c == '.');
            attributes.set(JAVA_BYTE, offset + i, (byte) (allowed ? c : '_'));
        }
        return this;
    }

    /** A 32-bit member, which the kernel may have changed. */
    public int getInt(long offset) {
        return attributes.get(JAVA_INT, offset);
    }

    /** Memory for the kernel to write to, all zero at first. */
    public MemorySegment allocate(long size) {
        return arena.allocate(size, 8);
    }

    private MemorySegment copy(byte[] bytes) {
        MemorySegment copy = allocate(Math.max(1, bytes.length));
        MemorySegment.copy(bytes, 0, copy, JAVA_BYTE, 0, bytes.length);
        return copy;
    }

    /** Makes the call and returns its result, or the negated errno. */
    public long call(BpfCommand command) {
        return SystemCall.BPF.call(command.number, attributes.address(), SIZE);
    }

    /** Makes a call that returns a descriptor; {@code operation} is for the exception. */
    public Descriptor open(BpfCommand command, String operation) {
        return Descriptor.of(operation, call(command));
    }

    /**
     * What the kernel tells about a program, map or link ({@code BPF_OBJ_GET_INFO_BY_FD}).
     *
     * @param descriptor of the object
     * @param size of the info that the caller knows, in bytes; what an older kernel does not tell is 0
     * @param operation what is being done, for the exception
     */
    public MemorySegment info(Descriptor descriptor, int size, String operation) {
        MemorySegment info = allocate(size);
        setInt(INFO_FD, descriptor.number()).setInt(INFO_SIZE, size).setPointer(INFO, info);
        long result = call(BpfCommand.OBJ_GET_INFO_BY_FD);
        if (result < 0) {
            throw Errno.failure(operation, result);
        }
        return info;
    }

    @Override
    public void close() {
        arena.close();
    }
}
