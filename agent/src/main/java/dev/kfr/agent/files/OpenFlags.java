// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.files;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.StringJoiner;

/**
 * Flags of {@code open(2)} as text, such as {@code O_RDONLY|O_CLOEXEC}.
 *
 * <p>Source: {@code include/uapi/asm-generic/fcntl.h}, and {@code arch/arm64/include/uapi/asm/fcntl.h} for the four that AArch64 numbers
 * differently. Remembers texts; confined to the thread that drains the ring.
 */
final class OpenFlags {
    static final int O_CREAT = 0100;

    /** The bit that O_TMPFILE has alone; the flag contains O_DIRECTORY too. */
    static final int O_TMPFILE = 020000000;

    private static final int ACCESS_MODE = 3;
    private static final int REMEMBERED = 512;

    private final Map<Integer, String> names = new LinkedHashMap<>();
    private final Map<Integer, String> known = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Integer, String> eldest) {
            return size() > REMEMBERED;
        }
    };

    /** @param aarch64 whether flags are those of AArch64 */
    OpenFlags(boolean aarch64) {
        names.put(O_CREAT, "O_CREAT");
        names.put(0200, "O_EXCL");
        names.put(0400, "O_NOCTTY");
        names.put(01000, "O_TRUNC");
        names.put(02000, "O_APPEND");
        names.put(04000, "O_NONBLOCK");
        names.put(04010000, "O_SYNC");
        names.put(010000, "O_DSYNC");
        names.put(020000, "FASYNC");
        // Flags that contain others come before them.
        names.put(O_TMPFILE | (aarch64 ? 040000 : 0200000), "O_TMPFILE");
        names.put(aarch64 ? 0200000 : 040000, "O_DIRECT");
        names.put(aarch64 ? 0400000 : 0100000, "O_LARGEFILE");
        names.put(aarch64 ? 040000 : 0200000, "O_DIRECTORY");
        names.put(aarch64 ? 0100000 : 0400000, "O_NOFOLLOW");
        names.put(01000000, "O_NOATIME");
        names.put(02000000, "O_CLOEXEC");
        names.put(010000000, "O_PATH");
    }

    String text(int flags) {
        var text = known.get(flags);
        if (text == null) {
            text = make(flags);
            known.put(flags, text);
        }
        return text;
    }

    private String make(int flags) {
        var text = new StringJoiner("|")
                .add(
                        switch (flags & ACCESS_MODE) {
                            case 0 -> "O_RDONLY";
                            case 1 -> "O_WRONLY";
                            case 2 -> "O_RDWR";
                            default -> "O_ACCMODE";
                        });
        int rest = flags & ~ACCESS_MODE;
        for (var flag : names.entrySet()) {
            if ((rest & flag.getKey()) == flag.getKey()) {
                text.add(flag.getValue());
                rest &= ~flag.getKey();
            }
        }
        if (rest != 0) {
            text.add("0x" + Integer.toHexString(rest));
        }
        return text.toString();
    }
}
