// SPDX-License-Identifier: Apache-2.0
package dev.kfr.bpf;

import dev.kfr.bpf.BpfException.Reason;
import dev.kfr.bpf.btf.Btf;
import dev.kfr.bpf.btf.Btf.Kind;
import java.util.ArrayList;
import java.util.List;

/**
 * Where the fields of a C struct or union are, or the variables of a data section, as BTF describes them. Decoders ask
 * once and keep the offsets. Immutable.
 */
public final class StructLayout {
    /**
     * Where a field is.
     *
     * @param offset bytes from the start of the struct that was asked
     * @param size bytes, of all elements
     * @param signed whether a number in it, or in its elements, has a sign
     * @param elements 1, or the length of an array (of all dimensions)
     * @param elementSize bytes of one element; {@code size} if it is no array
     */
    public record Field(int offset, int size, boolean signed, int elements, int elementSize) {}

    /** Deeper nests of anonymous members are no C. */
    private static final int MAX_DEPTH = 16;

    /** More members than any sane struct has: types of a hostile object can nest exponentially. */
    private static final int MAX_VISITS = 100_000;

    private final Btf btf;
    private final int typeId;

    private StructLayout(Btf btf, int typeId) {
        this.btf = btf;
        this.typeId = typeId;
    }

    /**
     * The layout of the struct, union or data section with this BTF id, or what a typedef of that id stands for.
     *
     * @throws BpfException INVALID if the type is none of these
     */
    public static StructLayout of(Btf btf, int typeId) {
        int resolved = btf.resolve(typeId);
        if (!hasFields(btf.kind(resolved))) {
            throw new BpfException(Reason.INVALID, "read layout", btf.declaration(typeId) + " has no fields");
        }
        return new StructLayout(btf, resolved);
    }

    private static boolean hasFields(Kind kind) {
        return kind.isComposite() || kind == Kind.DATA_SECTION;
    }

    /** Name of the struct or section; empty if it has none. */
    public String name() {
        return btf.name(typeId);
    }

    /** Bytes. */
    public int size() {
        return btf.sizeOf(typeId);
    }

    /** Names of the fields in their order; those of anonymous members are in the place of these. */
    public List<String> fieldNames() {
        var names = new ArrayList<String>();
        collect(typeId, 0, new int[1], names);
        return List.copyOf(names);
    }

    private void collect(int id, int depth, int[] visits, List<String> names) {
        check(depth, visits[0] += btf.length(id));
        for (int i = 0; i < btf.length(id); i++) {
            String name = memberName(id, i);
            int type = btf.resolve(memberType(id, i));
            if (!name.isEmpty()) {
                names.add(name);
            } else if (btf.kind(type).isComposite()) {
                collect(type, depth + 1, visits, names);
            }
        }
    }

    /**
     * A field.
     *
     * @param path its name, or names and indices on the way to it: {@code "header.pid"}, {@code "settings[3].rate"};
     *     members of anonymous structs and unions are found as in C
     * @throws BpfException NOT_FOUND if there is no such field, NOT_SUPPORTED if it is a bit-field
     */
    public Field field(String path) {
        return field(require(path), path);
    }

    /** The direct member of a number. */
    Field field(int index) {
        boolean bitField = btf.kind(typeId).isComposite() && btf.memberBits(typeId, index) > 0;
        var place = new Place(memberType(typeId, index), memberBits(typeId, index), bitField);
        return field(place, memberName(typeId, index));
    }

    private Field field(Place place, String path) {
        if (place.bitField || place.bits % Byte.SIZE != 0) {
            throw new BpfException(Reason.NOT_SUPPORTED, operation(path), "it is a bit-field");
        }
        int element = element(place.type);
        int size = btf.sizeOf(place.type);
        int elementSize = btf.sizeOf(element);
        boolean array = btf.kind(btf.resolve(place.type)) == Kind.ARRAY;
        int elements = array ? (elementSize == 0 ? 0 : size / elementSize) : 1;
        boolean signed = btf.kind(element) == Kind.INT && btf.isSigned(element);
        return new Field((int) (place.bits / Byte.SIZE), size, signed, elements, elementSize);
    }

    /** Whether there is such a field, be it a bit-field. */
    public boolean has(String path) {
        return find(path) != null;
    }

