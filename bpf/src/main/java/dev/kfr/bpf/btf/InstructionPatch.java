// SPDX-License-Identifier: Apache-2.0
package dev.kfr.bpf.btf;

import dev.kfr.bpf.BpfException;
import dev.kfr.bpf.BpfException.Reason;
import dev.kfr.bpf.Instructions;

/** One instruction that a CO-RE relocation changes. */
record InstructionPatch(Instructions code, int index) {
    /** No helper has this number: 0xbad2310, "bad relo", the same as libbpf's, so that searching for it finds help. */
    private static final int NO_HELPER = 0xbad2310;

    // fields of an operation code
    private static final int CLASS = 0x07;
    private static final int CLASS_LD = 0;
    private static final int CLASS_LDX = 1;
    private static final int CLASS_ST = 2;
    private static final int CLASS_STX = 3;
    private static final int CLASS_ALU = 4;
    private static final int CLASS_ALU64 = 7;
    private static final int FROM_REGISTER = 0x08;
    private static final int WIDTH = 0x18;

    /** Bytes by the width field's value. */
    private static final int[] WIDTHS = {4, 2, 1, 8};

    void apply(Decision decision) {
        if (index < 0 || index >= code.count()) {
            throw invalid("there is no such instruction");
        }
        if (decision.poison()) {
            poison();
            return;
        }
        switch (code.opcode(index) & CLASS) {
            case CLASS_ALU, CLASS_ALU64 -> arithmetic(decision);
            case CLASS_LDX, CLASS_ST, CLASS_STX -> memory(decision);
            case CLASS_LD -> constant(decision);
            default -> throw invalid("no relocation applies to it");
        }
    }

    private void poison() {
        // A second half left alone would make the verifier complain about that one, and hide the reason.
        if (code.isLoadConstant(index)) {
            code.setHelperCall(index + 1, NO_HELPER);
        }
        code.setHelperCall(index, NO_HELPER);
    }

    private void arithmetic(Decision decision) {
        if ((code.opcode(index) & FROM_REGISTER) != 0) {
            throw invalid("it has no constant");
        }
        check(decision, code.immediate(index), (int) decision.expected());
        code.setImmediate(index, (int) decision.value());
    }

    private void memory(Decision decision) {
        check(decision, code.offset(index), decision.expected());
        if (decision.value() > Short.MAX_VALUE) {
            throw invalid("offset " + decision.value() + " does not fit in");
        }
        if (!decision.widthMayChange()) {
            poison();
            return;
        }
        code.setOffset(index, (int) decision.value());
        if (decision.size() != decision.expectedSize()) {
            int opcode = code.opcode(index);
            if (WIDTHS[(opcode & WIDTH) >>> 3] != decision.expectedSize()) {
                throw invalid("it is not as wide as the field, " + decision.expectedSize() + " bytes");
            }
            code.setOpcode(index, opcode & ~WIDTH | width(decision.size()) << 3);
        }
    }

    private int width(int bytes) {
        for (int width = 0; width < WIDTHS.length; width++) {
            if (WIDTHS[width] == bytes) {
                return width;
            }
        }
        throw invalid("nothing is " + bytes + " bytes wide");
    }

    private void constant(Decision decision) {
        if (!code.isLoadConstant(index) || code.source(index) != 0) {
            throw invalid("it is no plain constant");
        }
        check(decision, code.constant(index), decision.expected());
        code.setConstant(index, decision.value());
    }

    private void check(Decision decision, long present, long expected) {
        if (decision.checked() && present != expected) {
            throw invalid("it holds " + present + ", the types say " + expected);
        }
    }

    private BpfException invalid(String detail) {
        return new BpfException(Reason.INVALID, "patch instruction " + index, detail);
    }
}
