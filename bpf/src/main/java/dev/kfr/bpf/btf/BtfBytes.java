// SPDX-License-Identifier: Apache-2.0
package dev.kfr.bpf.btf;

import dev.kfr.bpf.BpfException;
import dev.kfr.bpf.BpfException.Reason;
import java.io.File;
import java.io.IOException;
import java.io.RandomAccessFile;

/**
 * The bytes of types: an array, or a file of which only those pages are kept in memory that somebody asked for. A kernel's types are 5 MB and more, of
 * which programs need some hundred KB; all of them would make the service's heap grow. Offsets are checked by who asks. Safe for use by several threads.
 */
final class BtfBytes {
    private static final int PAGE_SHIFT = 13;
    private static final int WINDOW = 1 << 14;

    /** Of a window: what may be asked for at once, wherever it begins. */
    static final int LONGEST = 16;

    /** Final, so that other threads that find it find its content, too. */
    private record Page(byte[] bytes) {}

    private final File file; // null: all is in memory
    private final int length;
    private final int shift;
    private final int mask;
    private final Page[] pages;

    private BtfBytes(File file, int length, int shift, int mask, Page[] pages) {
        this.file = file;
        this.length = length;
        this.shift = shift;
        this.mask = mask;
        this.pages = pages;
    }

    /** @param all is kept and must not be changed */
    static BtfBytes of(byte[] all) {
        return new BtfBytes(null, all.length, Integer.SIZE - 1, Integer.MAX_VALUE, new Page[] {new Page(all)});
    }

    /**
     * A file that does not change. It is open only while it is read.
     *
     * @throws IOException if it can't be opened, or is too long
     */
    static BtfBytes of(File file) throws IOException {
        try (var opened = new RandomAccessFile(file, "r")) {
            int length = Math.toIntExact(opened.length());
            int pages = (length >>> PAGE_SHIFT) + 1;
            return new BtfBytes(file, length, PAGE_SHIFT, (1 << PAGE_SHIFT) - 1, new Page[pages]);
        } catch (ArithmeticException e) {
            throw new IOException("it is longer than 2 GB", e);
        }
    }

    int length() {
        return length;
    }

    byte u8(int at) {
        return page(at)[at & mask];
    }

    int u16(int at) {
        return u8(at) & 0xff | (u8(at + 1) & 0xff) << 8;
    }

    int u32(int at) {
        byte[] page = page(at);
        int index = at & mask;
        return index <= page.length - Integer.BYTES ? u32(page, index) : u16(at) | u16(at + 2) << 16;
    }

    // Not a VarHandle: the first use of one costs a young JVM more than the whole scan.
    static int u32(byte[] bytes, int at) {
        return bytes[at] & 0xff | (bytes[at + 1] & 0xff) << 8 | (bytes[at + 2] & 0xff) << 16 | bytes[at + 3] << 24;
    }

    byte[] copy(int from, int end) {
        var copy = new byte[end - from];
        if (file == null) {
            System.arraycopy(pages[0].bytes, from, copy, 0, copy.length);
        } else {
            for (int i = 0; i < copy.length; i++) {
                copy[i] = u8(from + i);
            }
        }
        return copy;
    }

    private byte[] page(int at) {
        int number = at >>> shift;
        Page page = pages[number];
        return page != null ? page.bytes : load(number);
    }

    private byte[] load(int number) {
        int from = number << shift;
        byte[] bytes = new byte[Math.min(mask + 1, length - from)];
        try (var opened = new RandomAccessFile(file, "r")) {
            opened.seek(from);
            opened.readFully(bytes);
        } catch (IOException e) {
            throw unreadable(e);
        }
        pages[number] = new Page(bytes);
        return bytes;
    }

    private BpfException unreadable(IOException e) {
        return new BpfException(Reason.OTHER, "read " + file, String.valueOf(e.getMessage()), e);
    }

    /** For who goes through all: what lies around the place that was asked for last, and nothing stays in memory. */
    Window window() {
        try {
            return new Window();
        } catch (IOException e) {
            throw unreadable(e);
        }
    }

    /** See {@link #window}. For one thread. */
    final class Window implements AutoCloseable {
        private final RandomAccessFile opened;
        private final byte[] bytes;
        private int from;
        private int end;

        private Window() throws IOException {
            opened = file == null ? null : new RandomAccessFile(file, "r");
            bytes = file == null ? pages[0].bytes : new byte[WINDOW + LONGEST];
            end = file == null ? length : 0;
        }

        /** Where the byte lies in {@link #bytes}, and {@value #LONGEST} more after it unless that is the end; until the next call. */
        int index(int at) {
            if (at < from || at + LONGEST > end && end < length) {
                load(at);
            }
            return at - from;
        }

        byte[] bytes() {
            return bytes;
        }

        byte u8(int at) {
            return bytes[index(at)];
        }

        private void load(int at) {
            from = at & -WINDOW;
            end = Math.min(length, from + bytes.length);
            try {
                opened.seek(from);
                opened.readFully(bytes, 0, end - from);
            } catch (IOException e) {
                throw unreadable(e);
            }
        }

        @Override
        public void close() {
            if (opened != null) {
                try {
                    opened.close();
                } catch (IOException e) {
                    throw unreadable(e);
                }
            }
        }
    }
}