    /**
     * The layout of a field that is a struct or union, or of the elements of an array of such.
     *
     * @throws BpfException NOT_FOUND if there is no such field, INVALID if it is no struct
     */
    public StructLayout nested(String path) {
        return of(btf, element(require(path).type));
    }

    /** What an array of any dimensions consists of. */
    private int element(int id) {
        int element = btf.resolve(id);
        for (int depth = 0; btf.kind(element) == Kind.ARRAY; depth++) {
            check(depth, 0);
            element = btf.resolve(btf.elementType(element));
        }
        return element;
    }

    private Place require(String path) {
        Place place = find(path);
        if (place == null) {
            throw new BpfException(Reason.NOT_FOUND, operation(path), "there is no such field");
        }
        return place;
    }

    private String operation(String path) {
        return "look up field " + path + " of " + btf.declaration(typeId);
    }

    // ---- The way along a path ----

    /** A field on the way: its type, and where it begins in the outermost struct. */
    private record Place(int type, long bits, boolean bitField) {
        Place plus(long more) {
            return new Place(type, bits + more, bitField);
        }
    }

    private Place find(String path) {
        Place place = new Place(typeId, 0, false);
        int at = 0;
        do {
            boolean index = at < path.length() && path.charAt(at) == '[';
            if (!index && at > 0 && path.charAt(at++) != '.') {
                return null;
            }
            int end = endOfStep(path, at, index);
            Place next = index
                    ? element(place.type, index(path.substring(at + 1, Math.max(at + 1, end - 1))))
                    : member(place.type, path.substring(at, end), 0, new int[1]);
            if (next == null) {
                return null;
            }
            place = next.plus(place.bits);
            at = end;
        } while (at < path.length());
        return place;
    }

    /** A name ends before the next dot or bracket, an index behind its bracket. */
    private static int endOfStep(String path, int from, boolean index) {
        int end = from;
        while (end < path.length() && (index ? path.charAt(end) != ']' : ".[".indexOf(path.charAt(end)) < 0)) {
            end++;
        }
        return index && end < path.length() ? end + 1 : end;
    }

    /** What is no number is an index that no array has. */
    private static int index(String text) {
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException e) {
            return -1;
        }
    }

    private Place member(int type, String name, int depth, int[] visits) {
        int id = btf.resolve(type);
        if (name.isEmpty() || !hasFields(btf.kind(id))) {
            return null;
        }
        check(depth, visits[0] += btf.length(id));
        for (int i = 0; i < btf.length(id); i++) {
            String memberName = memberName(id, i);
            int memberType = memberType(id, i);
            long bits = memberBits(id, i);
            if (memberName.equals(name)) {
                return new Place(memberType, bits, btf.kind(id).isComposite() && btf.memberBits(id, i) > 0);
            }
            Place inside = memberName.isEmpty() ? member(memberType, name, depth + 1, visits) : null;
            if (inside != null) {
                return inside.plus(bits);
            }
        }
        return null;
    }

    private Place element(int type, int index) {
        int id = btf.resolve(type);
        if (btf.kind(id) != Kind.ARRAY || index < 0 || Integer.compareUnsigned(index, btf.elementCount(id)) >= 0) {
            return null;
        }
        int element = btf.elementType(id);
        return new Place(element, (long) index * btf.sizeOf(element) * Byte.SIZE, false);
    }

    // ---- Structs and data sections alike ----

    private String memberName(int id, int index) {
        return btf.kind(id) == Kind.DATA_SECTION ? btf.name(btf.sectionVariable(id, index)) : btf.memberName(id, index);
    }

    private int memberType(int id, int index) {
        return btf.kind(id) == Kind.DATA_SECTION
                ? btf.target(btf.sectionVariable(id, index))
                : btf.memberType(id, index);
    }

    private long memberBits(int id, int index) {
        return btf.kind(id) == Kind.DATA_SECTION
                ? (long) btf.sectionOffset(id, index) * Byte.SIZE
                : btf.memberOffset(id, index);
    }

    private void check(int depth, int visits) {
        if (depth > MAX_DEPTH || visits > MAX_VISITS) {
            throw new BpfException(Reason.INVALID, "read layout", "type " + typeId + " is nested too deeply");
        }
    }
}
