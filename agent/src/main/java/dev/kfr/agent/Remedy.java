// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent;

import dev.kfr.bpf.BpfException;
import dev.kfr.bpf.BpfException.Reason;
import dev.kfr.bpf.linux.Errno;

/** What an operator can do about a failure of the kernel side. */
public final class Remedy {
    private static final String MORE_DESCRIPTORS = "Raise the limit of open files (ulimit -n)";

    private Remedy() {}

    /** The failure and what helps, in one or two sentences: first what the reader can do something about. */
    public static String of(BpfException failure) {
        return failure.reason() == Reason.NOT_PERMITTED
                ? advice(failure) + " (" + failure.getMessage() + ")"
                : failure.getMessage() + ". " + advice(failure);
    }

    /** What helps, in one sentence. */
    public static String advice(BpfException failure) {
        if (failure.errno() == Errno.EMFILE) {
            return MORE_DESCRIPTORS;
        }
        return switch (failure.reason()) {
            case NOT_PERMITTED -> MissingPrivilege.advice();
            case NOT_SUPPORTED, NOT_FOUND ->
                "Linux 5.8 or later with BTF (CONFIG_DEBUG_INFO_BTF) is needed, on x86-64 or AArch64";
            case NO_SPACE ->
                "Use a smaller ring (option ring) or fewer processes (option processes), or raise the memory"
                        + " limit of the process's cgroup and RLIMIT_MEMLOCK";
            case TOO_LARGE -> "Use a smaller ring (option ring) or fewer processes (option processes)";
            case BUSY -> "Try again later";
            case INVALID, VERIFIER, OTHER -> "Please report this with the kernel's version";
        };
    }
}
