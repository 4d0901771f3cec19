// SPDX-License-Identifier: Apache-2.0
package dev.kfr.bpf.btf;

import dev.kfr.bpf.BpfException;
import dev.kfr.bpf.BpfException.Reason;
import dev.kfr.bpf.Instructions;
import dev.kfr.bpf.btf.Btf.Kind;
import dev.kfr.bpf.btf.FieldQuestion.Answer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * Applies the CO-RE relocations of one program against one kernel: finds the kernel's types of the same name, asks
 * each the relocation's question, and puts the answer into the instruction. For use by one thread.
 *
 * <p>Several kernel types of one name are all right as long as all that have the field give the same answer.
 */
public final class CoreRelocator {
    private final Btf local;
    private final Btf kernel;

    /** By local type: the kernel types of its name, only those with the fields that were asked for so far. */
    private final Map<Integer, int[]> candidates = new HashMap<>();

    /**
     * A relocator without memory of other programs.
     *
     * @param local the program's types
     * @param kernel the types to fit them to
     */
    public CoreRelocator(Btf local, KernelBtf kernel) {
        this.local = local;
        this.kernel = kernel.types();
    }

    /**
     * Applies one relocation.
     *
     * @param index of the instruction in {@code code}; need not be the relocation's offset
     * @throws BpfException INVALID if the relocation makes no sense, does not fit its instruction, or is ambiguous
     */
    public void apply(CoreRelocation relocation, Instructions code, int index) {
        try {
            new InstructionPatch(code, index).apply(resolve(relocation));
        } catch (BpfException e) {
            String what = relocation.kind() + " " + relocation.access() + " of "
                    + local.declaration(relocation.typeId()) + " in instruction " + index;
            throw new BpfException(Reason.INVALID, "apply CO-RE relocation", what + ": " + e.getMessage(), e);
        }
    }

    /**
     * Whether a type that the program declares is what the kernel has: the same kinds all the way down, whatever
     * structs contain.
     */
    public boolean compatible(int localType, int kernelType) {
        return new TypeComparison(local, kernel).typesCompatible(localType, kernelType);
    }

    private Decision resolve(CoreRelocation relocation) {
        CoreRelocation.Kind kind = relocation.kind();
        int root = relocation.typeId();
        if (kind == CoreRelocation.Kind.TYPE_ID_LOCAL) {
            return Decision.unchecked(root);
        }
        if (local.name(root).isEmpty()) {
            throw local.invalid("a type without a name can't be looked up in the kernel");
        }
        if (kind.isEnumValue()) {
            return enumValue(relocation);
        }
        return kind.isType() ? type(relocation) : field(relocation);
    }

    // ---- Fields ----

    private Decision field(CoreRelocation relocation) {
        AccessPath path = AccessPath.parse(local, relocation.typeId(), relocation.access());
        Answer expected = FieldQuestion.ask(relocation.kind(), path);
        AccessPath agreedPath = null;
        Decision agreed = null;
        int[] all = candidates(relocation.typeId());
        int[] fitting = new int[all.length];
        int count = 0;
        for (int candidate : all) {
            AccessPath found = path.in(kernel, candidate);
            if (found == null) {
                continue;
            }
            Decision decision = decide(expected, FieldQuestion.ask(relocation.kind(), found));
            if (agreed == null) {
                agreed = decision;
                agreedPath = found;
            } else if (agreedPath.bits() != found.bits() || !agreed.sameResult(decision)) {
                throw ambiguous();
            }
            fitting[count++] = candidate;
        }
        if (agreed == null) {
            return relocation.kind() == CoreRelocation.Kind.FIELD_EXISTS
                    ? Decision.of(expected.value(), 0)
                    : Decision.POISON;
        }
        candidates.put(relocation.typeId(), Arrays.copyOf(fitting, count));
        return agreed;
    }

    /**
     * What to write, and whether the width of a load or store may follow: it may between pointers, which are shorter
     * in a 32-bit kernel, and between unsigned integers, which a load extends with zeros in any case.
     */
    private Decision decide(Answer expected, Answer found) {
        boolean widthMayChange = expected.size() == found.size()
                || local.kind(expected.typeId()) == Kind.POINTER && kernel.kind(found.typeId()) == Kind.POINTER
                || isUnsigned(local, expected.typeId()) && isUnsigned(kernel, found.typeId());
        return new Decision(
                false,
                expected.checked(),
                expected.value(),
                found.value(),
                expected.size(),
                found.size(),
                widthMayChange);
    }

