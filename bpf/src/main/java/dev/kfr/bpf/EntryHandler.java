// SPDX-License-Identifier: Apache-2.0
package dev.kfr.bpf;

import java.lang.foreign.MemorySegment;

/** Takes the entries of a {@link BpfMap}, one after the other. */
@FunctionalInterface
public interface EntryHandler {
    /**
     * Takes one entry. The memory is used again after this call returns: copy what is to be kept.
     *
     * @param entries memory that holds the entry
     * @param key offset of the key
     * @param value offset of the value; in per-CPU maps of the first CPU's, see {@link BpfMap#valueBytes}
     */
    void entry(MemorySegment entries, long key, long value);
}
