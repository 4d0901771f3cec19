// SPDX-License-Identifier: Apache-2.0
package dev.kfr.bpf.linux;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The version of a kernel. Distributions carry features back, so ask the kernel for the feature itself wherever that is
 * possible.
 */
public record KernelVersion(int major, int minor) implements Comparable<KernelVersion> {
    private static final class Running {
        static final KernelVersion VERSION = read();

        private static KernelVersion read() {
            try {
                return parse(Files.readString(Path.of("/proc/sys/kernel/osrelease")));
            } catch (IOException e) {
                return parse(System.getProperty("os.version")); // a container without /proc
            }
        }
    }

    /** The running kernel's version. */
    public static KernelVersion running() {
        return Running.VERSION;
    }

    /** Reads a release as {@code uname(2)} tells it, such as {@code 6.1.0-23-cloud-amd64}; 0.0 if it is none. */
    static KernelVersion parse(String release) {
        int[] numbers = new int[2];
        int at = 0;
        for (int i = 0; i < release.length() && at < numbers.length; i++) {
            char c = release.charAt(i);
            if (c >= '0' && c <= '9') {
                numbers[at] = numbers[at] * 10 + (c - '0');
            } else if (c == '.') {
                at++;
            } else {
                break;
            }
        }
        return new KernelVersion(numbers[0], numbers[1]);
    }

    /** Whether this version is the given one or newer. */
    public boolean atLeast(int major, int minor) {
        return compareTo(new KernelVersion(major, minor)) >= 0;
    }

    @Override
    public int compareTo(KernelVersion other) {
        return major != other.major ? Integer.compare(major, other.major) : Integer.compare(minor, other.minor);
    }

    @Override
    public String toString() {
        return major + "." + minor;
    }
}