    private static boolean isUnsigned(Btf btf, int id) {
        return btf.kind(id) == Kind.INT && !btf.isSigned(id);
    }

    // ---- Types ----

    private Decision type(CoreRelocation relocation) {
        if (!relocation.access().equals("0")) {
            throw local.invalid("the access to a type as a whole is " + relocation.access());
        }
        int root = relocation.typeId();
        boolean strict = relocation.kind() == CoreRelocation.Kind.TYPE_MATCHES;
        Decision agreed = null;
        for (int candidate : candidates(root)) {
            var comparison = new TypeComparison(local, kernel);
            if (strict ? comparison.typesMatch(root, candidate) : comparison.typesCompatible(root, candidate)) {
                Decision decision =
                        switch (relocation.kind()) {
                            case TYPE_ID_TARGET -> Decision.unchecked(candidate);
                            case TYPE_SIZE -> Decision.of(local.sizeOf(root), kernel.sizeOf(candidate));
                            default -> Decision.of(1, 1);
                        };
                if (agreed != null && !agreed.sameResult(decision)) {
                    if (relocation.kind() == CoreRelocation.Kind.TYPE_ID_TARGET) {
                        return agreed; // libbpf refuses that; the fields that are read by the id are relocated and
                        // checked on their own
                    }
                    throw ambiguous();
                }
                agreed = decision;
            }
        }
        if (agreed != null) {
            return agreed;
        }
        return switch (relocation.kind()) {
            case TYPE_ID_TARGET -> Decision.unchecked(0);
            case TYPE_SIZE -> Decision.of(local.sizeOf(root), 0);
            default -> Decision.of(1, 0);
        };
    }

    // ---- Constants of enums ----

    private Decision enumValue(CoreRelocation relocation) {
        int localEnum = local.resolve(relocation.typeId());
        int index = AccessPath.index(local, relocation.access());
        String name = FlavouredName.essential(local.constantName(localEnum, index));
        boolean exists = relocation.kind() == CoreRelocation.Kind.ENUM_VALUE_EXISTS;
        long expected = exists ? 1 : local.constantValue(localEnum, index);
        Decision agreed = null;
        for (int candidate : candidates(relocation.typeId())) {
            int targetEnum = kernel.resolve(candidate);
            int found = constant(targetEnum, name);
            if (found >= 0) {
                Decision decision = Decision.of(expected, exists ? 1 : kernel.constantValue(targetEnum, found));
                if (agreed != null && !agreed.sameResult(decision)) {
                    throw ambiguous();
                }
                agreed = decision;
            }
        }
        if (agreed != null) {
            return agreed;
        }
        return exists ? Decision.of(expected, 0) : Decision.POISON;
    }

    private int constant(int targetEnum, String name) {
        if (kernel.kind(targetEnum).isEnum()) {
            for (int i = 0; i < kernel.length(targetEnum); i++) {
                if (FlavouredName.essential(kernel.constantName(targetEnum, i)).equals(name)) {
                    return i;
                }
            }
        }
        return -1;
    }

    // ---- Candidates ----

    private int[] candidates(int localType) {
        int[] known = candidates.get(localType);
        if (known == null) {
            known = find(localType);
            candidates.put(localType, known);
        }
        return known;
    }

    private int[] find(int localType) {
        Kind kind = local.kind(localType);
        String name = FlavouredName.essential(local.name(localType));
        NameIndex index = kernel.names();
        int[] found = new int[4];
        int count = 0;
        for (int entry = index.first(name); entry != 0; entry = index.next(entry)) {
            int id = index.id(entry);
            boolean sameKind =
                    kind == kernel.kind(id) || kind.isEnum() && kernel.kind(id).isEnum();
            if (sameKind && FlavouredName.essential(kernel.name(id)).equals(name)) {
                found = count == found.length ? Arrays.copyOf(found, 2 * count) : found;
                found[count++] = id;
            }
        }
        return Arrays.copyOf(found, count);
    }

    private BpfException ambiguous() {
        return kernel.invalid("several types of the name give different answers");
    }
}
