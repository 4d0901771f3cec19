// SPDX-License-Identifier: Apache-2.0
package dev.kfr.bpf.linux;

/** The calling thread as the kernel knows it. */
public final class Threads {
    private Threads() {}

    /** The kernel's id of the calling thread, in this process's own pid namespace. */
    public static int currentId() {
        return (int) SystemCall.GETTID.call();
    }
}
