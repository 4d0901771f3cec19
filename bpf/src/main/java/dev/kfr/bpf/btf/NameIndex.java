// SPDX-License-Identifier: Apache-2.0
package dev.kfr.bpf.btf;

import java.nio.charset.StandardCharsets;

/**
 * Types by name: chains of ids with the same hash, ids ascending. A chain holds all types whose name is the same
 * <em>up to a flavour</em> (see {@link FlavouredName}), and may hold others; who walks it compares names.
 *
 * <p>Functions are left out: they are four fifths of a kernel's names, and programs look for few of them.
 */
final class NameIndex {
    /** Takes types, ids descending. */
    interface Visitor {
        /** @param nameAt where its name begins */
        void visit(int id, BtfBytes.Window strings, int nameAt);
    }

    private final int[] heads;
    private final int[] next;
    private final int[] ids;
    private int entries;

    private NameIndex(int types) {
        heads = new int[Integer.highestOneBit(types + 1) << 1];
        next = new int[types + 1];
        ids = new int[types + 1];
    }

    static NameIndex of(Btf btf) {
        var index = new NameIndex(btf.indexed());
        btf.eachIndexed(
                new Visitor() { // not a lambda: the first ones of a JVM cost more than the whole scan
                    @Override
                    public void visit(int id, BtfBytes.Window strings, int nameAt) {
                        index.add(id, strings, nameAt);
                    }
                });
        return index;
    }

    private void add(int id, BtfBytes.Window strings, int nameAt) {
        int slot = slot(hash(strings, nameAt), heads.length);
        int entry = ++entries;
        ids[entry] = id;
        next[entry] = heads[slot];
        heads[slot] = entry;
    }

    /** The first entry of the chain for a name without its flavour; 0 if the chain is empty. */
    int first(String essentialName) {
        int hash = 0;
        for (byte b : essentialName.getBytes(StandardCharsets.UTF_8)) {
            hash = hash * 31 + b;
        }
        return heads[slot(hash, heads.length)];
    }

    /** The next entry of a chain, 0 at its end. */
    int next(int entry) {
        return next[entry];
    }

    /** The type that an entry stands for. */
    int id(int entry) {
        return ids[entry];
    }

    /** Hash of a NUL-terminated name without its flavour. */
    private static int hash(BtfBytes.Window strings, int from) {
        int hash = 0;
        int underscores = 0;
        int essential = 0;
        int beforeUnderscores = 0;
        boolean flavoured = false;
        int at = from;
        for (byte b = strings.u8(at); b != 0; b = strings.u8(++at)) {
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
