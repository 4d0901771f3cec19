// SPDX-License-Identifier: Apache-2.0
package dev.kfr.bpf.btf;

import dev.kfr.bpf.BpfException;
import dev.kfr.bpf.BpfException.Reason;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.OptionalLong;

/**
 * Types of a program or a kernel in BPF Type Format, addressed by their ids: no object exists for a type, each question
 * reads the bytes. A kernel has 100,000 types and more, of which a program needs a few dozen.
 *
 * <p>Parsing checks that each type lies inside the section. What types refer to is checked when it is asked for: any
 * method throws {@link BpfException} with INVALID for an id that does not exist, for a question that a type of its
 * kind can't answer, and for types that contain themselves. Immutable and safe for use by several threads.
 *
 * <p>The format is that of the kernel's {@code Documentation/bpf/btf.rst} and {@code include/uapi/linux/btf.h}.
 */
public final class Btf {
    /** Kinds of types, in the order of their numbers ({@code BTF_KIND_*}). */
    public enum Kind {
        VOID,
        INT,
        POINTER,
        ARRAY,
        STRUCT,
        UNION,
        ENUM,
        FORWARD,
        TYPEDEF,
        VOLATILE,
        CONST,
        RESTRICT,
        FUNCTION,
        FUNCTION_PROTOTYPE,
        VARIABLE,
        DATA_SECTION,
        FLOAT,
        DECLARATION_TAG,
        TYPE_TAG,
        ENUM64;

        /** A struct or union. */
        public boolean isComposite() {
            return this == STRUCT || this == UNION;
        }

        /** An enum of any width. */
        public boolean isEnum() {
            return this == ENUM || this == ENUM64;
        }

        /** Something around a type that changes nothing about its layout, a typedef included. */
        boolean isTransparent() {
            return switch (this) {
                case TYPEDEF, VOLATILE, CONST, RESTRICT, TYPE_TAG -> true;
                default -> false;
            };
        }
    }

    private static final Kind[] KINDS = Kind.values();

    static final int MAGIC = 0xeb9f;
    static final int HEADER_SIZE = 24;
    static final int TYPE_SIZE = 12;
    private static final int MEMBER_SIZE = 12;
    private static final int CONSTANT_SIZE = 8;
    private static final int CONSTANT64_SIZE = 12;
    static final int PARAMETER_SIZE = 8;
    private static final int SECTION_ENTRY_SIZE = 12;

    /** Longer chains of typedefs and modifiers, or deeper nests, mean a loop. libbpf and the kernel have 32. */
    static final int MAX_DEPTH = 64;

    /** More than a function pointer of any sane C has, with all function pointers among its parameters. */
    private static final int MAX_DECLARATION_PARTS = 500;

    /** Longer names are an attack: thousands of types can share one string that is as long as the section. */
    private static final int MAX_NAME_LENGTH = 1024;

    /** A kernel's types take 25 bytes each in the mean. */
    private static final int USUAL_SIZE = 20;

    private final String origin;
    private final BtfBytes raw;
    private final int stringsAt;
    private final int stringsLength;
    private final int[] positions;
    private final int count;
    private final int indexed;
    private volatile NameIndex names;

    private Btf(String origin, BtfBytes raw, int types, int typesEnd, int stringsAt, int stringsLength) {
        this.origin = origin;
        this.raw = raw;
        this.stringsAt = stringsAt;
        this.stringsLength = stringsLength;
        // Where each type begins; the position of type 0, void, stays 0.
        int[] found = new int[(typesEnd - types) / USUAL_SIZE + 2];
        int named = 0;
        int id = 1;
        try (var window = raw.window()) {
            for (int at = types; at < typesEnd; id++) {
                int index = window.index(at);
                byte[] bytes = window.bytes();
                int size = typesEnd - at < TYPE_SIZE ? Integer.MAX_VALUE : sizeAt(bytes, index);
                if (size < 0) {
                    throw invalid("type " + id + " is of the unknown kind " + (bytes[index + 7] & 0x1f));
                }
                if (size > typesEnd - at) {
                    throw invalid("type " + id + " is cut off");
                }
                if (isIndexed(bytes, index)) {
                    named++;
                }
                if (id == found.length) {
                    found = Arrays.copyOf(found, 2 * id);
                }
                found[id] = at;
                at += size;
            }
        }
        positions = found;
        count = id;
        indexed = named;
    }

