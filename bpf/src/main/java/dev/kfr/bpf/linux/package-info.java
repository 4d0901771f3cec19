// SPDX-License-Identifier: Apache-2.0
/**
 * The few system calls that the loader needs, through the Foreign Function and Memory API: the same for glibc and musl,
 * x86-64 and AArch64. What the kernel offers as a file is read as a file.
 */
package dev.kfr.bpf.linux;
