// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.control;

/**
 * What a probe does right now.
 *
 * @param probe name of its hook
 * @param subject the eBPF object that holds its programs
 * @param state what it does
 * @param variant the program that runs; empty if none does
 * @param message why it does not run, or why this variant and not a better one; empty if there is nothing to say
 * @param programId the kernel's id of the program, 0 if none is loaded
 */
public record ProbeStatusRow(String probe, String subject, State state, String variant, String message, int programId) {
    /** What a probe can do. */
    public enum State {
        /** Nobody needs it; nothing of it is in the kernel. */
        DETACHED,
        /** Its program runs. */
        ATTACHED,
        /** Somebody needs it, and no variant could be loaded and attached. */
        FAILED
    }

    /**
     * Whether runs of its program may be missing: on a kernel that skips some the classic tracepoint, which sees them all, can't be had.
     */
    public boolean mayMissRuns() {
        return state == State.ATTACHED && message.contains(Hook.CLASSIC + ": ");
    }
}