    /**
     * Reads the content of a {@code .BTF} section.
     *
     * @param origin whose types these are, for messages
     * @param raw the array is kept and must not be changed
     * @throws BpfException INVALID if it is no BTF
     */
    public static Btf parse(String origin, byte[] raw) {
        return parse(origin, BtfBytes.of(raw));
    }

    static Btf parse(String origin, BtfBytes raw) {
        if (raw.length() < HEADER_SIZE || raw.u16(0) != MAGIC || raw.u8(2) != 1) {
            throw invalid(origin, "no BTF of version 1 in little-endian order");
        }
        long header = raw.u32(4) & 0xffffffffL;
        long types = header + (raw.u32(8) & 0xffffffffL);
        long typesEnd = types + (raw.u32(12) & 0xffffffffL);
        long strings = header + (raw.u32(16) & 0xffffffffL);
        long stringsEnd = strings + (raw.u32(20) & 0xffffffffL);
        if (header < HEADER_SIZE || typesEnd > raw.length() || stringsEnd > raw.length() || strings == stringsEnd) {
            throw invalid(origin, "its sections lie outside of it");
        }
        if (raw.u8((int) strings) != 0 || raw.u8((int) stringsEnd - 1) != 0) {
            throw invalid(origin, "its strings do not begin and end with NUL");
        }
        return new Btf(origin, raw, (int) types, (int) typesEnd, (int) strings, (int) (stringsEnd - strings));
    }

    /** Whether {@link NameIndex} has it: it has a name and is no function. */
    private static boolean isIndexed(byte[] raw, int at) {
        return BtfBytes.u32(raw, at) != 0 && (raw[at + 7] & 0x1f) != Kind.FUNCTION.ordinal();
    }

    // A method of its own, because the JVM compiles a method that is called often before a loop that runs long.
    private static int sizeAt(byte[] raw, int at) {
        int length = raw[at + 4] & 0xff | (raw[at + 5] & 0xff) << 8;
        int tail =
                switch (raw[at + 7] & 0x1f) {
                    case 1, 14, 17 -> 4; // INT, VARIABLE, DECLARATION_TAG
                    case 3 -> 12; // ARRAY
                    case 4, 5, 15, 19 -> length * 12; // STRUCT, UNION, DATA_SECTION, ENUM64
                    case 6, 13 -> length * 8; // ENUM, FUNCTION_PROTOTYPE
                    case 2, 7, 8, 9, 10, 11, 12, 16, 18 -> 0;
                    default -> -TYPE_SIZE - 1;
                };
        return TYPE_SIZE + tail;
    }

    /** One more than the highest id. Type 0 is void. */
    public int count() {
        return count;
    }

    /** The bytes of the section; a copy. */
    public byte[] toBytes() {
        return raw.copy(0, raw.length());
    }

    /** How many types have a name and are no functions. */
    int indexed() {
        return indexed;
    }

    /** Goes through those types. */
    void eachIndexed(NameIndex.Visitor visitor) {
        try (var types = raw.window();
                var strings = raw.window()) {
            for (int id = count - 1; id > 0; id--) {
                int index = types.index(positions[id]);
                if (isIndexed(types.bytes(), index)) {
                    visitor.visit(id, strings, stringPosition(BtfBytes.u32(types.bytes(), index)));
                }
            }
        }
    }

    // ---- What each type has ----

    public Kind kind(int id) {
        return id == 0 ? Kind.VOID : KINDS[info(id) >>> 24 & 0x1f];
    }

    /** Name of a type; empty if it has none. */
    public String name(int id) {
        return id == 0 ? "" : string(raw.u32(position(id)));
    }

    /** A string by its offset in the string section. */
    public String string(int offset) {
        int from = stringPosition(offset);
        int end = from;
        while (raw.u8(end) != 0) {
            if (end++ - from == MAX_NAME_LENGTH) {
                throw invalid("a name is longer than " + MAX_NAME_LENGTH + " bytes");
            }
        }
        return new String(raw.copy(from, end), StandardCharsets.UTF_8);
    }

