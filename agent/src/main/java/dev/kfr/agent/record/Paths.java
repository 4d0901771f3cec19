// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.record;

import dev.kfr.bpf.BpfObject;
import java.util.Arrays;

/**
 * Paths as the kernel side writes them (see {@code record.h}): names leaf first, each followed by NUL, or the string that the program
 * asked for with the directory that it is relative to.
 *
 * <p>Confined to the thread that drains the ring.
 */
public final class Paths {
    /** Stands where the front of a path did not fit. */
    static final String CUT = "[...]";

    private final Text text;
    private final int cut;
    private final int asked;
    private final int unreadable;
    private final int noDirectory;
    private final Text.Reading walked = Paths::walked;
    private final Text.Reading walkedCut = names -> CUT + walked(names);
    private final Text.Reading plain = bytes -> Text.decode(bytes, 0, bytes.length);
    private final Text.Reading single = bytes -> Text.decode(bytes, 0, bytes.length - 1); // without its NUL

    Paths(Text text, BpfObject object) {
        this.text = text;
        cut = flag(object, "PATH_CUT");
        asked = flag(object, "PATH_AS_ASKED");
        unreadable = flag(object, "PATH_UNREADABLE");
        noDirectory = flag(object, "PATH_NO_DIRECTORY");
    }

    private static int flag(BpfObject object, String name) {
        return Math.toIntExact(object.enumValue("path_flags", name));
    }

    /**
     * The path of {@code length} bytes at {@code offset} of the record.
     *
     * @param flags what the kernel side says of it ({@code enum path_flags})
     * @param baseLength bytes that follow the path: the directory that an asked path is relative to
     * @return an absolute path, with {@value #CUT} in front if its beginning did not fit; empty if there is none; relative if
     *     it was asked for relative to no directory
     */
    public String read(Record record, int offset, int length, int flags, int baseLength) {
        if ((flags & asked) != 0) {
            return length == 0 && (flags & unreadable) != 0 ? "" : asAsked(record, offset, length, baseLength, flags);
        }
        if (length == 0) {
            return (flags & (unreadable | noDirectory)) != 0 ? "" : "/";
        }
        var reading = (flags & noDirectory) != 0 ? single : (flags & cut) != 0 ? walkedCut : walked;
        return string(record, offset, length, reading);
    }

    private String asAsked(Record record, int offset, int length, int baseLength, int flags) {
        var path = string(record, offset, length, plain);
        if (path.startsWith("/") || (flags & unreadable) != 0) {
            return path; // relative to a descriptor that stands for nothing, it stays as it was asked for
        }
        var base = string(record, offset + length, baseLength, (flags & cut) != 0 ? walkedCut : walked);
        while (path.startsWith("./")) {
            path = path.substring(2);
        }
        if (path.isEmpty() || path.equals(".")) {
            return base;
        }
        return base.endsWith("/") ? base + path : base + "/" + path;
    }

    private String string(Record record, int offset, int length, Text.Reading reading) {
        return text.of(record.memory(), record.position(offset, length), length, reading);
    }

    /** Names leaf first to a path: {@code "c\0b\0a\0"} is {@code /a/b/c}. */
    static String walked(byte[] names) {
        var path = new byte[names.length + 1];
        int at = 0;
        int end = names.length;
        if (end > 0 && names[end - 1] == 0) {
            end--;
        }
        for (int i = end - 1; i >= -1; i--) {
            if (i < 0 || names[i] == 0) {
                path[at++] = '/';
                System.arraycopy(names, i + 1, path, at, end - i - 1);
                at += end - i - 1;
                end = Math.max(i, 0);
            }
        }
        return at <= 1 ? "/" : Text.decode(Arrays.copyOf(path, at), 0, at);
    }
}
