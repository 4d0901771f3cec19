// SPDX-License-Identifier: Apache-2.0
package dev.kfr.bpf;

/**
 * What a program attaches to. The section that a program is compiled into names it; see {@link #prefixes()}.
 *
 * <p>The numbers are those of {@code enum bpf_prog_type} and {@code enum bpf_attach_type} in
 * {@code include/uapi/linux/bpf.h}.
 */
public enum ProgramType {
    /** A tracepoint of tracefs with its formatted record, {@code tracepoint/CATEGORY/NAME} or {@code tp/...}. */
    TRACEPOINT(5, 0, "tracepoint", "tp"),
    /** A tracepoint's raw arguments, {@code raw_tracepoint/NAME} or {@code raw_tp/NAME}. */
    RAW_TRACEPOINT(17, 0, "raw_tracepoint", "raw_tp"),
    /** A tracepoint's raw arguments with their types, {@code tp_btf/NAME}. */
    BTF_TRACEPOINT(26, 23, "tp_btf"),
    /** Entry of a kernel function, {@code fentry/NAME}. Needs a trampoline (Linux 5.5 on x86-64, 6.0 on AArch64). */
    FENTRY(26, 24, "fentry"),
    /** Return of a kernel function, {@code fexit/NAME}. Needs a trampoline, as {@link #FENTRY}. */
    FEXIT(26, 25, "fexit"),
    /** An instruction of the kernel, usually a function's first, {@code kprobe/NAME}. */
    KPROBE(2, 0, "kprobe"),
    /** Return of a kernel function, {@code kretprobe/NAME}. */
    KRETPROBE(2, 0, "kretprobe"),
    /** A perf event: a hardware or software counter or a timer, {@code perf_event}. */
    PERF_EVENT(7, 0, "perf_event"),
    /** Called for each object of a kind when user space reads, {@code iter/task} and the like. */
    ITERATOR(26, 28, "iter");

    private final int kernelType;
    private final int attachType;
    private final String[] prefixes;

    ProgramType(int kernelType, int attachType, String... prefixes) {
        this.kernelType = kernelType;
        this.attachType = attachType;
        this.prefixes = prefixes;
    }

    /** The value for {@code prog_type}. */
    public int kernelType() {
        return kernelType;
    }

    /** The value for {@code expected_attach_type}, 0 where the kernel expects none. */
    public int attachType() {
        return attachType;
    }

    /** The first parts of section names that stand for this type. */
    public String[] prefixes() {
        return prefixes.clone();
    }

    /** Whether the kernel wants the BTF id of what the program attaches to when the program is loaded. */
    public boolean needsAttachTypeId() {
        return this == BTF_TRACEPOINT || this == FENTRY || this == FEXIT || this == ITERATOR;
    }

    /** Whether the kernel has a form of this type that may sleep. */
    boolean canSleep() {
        return this == FENTRY || this == FEXIT || this == ITERATOR;
    }
}