    int stringPosition(int offset) {
        if (offset < 0 || offset >= stringsLength) {
            throw invalid("string " + Integer.toUnsignedString(offset) + " lies outside of the string section");
        }
        return stringsAt + offset;
    }

    int nameOffset(int id) {
        return raw.u32(position(id));
    }

    /** How many members, constants, parameters or variables a type has; the linkage of a function. */
    public int length(int id) {
        return info(id) & 0xffff;
    }

    /** The flag in a type's header: bit-fields in a struct, a union in a forward declaration, signs in an enum. */
    boolean flag(int id) {
        return info(id) < 0;
    }

    /** The type that a pointer, typedef, modifier, function, variable or tag refers to; a prototype's return type. */
    public int target(int id) {
        return switch (kind(id)) {
            case POINTER,
                    TYPEDEF,
                    VOLATILE,
                    CONST,
                    RESTRICT,
                    FUNCTION,
                    FUNCTION_PROTOTYPE,
                    VARIABLE,
                    DECLARATION_TAG,
                    TYPE_TAG -> raw.u32(position(id) + 8);
            default -> throw mismatch(id, "target");
        };
    }

    /** What is left of a type without typedefs, {@code const} and the like. */
    public int resolve(int id) {
        int resolved = id;
        for (int depth = 0; depth < MAX_DEPTH; depth++) {
            if (!kind(resolved).isTransparent()) {
                return resolved;
            }
            resolved = raw.u32(position(resolved) + 8);
        }
        throw invalid("type " + id + " is defined by itself");
    }

    /** Bytes that a value of the type takes. */
    public int sizeOf(int id) {
        long elements = 1;
        int element = id;
        for (int depth = 0; depth < MAX_DEPTH; depth++) {
            element = resolve(element);
            switch (kind(element)) {
                case INT, STRUCT, UNION, ENUM, ENUM64, FLOAT, DATA_SECTION -> {
                    return size(id, elements, raw.u32(position(element) + 8) & 0xffffffffL);
                }
                case POINTER -> {
                    return size(id, elements, Long.BYTES);
                }
                case ARRAY -> {
                    elements = size(id, elements, elementCount(element) & 0xffffffffL);
                    element = elementType(element);
                }
                case VARIABLE -> element = target(element);
                default -> throw mismatch(element, "size");
            }
        }
        throw invalid("type " + id + " is nested too deeply");
    }

    private int size(int id, long elements, long size) {
        long bytes = elements * size;
        if (bytes > Integer.MAX_VALUE) {
            throw invalid("type " + id + " is too large");
        }
        return (int) bytes;
    }

    // ---- Integers ----

    /** Whether an integer has a sign; no other type has one here. */
    public boolean isSigned(int id) {
        return (encoding(id) & 1) != 0;
    }

    /** {@code BTF_INT_SIGNED} and the other bits. */
    int encoding(int id) {
        return raw.u32(tail(id, Kind.INT)) >>> 24 & 0xf;
    }

    /** Where in its bytes an integer's bits begin: not 0 in bit-fields as compilers described them long ago. */
    int bitOffset(int id) {
        return raw.u32(tail(id, Kind.INT)) >>> 16 & 0xff;
    }

    // ---- Structs and unions ----

    public String memberName(int id, int index) {
        return string(raw.u32(member(id, index)));
    }

    int memberNameOffset(int id, int index) {
        return raw.u32(member(id, index));
    }

    public int memberType(int id, int index) {
        return raw.u32(member(id, index) + 4);
    }

    /** Bits from the start of the struct to the member. */
    public int memberOffset(int id, int index) {
        int offset = raw.u32(member(id, index) + 8);
        return flag(id) ? offset & 0xffffff : offset;
    }

    /** Bits of a bit-field; 0 for any other member. */
    public int memberBits(int id, int index) {
        return flag(id) ? raw.u32(member(id, index) + 8) >>> 24 : 0;
    }

    private int member(int id, int index) {
        if (!kind(id).isComposite()) {
            throw mismatch(id, "member");
        }
        return part(id, index, MEMBER_SIZE);
    }

