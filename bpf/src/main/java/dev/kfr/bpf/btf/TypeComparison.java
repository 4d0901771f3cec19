// SPDX-License-Identifier: Apache-2.0
package dev.kfr.bpf.btf;

import dev.kfr.bpf.btf.Btf.Kind;

/**
 * Whether a program's type and a kernel's are the same for a purpose. There are three, from lenient to strict; they
 * decide as libbpf does, because programs are written to its rules. For one comparison by one thread.
 */
final class TypeComparison {
    /** More steps than any sane comparison takes: types of a hostile object can nest exponentially. */
    private static final int MAX_STEPS = 1_000_000;

    private final Btf local;
    private final Btf target;
    private int steps;

    TypeComparison(Btf local, Btf target) {
        this.local = local;
        this.target = target;
    }

    /** Whether a field of the one type can be read as the other: same kind, and what sizes may differ is adjusted. */
    boolean fieldsCompatible(int localType, int targetType) {
        int mine = local.resolve(localType);
        int theirs = target.resolve(targetType);
        for (int depth = 0; depth < Btf.MAX_DEPTH; depth++) {
            if (local.kind(mine).isComposite() && target.kind(theirs).isComposite()) {
                return true;
            }
            if (!sameKind(mine, theirs)) {
                return false;
            }
            switch (local.kind(mine)) {
                case POINTER, FLOAT -> {
                    return true;
                }
                case FORWARD, ENUM, ENUM64 -> {
                    String name = FlavouredName.essential(local.name(mine));
                    String other = FlavouredName.essential(target.name(theirs));
                    return name.isEmpty() || other.isEmpty() || name.equals(other);
                }
                case INT -> {
                    return local.bitOffset(mine) == 0 && target.bitOffset(theirs) == 0;
                }
                case ARRAY -> {
                    mine = local.resolve(local.elementType(mine));
                    theirs = target.resolve(target.elementType(theirs));
                }
                default -> {
                    return false;
                }
            }
        }
        throw local.invalid("type " + localType + " is nested too deeply");
    }

    /**
     * Whether the kernel's type counts as this one's existence: same kinds all the way down, whatever structs contain.
     * The names of the two are the same already.
     */
    boolean typesCompatible(int localType, int targetType) {
        return sameKind(localType, targetType) && compatible(localType, targetType, 0);
    }

    private boolean compatible(int localType, int targetType, int depth) {
        count(localType, depth);
        int mine = local.resolve(localType);
        int theirs = target.resolve(targetType);
        if (!sameKind(mine, theirs)) {
            return false;
        }
        return switch (local.kind(mine)) {
            case VOID, STRUCT, UNION, ENUM, ENUM64, FORWARD -> true;
            case INT -> local.bitOffset(mine) == 0 && target.bitOffset(theirs) == 0;
            case POINTER -> compatible(local.target(mine), target.target(theirs), depth + 1);
            case ARRAY -> compatible(local.elementType(mine), target.elementType(theirs), depth + 1);
            case FUNCTION_PROTOTYPE -> {
                boolean same = local.length(mine) == target.length(theirs);
                for (int i = 0; same && i < local.length(mine); i++) {
                    same = compatible(local.parameterType(mine, i), target.parameterType(theirs, i), depth + 1);
                }
                yield same && compatible(local.target(mine), target.target(theirs), depth + 1);
            }
            default -> false;
        };
    }

    /**
     * Whether the kernel's type has all that this one has: each member, constant and parameter by name and type, with
     * the same sizes and signs. What is behind a pointer is compared by name and kind only.
     */
    boolean typesMatch(int localType, int targetType) {
        return matches(localType, targetType, false, 0);
    }

    private boolean matches(int localType, int targetType, boolean behindPointer, int depth) {
        count(localType, depth);
        int mine = local.resolve(localType);
        int theirs = target.resolve(targetType);
        if (!FlavouredName.same(local.name(mine), target.name(theirs))) {
            return false;
        }
        Kind kind = local.kind(mine);
        Kind other = target.kind(theirs);
        return switch (kind) {
            case VOID -> other == Kind.VOID;
            case FORWARD -> forwardMatches(mine, theirs, behindPointer);
            case ENUM, ENUM64 -> other.isEnum() && enumsMatch(mine, theirs);
            case STRUCT, UNION ->
                behindPointer
                        ? kind == other || other == Kind.FORWARD && (kind == Kind.UNION) == target.flag(theirs)
                        : kind == other && membersMatch(mine, theirs, depth);
            case INT ->
                kind == other
                        && local.sizeOf(mine) == target.sizeOf(theirs)
                        && local.isSigned(mine) == target.isSigned(theirs);
            case POINTER -> kind == other && matches(local.target(mine), target.target(theirs), true, depth + 1);
            case ARRAY ->
                kind == other
                        && local.elementCount(mine) == target.elementCount(theirs)
                        && matches(local.elementType(mine), target.elementType(theirs), behindPointer, depth + 1);
            case FUNCTION_PROTOTYPE -> kind == other && prototypesMatch(mine, theirs, behindPointer, depth);
            default -> false;
        };
    }

    private boolean forwardMatches(int mine, int theirs, boolean behindPointer) {
        Kind other = target.kind(theirs);
        boolean union = local.flag(mine);
        if (other == Kind.FORWARD) {
            return union == target.flag(theirs);
        }
        return behindPointer && other == (union ? Kind.UNION : Kind.STRUCT);
    }

    private boolean enumsMatch(int mine, int theirs) {
        if (local.sizeOf(mine) != target.sizeOf(theirs)) {
            return false;
        }
        for (int i = 0; i < local.length(mine); i++) {
            String name = local.constantName(mine, i);
            boolean found = false;
            for (int j = 0; !found && j < target.length(theirs); j++) {
                count(mine, 0);
                found = FlavouredName.same(name, target.constantName(theirs, j));
            }
            if (!found) {
                return false;
            }
        }
        return true;
    }

    private boolean membersMatch(int mine, int theirs, int depth) {
        for (int i = 0; i < local.length(mine); i++) {
            String name = local.memberName(mine, i);
            boolean found = false;
            for (int j = 0; !found && j < target.length(theirs); j++) {
                count(mine, depth);
                found = FlavouredName.same(name, target.memberName(theirs, j))
                        && matches(local.memberType(mine, i), target.memberType(theirs, j), false, depth + 1);
            }
            if (!found) {
                return false;
            }
        }
        return true;
    }

    private boolean prototypesMatch(int mine, int theirs, boolean behindPointer, int depth) {
        boolean same = local.length(mine) == target.length(theirs);
        for (int i = 0; same && i < local.length(mine); i++) {
            same = matches(local.parameterType(mine, i), target.parameterType(theirs, i), behindPointer, depth + 1);
        }
        return same && matches(local.target(mine), target.target(theirs), behindPointer, depth + 1);
    }

    /** Same kind, where enums of any width are of one kind. */
    private boolean sameKind(int localType, int targetType) {
        Kind kind = local.kind(localType);
        Kind other = target.kind(targetType);
        return kind == other || kind.isEnum() && other.isEnum();
    }

    private void count(int localType, int depth) {
        if (depth > Btf.MAX_DEPTH || ++steps > MAX_STEPS) {
            throw local.invalid("type " + localType + " is nested too deeply");
        }
    }
}
