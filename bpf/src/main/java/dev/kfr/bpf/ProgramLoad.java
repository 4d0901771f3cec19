// SPDX-License-Identifier: Apache-2.0
package dev.kfr.bpf;

import dev.kfr.bpf.BpfException.Reason;
import dev.kfr.bpf.RelocatedProgram.DebugRecords;
import dev.kfr.bpf.linux.BpfAttributes;
import dev.kfr.bpf.linux.BpfCommand;
import dev.kfr.bpf.linux.Descriptor;
import dev.kfr.bpf.linux.Errno;
import dev.kfr.bpf.linux.MemoryLock;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;

/**
 * Loads one program: {@code BPF_PROG_LOAD}, at first without a log, because writing one slows the verifier down; if that
 * fails without the descriptions of functions and lines, which a kernel may not understand; and if that fails too once
 * more to get the verifier's reasons.
 */
final class ProgramLoad implements AutoCloseable {
    // offsets in union bpf_attr
    private static final int TYPE = 0;
    private static final int INSTRUCTION_COUNT = 4;
    private static final int INSTRUCTIONS = 8;
    private static final int LICENSE = 16;
    private static final int LOG_LEVEL = 24;
    private static final int LOG_SIZE = 28;
    private static final int LOG = 32;
    private static final int FLAGS = 44;
    private static final int NAME = 48;
    private static final int EXPECTED_ATTACH_TYPE = 68;
    private static final int BTF_FD = 72;
    private static final int FUNCTION_RECORDS = 76;
    private static final int LINE_RECORDS = 92;
    private static final int ATTACH_BTF_ID = 108;

    private static final DebugRecords NOTHING = new DebugRecords(0, new byte[0]);
    private static final int SLEEPABLE = 1 << 4;

    /** The kernel gives up when a signal arrives during verification, and profilers send many. */
    private static final int ATTEMPTS = 10;

    private static final int FIRST_LOG_SIZE = 256 << 10;
    private static final int LAST_LOG_SIZE = (16 << 20) - 1; // more is refused before Linux 5.11

    private final String operation;
    private final BpfAttributes attributes = new BpfAttributes();
    private final RelocatedProgram program;
    private final Descriptor btf;

    /**
     * @param linked the program's instructions with everything filled in
     * @param btf the object's types in the kernel, or null
     */
    ProgramLoad(RelocatedProgram program, byte[] linked, String license, Descriptor btf) {
        ProgramSpec spec = program.spec();
        operation = "load program " + spec.name();
        attributes
                .setInt(TYPE, spec.type().kernelType())
                .setInt(EXPECTED_ATTACH_TYPE, spec.type().attachType())
                .setInt(ATTACH_BTF_ID, program.attachTypeId())
                .setInt(INSTRUCTION_COUNT, linked.length / Instructions.SIZE)
                .setPointer(INSTRUCTIONS, linked)
                .setPointer(LICENSE, license)
                .setInt(FLAGS, spec.sleepable() ? SLEEPABLE : 0)
                .setName(NAME, spec.name());
        this.program = program;
        this.btf = btf;
    }

    Descriptor run() {
        MemoryLock.lift();
        boolean described = btf != null && program.functions().count() > 0;
        if (described) {
            describe(btf.number(), program.functions(), program.lines());
        }
        long result = load();
        if (described && (result == -Errno.EINVAL || result == -Errno.E2BIG || result == -Errno.ENOTSUPP)) {
            describe(0, NOTHING, NOTHING);
            result = load();
            describe(btf.number(), program.functions(), program.lines()); // the log quotes source lines
        }
        return result >= 0 ? Descriptor.of(operation, result) : runWithLog();
    }

    private void describe(int btf, DebugRecords functions, DebugRecords lines) {
        attributes.setInt(BTF_FD, btf);
        setRecords(FUNCTION_RECORDS, functions);
        setRecords(LINE_RECORDS, lines);
    }

    /** Three members: size of a record, pointer to the records, their number. */
    private void setRecords(int members, DebugRecords records) {
        int count = records.count();
        attributes.setInt(members, count == 0 ? 0 : records.recordSize()).setInt(members + 12, count);
        if (count == 0) {
            attributes.setLong(members + 4, 0);
        } else {
            attributes.setPointer(members + 4, records.bytes());
        }
    }

    private long load() {
        long result = -Errno.EAGAIN;
        for (int i = 0; i < ATTEMPTS && result == -Errno.EAGAIN; i++) {
            result = attributes.call(BpfCommand.PROG_LOAD);
        }
        return result;
    }

    private Descriptor runWithLog() {
        for (long size = FIRST_LOG_SIZE; ; size = Math.min(size * 8, LAST_LOG_SIZE)) {
            MemorySegment log = attributes.allocate(size);
            attributes.setInt(LOG_LEVEL, 1).setInt(LOG_SIZE, (int) size).setPointer(LOG, log);
            long result = load();
            if (result >= 0) {
                return Descriptor.of(operation, result); // what was in the way has passed
            }
            if (result != -Errno.ENOSPC || size == LAST_LOG_SIZE) {
                throw failure((int) -result, text(log));
            }
        }
    }

    private static String text(MemorySegment log) {
        log.set(ValueLayout.JAVA_BYTE, log.byteSize() - 1, (byte) 0); // a cut log has no NUL on some kernels
        return log.getString(0, StandardCharsets.ISO_8859_1).strip();
    }

    private BpfException failure(int errno, String log) {
        Reason reason = Errno.failure(operation, -errno).reason();
        boolean noMemory = reason == Reason.NO_SPACE && errno != Errno.ENOSPC; // that one means the log
        if (!log.isEmpty() && !noMemory && errno != Errno.EPERM) {
            reason = Reason.VERIFIER;
        } else if (errno == Errno.EINVAL) {
            reason = Reason.NOT_SUPPORTED; // it did not come as far as the verifier
        }
        String detail = reason == Reason.VERIFIER ? complaint(log) : ""; // else the verifier had nothing against it
        return new BpfException(reason, operation, detail, errno, Errno.name(errno), log);
    }

    /** The last line of the verifier's walk: what it found wrong. Figures follow, in newer kernels also advice. */
    private static String complaint(String log) {
        int end = log.length();
        for (String next : new String[] {"\nVerification failed: ", "\nprocessed "}) {
            int start = log.indexOf(next);
            end = start < 0 ? end : Math.min(end, start);
        }
        String walk = log.substring(0, end).strip();
        return walk.substring(walk.lastIndexOf('\n') + 1);
    }

    @Override
    public void close() {
        attributes.close();
    }
}
