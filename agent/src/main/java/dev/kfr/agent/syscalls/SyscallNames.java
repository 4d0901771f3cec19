// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.syscalls;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/**
 * Names of the kernel's system calls by number, which differ between architectures. From the kernel's own tables
 * (arch/x86/entry/syscalls/syscall_64.tbl, scripts/syscall.tbl). Immutable.
 */
public final class SyscallNames {
    private static final int IDS = 1024;

    private final String[] names = new String[IDS];

    private SyscallNames(String architecture) {
        String resource = "syscalls-" + architecture + ".txt";
        try (var in = SyscallNames.class.getResourceAsStream(resource)) {
            if (in == null) {
                return; // another architecture: numbers are all we have
            }
            var lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.US_ASCII));
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                int space = line.indexOf(' ');
                if (space > 0 && !line.startsWith("#")) {
                    names[Integer.parseInt(line, 0, space, 10)] = line.substring(space + 1);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Names for the machine that runs this. */
    public static SyscallNames ofThisMachine() {
        return of(System.getProperty("os.arch"));
    }

    /** @param architecture as {@code os.arch} or uname(2) has it */
    public static SyscallNames of(String architecture) {
        return new SyscallNames(
                switch (architecture) {
                    case "amd64", "x86_64" -> "x86_64";
                    case "arm64", "aarch64" -> "aarch64";
                    default -> architecture;
                });
    }

    /** The call's name; {@code syscall_4711} if the number is not known; also of the numbers that {@link SyscallTable} has for groups of calls. */
    public String name(int id) {
        return switch (id) {
            case SyscallTable.COMPAT -> "(32-bit)";
            case SyscallTable.INVALID -> "(invalid)";
            case SyscallTable.OVERFLOW -> "(overflow)";
            case SyscallTable.OTHER -> "(other)";
            default -> {
                String name = id >= 0 && id < IDS ? names[id] : null;
                yield name != null ? name : "syscall_" + id;
            }
        };
    }
}
