// SPDX-License-Identifier: Apache-2.0
package dev.kfr.bpf.linux;

import dev.kfr.bpf.BpfException;
import dev.kfr.bpf.BpfException.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.BitSet;

/** The host's CPUs, as {@code /sys/devices/system/cpu} lists them; a container sees all of them there. */
public final class Cpus {
    private static final class Possible {
        static final int COUNT = read("possible").length();
    }

    private Cpus() {}

    /**
     * How many CPU numbers the kernel may ever use: per-CPU values of maps have that many copies, whether the CPU is
     * online or not.
     */
    public static int possible() {
        return Possible.COUNT;
    }

    /** The numbers of the CPUs that are online now. */
    public static BitSet online() {
        return read("online");
    }

    private static BitSet read(String which) {
        Path file = Path.of("/sys/devices/system/cpu", which);
        try {
            return parse(Files.readString(file).strip());
        } catch (IOException | IllegalArgumentException e) {
            throw new BpfException(Reason.NOT_SUPPORTED, "read " + file, e.toString(), e);
        }
    }

    /** Reads a list such as {@code 0-3,8,10-11}. */
    static BitSet parse(String list) {
        var cpus = new BitSet();
        for (String range : list.split(",")) {
            int dash = range.indexOf('-');
            int first = Integer.parseInt(dash < 0 ? range : range.substring(0, dash));
            int last = dash < 0 ? first : Integer.parseInt(range.substring(dash + 1));
            cpus.set(first, last + 1);
        }
        return cpus;
    }
}
