// SPDX-License-Identifier: Apache-2.0
package dev.kfr.bpf;

import dev.kfr.bpf.btf.Btf;
import dev.kfr.bpf.btf.KernelBtf;
import java.util.Map;

/**
 * A compiled eBPF object: programs, maps and types as the file describes them. Reading one needs no privileges; what
 * comes from it is loaded with {@code BpfCollection}. Immutable and safe for use by several threads.
 */
public final class BpfObject {
    /**
     * A global variable of the C program.
     *
     * @param section name of the data section, which is a map in {@link #maps()}
     * @param field where the variable is in the section
     */
    public record Variable(String name, String section, StructLayout.Field field) {}

    private BpfObject() {}

    /**
     * Reads an object that clang compiled for the little-endian BPF target.
     *
     * @param name how to call it in messages
     * @param elf the file's bytes; the object keeps no reference to the array
     * @throws BpfException INVALID if anything in the file makes no sense or is not supported
     */
    public static BpfObject parse(String name, byte[] elf) {
        throw new UnsupportedOperationException();
    }

    /** The name given to {@link #parse}. */
    public String name() {
        throw new UnsupportedOperationException();
    }

    /** The licence that the object declares, such as {@code "Dual BSD/GPL"}; the kernel reads it too. */
    public String license() {
        throw new UnsupportedOperationException();
    }

    /** The object's types, with variables at their final offsets: the same as {@link #btfForKernel()}. */
    public Btf btf() {
        throw new UnsupportedOperationException();
    }

    /**
     * The object's BTF as the kernel takes it with {@code BPF_BTF_LOAD}: sizes and offsets of data sections, which
     * the compiler leaves open, are filled in. A copy.
     */
    public byte[] btfForKernel() {
        throw new UnsupportedOperationException();
    }

    /** The programs by the names of their C functions, in the order of the file. */
    public Map<String, ProgramSpec> programs() {
        throw new UnsupportedOperationException();
    }

    /** The maps by their names, in the order of the file; data sections come last. */
    public Map<String, MapSpec> maps() {
        throw new UnsupportedOperationException();
    }

    /** The global variables by their names; {@code static} ones too. */
    public Map<String, Variable> variables() {
        throw new UnsupportedOperationException();
    }

    /**
     * The layout of a data section: its variables are the fields.
     *
     * @throws BpfException NOT_FOUND if there is no such section, or it has no variables
     */
    public StructLayout data(String section) {
        throw new UnsupportedOperationException();
    }

    /**
     * The layout of a struct or union of the object.
     *
     * @throws BpfException NOT_FOUND if the object's BTF has none of that name
     */
    public StructLayout struct(String name) {
        throw new UnsupportedOperationException();
    }

    /**
     * The value of a constant of an enum of the object.
     *
     * @throws BpfException NOT_FOUND if the object's BTF has no such enum or constant
     */
    public long enumValue(String enumName, String constant) {
        throw new UnsupportedOperationException();
    }

    /**
     * Makes a program fit a kernel: appends its subprograms, applies its CO-RE relocations and resolves the typed
     * kernel symbols that it uses.
     *
     * <p>An instruction that accesses something that the kernel does not have is replaced by a call of helper
     * 0xbad2310, which does not exist: it is harmless if the program guards for it (the verifier removes dead code),
     * else the verifier names it.
     *
     * @throws BpfException NOT_FOUND if there is no such program, or the kernel has nothing of the name that it
     *     attaches to, or lacks a symbol that it can't do without; INVALID if the object makes no sense or a
     *     relocation is ambiguous
     */
    public RelocatedProgram relocate(String program, KernelBtf kernel) {
        throw new UnsupportedOperationException();
    }
}
