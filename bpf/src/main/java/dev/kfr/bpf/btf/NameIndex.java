// SPDX-License-Identifier: Apache-2.0
package dev.kfr.bpf.btf;

import dev.kfr.bpf.btf.Btf.Kind;
import java.nio.charset.StandardCharsets;

/**
 * Types by name: chains of ids with the same hash, ids ascending. A chain holds all types whose name is the same
 * <em>up to a flavour</em> (see {@link FlavouredName}), and may hold others; who walks it compares names.
 *
 * <p>Functions are left out: they are four fifths of a kernel's names, and programs look for few of them.
 */
final class NameIndex {
    private final int[] heads;
    private final int[] next;

    private NameIndex(int[] heads, int[] next) {
        this.heads = heads;
        this.next = next;
    }

    static NameIndex of(Btf btf) {
        int count = btf.count();
        int[] heads = new int[Integer.highestOneBit(count) << 1];
        int[] next = new int[count];
        byte[] raw = btf.raw();
        for (int id = count - 1; id > 0; id--) {
            int nameOffset = btf.nameOffset(id);
            if (nameOffset != 0 && btf.kind(id) != Kind.FUNCTION) {
                int slot = slot(hash(raw, btf.stringPosition(nameOffset)), heads.length);
                next[id] = heads[slot];
                heads[slot] = id;
            }
        }
        return new NameIndex(heads, next);
    }

    /** The first type of the chain for a name without its flavour; 0 if the chain is empty. */
    int first(String essentialName) {
        int hash = 0;
        for (byte b : essentialName.getBytes(StandardCharsets.UTF_8)) {
            hash = hash * 31 + b;
        }
        return heads[slot(hash, heads.length)];
    }

    /** The next type of a chain, 0 at its end. */
    int next(int id) {
        return next[id];
    }

    /** Hash of a NUL-terminated name without its flavour. */
    private static int hash(byte[] raw, int from) {
        int hash = 0;
        int underscores = 0;
        int essential = 0;
        int beforeUnderscores = 0;
        boolean flavoured = false;
        for (int at = from; raw[at] != 0; at++) {
            byte b = raw[at];
            if (b == '_') {
                if (underscores++ == 0) {
                    beforeUnderscores = hash;
                }
            } else {
                if (underscores == FlavouredName.SEPARATOR_LENGTH && at > from + FlavouredName.SEPARATOR_LENGTH) {
                    essential = beforeUnderscores;
                    flavoured = true;
                }
                underscores = 0;
            }
            hash = hash * 31 + b;
        }
        return flavoured ? essential : hash;
    }

    private static int slot(int hash, int slots) {
        return (hash ^ hash >>> 15) & slots - 1;
    }
}