    // ---- Arrays ----

    public int elementType(int id) {
        return raw.u32(tail(id, Kind.ARRAY));
    }

    /** Length of an array; 0 if it is open. Unsigned. */
    public int elementCount(int id) {
        return raw.u32(tail(id, Kind.ARRAY) + 8);
    }

    // ---- Enums ----

    public String constantName(int id, int index) {
        return string(raw.u32(constant(id, index)));
    }

    int constantNameOffset(int id, int index) {
        return raw.u32(constant(id, index));
    }

    /**
     * Value of a constant. A 32-bit one is taken as signed whatever the enum's flag says: compilers have set that flag
     * since enums may have 64 bits only.
     */
    public long constantValue(int id, int index) {
        int at = constant(id, index);
        if (kind(id) == Kind.ENUM) {
            return raw.u32(at + 4);
        }
        return raw.u32(at + 4) & 0xffffffffL | (long) raw.u32(at + 8) << 32;
    }

    private int constant(int id, int index) {
        return switch (kind(id)) {
            case ENUM -> part(id, index, CONSTANT_SIZE);
            case ENUM64 -> part(id, index, CONSTANT64_SIZE);
            default -> throw mismatch(id, "constant");
        };
    }

    // ---- Functions, variables, data sections ----

    public String parameterName(int id, int index) {
        return string(raw.u32(parameter(id, index)));
    }

    public int parameterType(int id, int index) {
        return raw.u32(parameter(id, index) + 4);
    }

    private int parameter(int id, int index) {
        if (kind(id) != Kind.FUNCTION_PROTOTYPE) {
            throw mismatch(id, "parameter");
        }
        return part(id, index, PARAMETER_SIZE);
    }

    /** 0: static, 1: global, 2: extern. */
    public int linkage(int id) {
        return kind(id) == Kind.FUNCTION ? length(id) : raw.u32(tail(id, Kind.VARIABLE));
    }

    /** Id of a variable (or function) in a data section. */
    public int sectionVariable(int id, int index) {
        return raw.u32(sectionEntry(id, index));
    }

    /** Bytes from the start of the section to the variable. */
    public int sectionOffset(int id, int index) {
        return raw.u32(sectionEntry(id, index) + 4);
    }

    /** Bytes of the variable. */
    public int sectionSize(int id, int index) {
        return raw.u32(sectionEntry(id, index) + 8);
    }

    int sectionEntry(int id, int index) {
        if (kind(id) != Kind.DATA_SECTION) {
            throw mismatch(id, "variable");
        }
        return part(id, index, SECTION_ENTRY_SIZE);
    }

    // ---- Look-up by name ----

    /**
     * The first type of a kind with exactly this name; 0 if there is none. Looking for a function takes a
     * millisecond in a kernel's types, and much less for other kinds, after the first time.
     */
    public int find(Kind kind, String name) {
        byte[] wanted = name.getBytes(StandardCharsets.UTF_8);
        if (kind == Kind.FUNCTION) {
            return findFunction(wanted);
        }
        NameIndex index = names();
        for (int entry = index.first(FlavouredName.essential(name)); entry != 0; entry = index.next(entry)) {
            int id = index.id(entry);
            if (kind(id) == kind && stringEquals(nameOffset(id), wanted)) {
                return id;
            }
        }
        return 0;
    }

    private int findFunction(byte[] wanted) {
        try (var types = raw.window();
                var strings = raw.window()) {
            for (int id = 1; id < count; id++) {
                int index = types.index(positions[id]);
                byte[] bytes = types.bytes();
                if ((bytes[index + 7] & 0x1f) == Kind.FUNCTION.ordinal()
                        && stringEquals(strings, stringPosition(BtfBytes.u32(bytes, index)), wanted)) {
                    return id;
                }
            }
        }
        return 0;
    }

    private static boolean stringEquals(BtfBytes.Window strings, int from, byte[] wanted) {
        int at = from;
        for (byte b : wanted) {
            if (b == 0 || strings.u8(at++) != b) {
                return false;
            }
        }
        return strings.u8(at) == 0;
    }

