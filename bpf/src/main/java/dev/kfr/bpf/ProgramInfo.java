// SPDX-License-Identifier: Apache-2.0
package dev.kfr.bpf;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.kfr.bpf.linux.BpfAttributes;
import dev.kfr.bpf.linux.Descriptor;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;

/**
 * What the kernel tells about a loaded program ({@code struct bpf_prog_info}).
 *
 * @param name as the kernel keeps it: 15 bytes at most
 * @param translatedSize bytes of the instructions after the verifier rewrote them
 * @param compiledSize bytes of machine code, 0 if the kernel interprets the program
 * @param runTime ns of all runs while run statistics were on ({@link RunStatistics})
 * @param runs number of runs while run statistics were on
 * @param recursionMisses runs that the kernel left out because the program was active on that CPU already
 *     (Linux 5.12, always counted); else 0
 * @param verifiedInstructions how many instructions the verifier went through (Linux 5.16), else 0
 */
public record ProgramInfo(
        int id,
        String name,
        int translatedSize,
        int compiledSize,
        long runTime,
        long runs,
        long recursionMisses,
        int verifiedInstructions) {
    private static final int ID = 4;
    private static final int COMPILED_SIZE = 16;
    private static final int TRANSLATED_SIZE = 20;
    private static final int NAME = 64;
    private static final int RUN_TIME = 192;
    private static final int RUNS = 200;
    private static final int RECURSION_MISSES = 208;
    private static final int VERIFIED_INSTRUCTIONS = 216;
    private static final int SIZE = 232;

    static ProgramInfo of(Descriptor program, String operation) {
        try (var attributes = new BpfAttributes()) {
            MemorySegment info = attributes.info(program, SIZE, operation);
            return new ProgramInfo(
                    info.get(JAVA_INT, ID),
                    info.getString(NAME, StandardCharsets.US_ASCII),
                    info.get(JAVA_INT, TRANSLATED_SIZE),
                    info.get(JAVA_INT, COMPILED_SIZE),
                    info.get(JAVA_LONG, RUN_TIME),
                    info.get(JAVA_LONG, RUNS),
                    info.get(JAVA_LONG, RECURSION_MISSES),
                    info.get(JAVA_INT, VERIFIED_INSTRUCTIONS));
        }
    }
}
