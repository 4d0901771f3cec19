// SPDX-License-Identifier: Apache-2.0
package dev.kfr.bpf.btf;

import dev.kfr.bpf.BpfException;
import java.util.List;
import java.util.OptionalLong;

/**
 * The types of a kernel: what CO-RE relocations are applied against, and what says which tracepoints, functions and
 * fields the kernel has. Immutable and safe for use by several threads; reading costs tens of milliseconds and some
 * MB, so keep one for all objects and let go of it after loading.
 */
public final class KernelBtf {
    /**
     * A function's or tracepoint's signature, types written as in C.
     *
     * @param parameters in their order
     */
    public record Prototype(String returnType, List<Parameter> parameters) {}

    /** One parameter, such as {@code ("prev", "struct task_struct *")}; the name may be empty. */
    public record Parameter(String name, String type) {}

    private KernelBtf() {}

    /**
     * The running kernel's types, from {@code /sys/kernel/btf/vmlinux}.
     *
     * @throws BpfException NOT_SUPPORTED if the kernel has no BTF, NOT_PERMITTED if it can't be read
     */
    public static KernelBtf ofRunningKernel() {
        throw new UnsupportedOperationException();
    }

    /**
     * Types of any kernel.
     *
     * @param btf the content of a {@code .BTF} section; the array is kept and must not be changed
     * @throws BpfException INVALID if it is none
     */
    public static KernelBtf parse(byte[] btf) {
        throw new UnsupportedOperationException();
    }

    /** All types. */
    public Btf types() {
        throw new UnsupportedOperationException();
    }

    /** Whether the kernel has a tracepoint of this name, without category, such as {@code "sched_switch"}. */
    public boolean hasTracepoint(String name) {
        throw new UnsupportedOperationException();
    }

    /** Whether the kernel has a function of this name that programs can attach to or call. */
    public boolean hasFunction(String name) {
        throw new UnsupportedOperationException();
    }

    /**
     * Whether a struct or union has a member.
     *
     * @param path as for {@link dev.kfr.bpf.StructLayout#field}
     */
    public boolean hasField(String struct, String path) {
        throw new UnsupportedOperationException();
    }

    /**
     * The raw arguments of a tracepoint, as {@code tp_btf} and {@code raw_tp} programs get them.
     *
     * @throws BpfException NOT_FOUND if the kernel has no such tracepoint
     */
    public Prototype tracepoint(String name) {
        throw new UnsupportedOperationException();
    }

    /**
     * The signature of a function.
     *
     * @throws BpfException NOT_FOUND if the kernel has no such function
     */
    public Prototype function(String name) {
        throw new UnsupportedOperationException();
    }

    /** The value of a constant of an enum, empty if the kernel has no such enum or constant. */
    public OptionalLong enumValue(String enumName, String constant) {
        throw new UnsupportedOperationException();
    }

    /** Whether programs can take the address of this per-CPU variable (no kernel before 5.11 or so says). */
    public boolean hasPerCpuVariable(String name) {
        throw new UnsupportedOperationException();
    }
}