    /** The value of a constant of an enum, empty if there is no such enum or it has no such constant. */
    public OptionalLong enumValue(String enumName, String constant) {
        int narrow = find(Kind.ENUM, enumName);
        int id = narrow != 0 ? narrow : find(Kind.ENUM64, enumName);
        for (int i = 0; id != 0 && i < length(id); i++) {
            if (constantName(id, i).equals(constant)) {
                return OptionalLong.of(constantValue(id, i));
            }
        }
        return OptionalLong.empty();
    }

    /** Whether the string at an offset is this one, without making a string of it. */
    boolean stringEquals(int offset, byte[] wanted) {
        int at = stringPosition(offset);
        for (byte b : wanted) {
            // the section's last byte is NUL, so a shorter name ends the loop before the section does
            if (b == 0 || raw.u8(at++) != b) {
                return false;
            }
        }
        return raw.u8(at) == 0;
    }

    /** All named types but functions by their names; built at the first look-up. */
    NameIndex names() {
        NameIndex index = names;
        if (index == null) {
            index = NameIndex.of(this);
            names = index;
        }
        return index;
    }

    // ---- Words for people ----

    /** A type as C writes it, such as {@code "struct task_struct *"}. */
    public String declaration(int id) {
        return declaration(id, new int[] {MAX_DECLARATION_PARTS});
    }

    private String declaration(int id, int[] partsLeft) {
        if (partsLeft[0]-- == 0) {
            throw invalid("type " + id + " is nested too deeply");
        }
        return switch (kind(id)) {
            case VOID -> "void";
            case STRUCT -> "struct " + nameOrBraces(id);
            case UNION -> "union " + nameOrBraces(id);
            case ENUM, ENUM64 -> "enum " + nameOrBraces(id);
            case FORWARD -> (flag(id) ? "union " : "struct ") + name(id);
            case POINTER -> {
                String to = declaration(target(id), partsLeft);
                yield to.endsWith("*") ? to + "*" : to + " *";
            }
            case ARRAY ->
                declaration(elementType(id), partsLeft) + "[" + Integer.toUnsignedString(elementCount(id)) + "]";
            case CONST -> qualified("const", target(id), partsLeft);
            case VOLATILE -> qualified("volatile", target(id), partsLeft);
            case RESTRICT -> qualified("restrict", target(id), partsLeft);
            case TYPE_TAG -> declaration(target(id), partsLeft);
            case FUNCTION_PROTOTYPE -> declaration(target(id), partsLeft) + " (" + parameters(id, partsLeft) + ")";
            default -> name(id);
        };
    }

    private String qualified(String word, int id, int[] partsLeft) {
        String of = declaration(id, partsLeft);
        return of.endsWith("*") ? of + " " + word : word + " " + of;
    }

    private String parameters(int id, int[] partsLeft) {
        var list = new StringBuilder();
        for (int i = 0; i < length(id); i++) {
            list.append(i == 0 ? "" : ", ").append(declaration(parameterType(id, i), partsLeft));
        }
        return list.toString();
    }

    private String nameOrBraces(int id) {
        String name = name(id);
        return name.isEmpty() ? "{...}" : name;
    }

    // ---- Bytes ----

    int position(int id) {
        if (id <= 0 || id >= count) {
            throw invalid("there is no type " + Integer.toUnsignedString(id));
        }
        return positions[id];
    }

    private int info(int id) {
        return raw.u32(position(id) + 4);
    }

    private int tail(int id, Kind kind) {
        if (kind(id) != kind) {
            throw mismatch(id, kind.name());
        }
        return position(id) + TYPE_SIZE;
    }

    private int part(int id, int index, int size) {
        if (index < 0 || index >= length(id)) {
            throw invalid("type " + id + " has no part " + index);
        }
        return position(id) + TYPE_SIZE + index * size;
    }

    private BpfException mismatch(int id, String what) {
        return invalid("type " + id + " is of kind " + kind(id) + " and has no " + what);
    }

    BpfException invalid(String detail) {
        return invalid(origin, detail);
    }

    private static BpfException invalid(String origin, String detail) {
        return new BpfException(Reason.INVALID, "read BTF of " + origin, detail);
    }
}
