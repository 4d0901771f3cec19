// SPDX-License-Identifier: Apache-2.0
package dev.kfr.bpf;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * An array of BPF instructions ({@code struct bpf_insn}) over bytes that can be changed: the format of
 * {@code Documentation/bpf/standardization/instruction-set.rst}. Not safe for use by several threads.
 */
public final class Instructions {
    /** Bytes of an instruction; a 64-bit load takes two. */
    public static final int SIZE = 8;

    /** The load of a 64-bit constant, {@code BPF_LD | BPF_IMM | BPF_DW}. */
    public static final int LOAD_CONSTANT = 0x18;
    /** {@code BPF_JMP | BPF_CALL}. */
    public static final int CALL = 0x85;

    /** {@code src_reg} of a constant that stands for a map's descriptor. */
    static final int PSEUDO_MAP_FD = 1;
    /** {@code src_reg} of a constant that stands for a place in a map's only value. */
    static final int PSEUDO_MAP_VALUE = 2;
    /** {@code src_reg} of a constant that stands for a kernel variable, by its BTF id. */
    static final int PSEUDO_BTF_ID = 3;
    /** {@code src_reg} of a constant that stands for a function of the program. */
    static final int PSEUDO_FUNCTION = 4;
    /** {@code src_reg} of a call of a function of the program. */
    static final int PSEUDO_CALL = 1;
    /** {@code src_reg} of a call of a kernel function, by its BTF id. */
    static final int PSEUDO_KERNEL_CALL = 2;

    private final ByteBuffer code;

    /** A view of these bytes, which must be a multiple of {@link #SIZE}. */
    public Instructions(byte[] code) {
        this.code = ByteBuffer.wrap(code).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** How many there are; a 64-bit load counts twice. */
    public int count() {
        return code.limit() / SIZE;
    }

    /** The operation code. */
    public int opcode(int index) {
        return code.get(index * SIZE) & 0xff;
    }

    /** The destination register. */
    public int destination(int index) {
        return code.get(index * SIZE + 1) & 0xf;
    }

    /** The source register, or what a constant stands for ({@code BPF_PSEUDO_*}). */
    public int source(int index) {
        return code.get(index * SIZE + 1) >>> 4 & 0xf;
    }

    /** The offset of a jump or memory access. */
    public int offset(int index) {
        return code.getShort(index * SIZE + 2);
    }

    /** The 32-bit constant. */
    public int immediate(int index) {
        return code.getInt(index * SIZE + 4);
    }

    /** Whether a whole 64-bit load begins here. */
    public boolean isLoadConstant(int index) {
        return opcode(index) == LOAD_CONSTANT && index + 1 < count() && opcode(index + 1) == 0;
    }

    /** The constant of a 64-bit load. */
    public long constant(int index) {
        return immediate(index) & 0xffffffffL | (long) immediate(index + 1) << Integer.SIZE;
    }

    /** Replaces the operation code. */
    public void setOpcode(int index, int opcode) {
        code.put(index * SIZE, (byte) opcode);
    }

    /** Replaces the source register. */
    public void setSource(int index, int source) {
        code.put(index * SIZE + 1, (byte) (code.get(index * SIZE + 1) & 0xf | source << 4));
    }

    /** Replaces the offset. */
    public void setOffset(int index, int offset) {
        code.putShort(index * SIZE + 2, (short) offset);
    }

    /** Replaces the 32-bit constant. */
    public void setImmediate(int index, int immediate) {
        code.putInt(index * SIZE + 4, immediate);
    }

    /** Replaces the constant of a 64-bit load. */
    public void setConstant(int index, long constant) {
        setImmediate(index, (int) constant);
        setImmediate(index + 1, (int) (constant >>> Integer.SIZE));
    }

    /** Replaces an instruction by a call of a helper without other operands. */
    public void setHelperCall(int index, int helper) {
        code.putInt(index * SIZE, CALL);
        setImmediate(index, helper);
    }
}
