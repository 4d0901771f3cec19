// SPDX-License-Identifier: Apache-2.0
/** Reading compiled objects: the parts of ELF64 that eBPF objects use. */
package dev.kfr.bpf.elf;
