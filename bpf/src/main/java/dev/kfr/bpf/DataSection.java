// SPDX-License-Identifier: Apache-2.0
package dev.kfr.bpf;

import java.lang.foreign.MemorySegment;

/**
 * The global variables of one data section, in memory that programs and Java share.
 *
 * @param name such as {@code ".data"}
 * @param memory all of it; read-only for constants
 * @param layout where the variables are
 */
public record DataSection(String name, MemorySegment memory, StructLayout layout) {}
