// SPDX-License-Identifier: Apache-2.0
package dev.kfr.bpf.btf;

/**
 * Names with a flavour: {@code task_struct___old} is another view of {@code task_struct}. Three underscores, with
 * something else on both sides, separate the name from the flavour; of several separators the last counts.
 */
final class FlavouredName {
    static final int SEPARATOR_LENGTH = 3;

    private FlavouredName() {}

    /** A name without its flavour. */
    static String essential(String name) {
        for (int at = name.length() - SEPARATOR_LENGTH - 1; at > 0; at--) {
            if (name.startsWith("___", at) && name.charAt(at - 1) != '_' && name.charAt(at + SEPARATOR_LENGTH) != '_') {
                return name.substring(0, at);
            }
        }
        return name;
    }

    /** Whether two names are the same up to their flavours. */
    static boolean same(String one, String other) {
        return essential(one).equals(essential(other));
    }
}
