// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.record;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * Reads memory of this process through the kernel, so that an address that is not mapped (any more) is an {@link IOException} and never a
 * crash. Not thread-safe.
 *
 * <p>Two ways: {@code /proc/self/mem} (proc(5)), and process_vm_readv(2) on ourselves where the file may not be opened: it belongs to root
 * if the executable has capabilities of its own (setcap), while the call is always allowed within a process.
 */
abstract sealed class OwnMemory implements AutoCloseable {
    private static final int LONGEST_STRING = 128;

    private final byte[] small = new byte[LONGEST_STRING];
    private final ByteBuffer smallBuffer = ByteBuffer.wrap(small).order(ByteOrder.nativeOrder());

    static OwnMemory open() throws IOException {
        try {
            return new MemFile();
        } catch (IOException refused) {
            return new ReadCall();
        }
    }

    /** Reads up to {@code length} bytes; returns how many there were before the first that is not mapped, at least 1. */
    abstract int readSome(long address, byte[] into, int length) throws IOException;

    @Override
    public abstract void close();

    final void read(long address, byte[] into, int length) throws IOException {
        int count = readSome(address, into, length);
        if (count < length) {
            throw new IOException(
                    "only " + count + " of " + length + " bytes are mapped at 0x" + Long.toHexString(address));
        }
    }

    final long readLong(long address) throws IOException {
        read(address, small, Long.BYTES);
        return smallBuffer.getLong(0);
    }

    final int readInt(long address) throws IOException {
        read(address, small, Integer.BYTES);
        return smallBuffer.getInt(0);
    }

    /** A NUL-terminated string of at most 127 characters; a longer one is cut there. */
    final String readString(long address) throws IOException {
        int count = readSome(address, small, LONGEST_STRING - 1);
        int length = 0;
        while (length < count && small[length] != 0) {
            length++;
        }
        return new String(small, 0, length, StandardCharsets.ISO_8859_1);
    }

    private static final class MemFile extends OwnMemory {
        private final RandomAccessFile file = new RandomAccessFile("/proc/self/mem", "r");

        MemFile() throws IOException {}

        @Override
        int readSome(long address, byte[] into, int length) throws IOException {
            file.seek(address);
            int count = file.read(into, 0, length);
            if (count <= 0) {
                throw new IOException("nothing is mapped at 0x" + Long.toHexString(address));
            }
            return count;
        }

        @Override
        public void close() {
            try {
                file.close();
            } catch (IOException ignored) {
                // a file that was only read has nothing to lose
            }
        }
    }

    private static final class ReadCall extends OwnMemory {
        private static final int PIECE = 64 * 1024;

        private final Arena arena = Arena.ofShared();
        private final MethodHandle call;
        private final int pid = Math.toIntExact(ProcessHandle.current().pid());
        private final MemorySegment buffer = arena.allocate(PIECE);
        private final MemorySegment local = arena.allocate(ValueLayout.JAVA_LONG, 2);
        private final MemorySegment remote = arena.allocate(ValueLayout.JAVA_LONG, 2);

        @SuppressWarnings("restricted")
        ReadCall() throws IOException {
            var linker = Linker.nativeLinker();
            var symbol = linker.defaultLookup()
                    .find("process_vm_readv")
                    .orElseThrow(() -> new IOException("the C library has no process_vm_readv"));
            call = linker.downcallHandle(
                    symbol,
                    FunctionDescriptor.of(
                            ValueLayout.JAVA_LONG,
                            ValueLayout.JAVA_INT,
                            ValueLayout.ADDRESS,
                            ValueLayout.JAVA_LONG,
                            ValueLayout.ADDRESS,
                            ValueLayout.JAVA_LONG,
                            ValueLayout.JAVA_LONG));
            local.set(ValueLayout.JAVA_LONG, 0, buffer.address());
        }

        @Override
        int readSome(long address, byte[] into, int length) throws IOException {
            int wanted = Math.min(length, PIECE);
            local.set(ValueLayout.JAVA_LONG, Long.BYTES, wanted);
            remote.set(ValueLayout.JAVA_LONG, 0, address);
            remote.set(ValueLayout.JAVA_LONG, Long.BYTES, wanted);
            long count;
            try {
                count = (long) call.invokeExact(pid, local, 1L, remote, 1L, 0L);
            } catch (Throwable e) {
                throw new IOException("process_vm_readv failed", e);
            }
            if (count <= 0) {
                throw new IOException("nothing is mapped at 0x" + Long.toHexString(address) + ", or not readable");
            }
            MemorySegment.copy(buffer, ValueLayout.JAVA_BYTE, 0, into, 0, (int) count);
            return (int) count;
        }

        @Override
        public void close() {
            arena.close();
        }
    }

    /** For tests: the second way, whether or not the first works. */
    static OwnMemory byCall() throws IOException {
        return new ReadCall();
    }
}
