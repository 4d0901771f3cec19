// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.doctor;

/**
 * One thing that was looked at.
 *
 * @param name of the thing, such as {@code BTF}
 * @param state whether it is as it has to be
 * @param found what it is, in a few words
 * @param advice what to do about it; empty if it is good
 */
public record Check(String name, State state, String found, String advice) {
    /** How a thing is. */
    public enum State {
        /** As it has to be. */
        OK,
        /** All works that is asked for by default; the advice says what does not. */
        NOTE,
        /** Something does not work. */
        MISSING
    }

    static Check ok(String name, String found) {
        return new Check(name, State.OK, found, "");
    }

    static Check note(String name, String found, String advice) {
        return new Check(name, State.NOTE, found, advice);
    }

    static Check missing(String name, String found, String advice) {
        return new Check(name, State.MISSING, found, advice);
    }
}
