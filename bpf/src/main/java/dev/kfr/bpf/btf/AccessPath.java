// SPDX-License-Identifier: Apache-2.0
package dev.kfr.bpf.btf;

import dev.kfr.bpf.btf.Btf.Kind;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * The way from a type to one of its fields, such as {@code task->signal->group[2].leader} without the pointers: where it
 * leads, in bits, and over which named members and array elements. One is read from a program's relocation; the same
 * way is then looked for in a kernel's type of that name, whose layout may be another.
 *
 * @param rootId the type where it begins
 * @param steps at least one: the first is the element of the (imagined) array of root types, usually 0
 * @param bits from the start of the root type
 */
record AccessPath(Btf btf, int rootId, List<Step> steps, long bits) {
    /**
     * One part of the way.
     *
     * @param typeId of a member, the struct or union that it is in; of an array element, the element's type
     * @param index of the member or element
     * @param member the member's name; null for an array element
     */
    record Step(int typeId, int index, String member) {}

    /** {@code BPF_CORE_SPEC_MAX_LEN}. */
    private static final int MAX_STEPS = 64;

    /** More members than any sane search visits: types of a hostile object can nest exponentially. */
    private static final int MAX_VISITS = 1_000_000;

    Step last() {
        return steps.getLast();
    }

    /** Reads the way that a relocation describes: indices, separated by colons. */
    static AccessPath parse(Btf btf, int rootId, String access) {
        String[] parts = access.split(":", -1);
        if (parts.length > MAX_STEPS) {
            throw btf.invalid("the access " + access + " is nested too deeply");
        }
        int id = btf.resolve(rootId);
        var walk = new Walk(btf);
        walk.element(id, index(btf, parts[0]));
        for (int i = 1; i < parts.length; i++) {
            int index = index(btf, parts[i]);
            id = btf.resolve(id);
            if (btf.kind(id).isComposite()) {
                walk.bits += btf.memberOffset(id, index);
                String name = btf.memberName(id, index);
                if (!name.isEmpty()) {
                    walk.steps.add(new Step(id, index, name));
                }
                id = btf.memberType(id, index);
            } else if (walk.hasElement(id, index)) {
                id = btf.resolve(btf.elementType(id));
                walk.element(id, index);
            } else {
                throw btf.invalid("the access " + access + " of " + btf.declaration(rootId) + " leads nowhere");
            }
        }
        return new AccessPath(btf, rootId, List.copyOf(walk.steps), walk.bits);
    }

    /** An index as relocations write it. */
    static int index(Btf btf, String text) {
        try {
            int index = Integer.parseInt(text);
            if (index >= 0) {
                return index;
            }
        } catch (NumberFormatException e) {
            // answered below
        }
        throw btf.invalid("\"" + text + "\" is no index");
    }

    /** The same way in another type, by names; null if that type does not have it. */
    AccessPath in(Btf target, int targetRootId) {
        var walk = new Walk(target);
        int id = target.resolve(targetRootId);
        for (int i = 0; i < steps.size(); i++) {
            Step step = steps.get(i);
            id = target.resolve(id);
            if (step.member != null) {
                byte[] name = step.member.getBytes(StandardCharsets.UTF_8);
                id = walk.member(this, step, name, id, 0);
                if (id < 0) {
                    return null;
                }
                continue;
            }
            if (i > 0) { // the first step is into the array that the root type itself is an element of
                if (!walk.hasElement(id, step.index)) {
                    return null;
                }
                id = target.resolve(target.elementType(id));
            }
            walk.element(id, step.index);
        }
        return new AccessPath(target, targetRootId, List.copyOf(walk.steps), walk.bits);
    }

    /** A way in the making. */
    private static final class Walk {
        private final Btf btf;
        private final List<Step> steps = new ArrayList<>();
        private long bits;
        private int visits;

        Walk(Btf btf) {
            this.btf = btf;
        }

        void element(int id, int index) {
            // void has no size, and element 0 needs none
            bits += index == 0 ? 0 : (long) index * btf.sizeOf(id) * Byte.SIZE;
            if (bits < 0 || bits > (long) Integer.MAX_VALUE * Byte.SIZE) {
                throw btf.invalid("an access leads too far");
            }
            steps.add(new Step(id, index, null));
        }

        /** Whether a type is an array that has this element; an open array at the end of a struct has any. */
        boolean hasElement(int id, int index) {
            if (btf.kind(id) != Kind.ARRAY) {
                return false;
            }
            Step from = steps.getLast();
            boolean open =
                    btf.elementCount(id) == 0 && from.member != null && from.index == btf.length(from.typeId) - 1;
            return open || Integer.compareUnsigned(index, btf.elementCount(id)) < 0;
        }

        /**
         * Goes to the member of a step's name, also through anonymous members. The result is the member's type, or -1
         * if there is none of that name, or it is of a type that does not fit.
         */
        int member(AccessPath local, Step step, byte[] wanted, int id, int depth) {
            int composite = btf.resolve(id);
            if (!btf.kind(composite).isComposite()) {
                return -1;
            }
            if (depth > Btf.MAX_DEPTH || (visits += btf.length(composite)) > MAX_VISITS) {
                throw btf.invalid("type " + id + " is nested too deeply");
            }
            for (int i = 0; i < btf.length(composite); i++) {
                int name = btf.memberNameOffset(composite, i);
                int type = btf.memberType(composite, i);
                long before = bits;
                bits += btf.memberOffset(composite, i);
                if (name == 0) {
                    int found = member(local, step, wanted, type, depth + 1);
                    if (found >= 0) {
                        return found;
                    }
                } else if (btf.stringEquals(name, wanted)) {
                    int localType = local.btf.memberType(step.typeId, step.index);
                    if (!new TypeComparison(local.btf, btf).fieldsCompatible(localType, type)) {
                        return -1;
                    }
                    steps.add(new Step(composite, i, step.member));
                    return type;
                }
                bits = before;
            }
            return -1;
        }
    }
}
