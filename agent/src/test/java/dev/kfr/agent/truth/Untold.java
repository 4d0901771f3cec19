// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.truth;

/**
 * Runs of programs that the kernel leaves out and does not count, which happens while others attach programs to the same tracepoint or detach them: some in a
 * thousand on 6.18, for all programs there alike.
 *
 * <p>With {@code KFR_ALONE} in the environment nobody else does so, and there must be none.
 */
final class Untold {
    private static final boolean ALONE = System.getenv("KFR_ALONE") != null;

    private Untold() {}

    /** What has to be seen of {@code done} at least, if {@code perMille} of them may be left out where others attach programs. */
    static long least(long done, int perMille) {
        return ALONE ? done : done - done * perMille / 1_000;
    }
}
