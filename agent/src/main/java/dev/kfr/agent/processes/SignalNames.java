// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.processes;

/**
 * Names of signals.
 *
 * <p>Source: {@code include/uapi/asm-generic/signal.h}; x86-64 and AArch64 number them alike. Real-time signals are named as
 * {@code kill -l} does, from the kernel's SIGRTMIN, 32.
 */
final class SignalNames {
    private static final int FIRST_REAL_TIME = 32;
    private static final int LAST_REAL_TIME = 64;
    private static final String[] NAMES = {
        "",
        "SIGHUP",
        "SIGINT",
        "SIGQUIT",
        "SIGILL",
        "SIGTRAP",
        "SIGABRT",
        "SIGBUS",
        "SIGFPE",
        "SIGKILL",
        "SIGUSR1",
        "SIGSEGV",
        "SIGUSR2",
        "SIGPIPE",
        "SIGALRM",
        "SIGTERM",
        "SIGSTKFLT",
        "SIGCHLD",
        "SIGCONT",
        "SIGSTOP",
        "SIGTSTP",
        "SIGTTIN",
        "SIGTTOU",
        "SIGURG",
        "SIGXCPU",
        "SIGXFSZ",
        "SIGVTALRM",
        "SIGPROF",
        "SIGWINCH",
        "SIGIO",
        "SIGPWR",
        "SIGSYS",
    };

    private SignalNames() {}

    /** The name of a signal, {@code signal N} for a number that no signal has, empty for 0. */
    static String name(int signal) {
        if (signal >= 0 && signal < NAMES.length) {
            return NAMES[signal];
        }
        if (signal >= FIRST_REAL_TIME && signal <= LAST_REAL_TIME) {
            return signal == FIRST_REAL_TIME ? "SIGRTMIN" : "SIGRTMIN+" + (signal - FIRST_REAL_TIME);
        }
        return "signal " + signal;
    }
}
