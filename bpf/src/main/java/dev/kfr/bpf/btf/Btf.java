// SPDX-License-Identifier: Apache-2.0
package dev.kfr.bpf.btf;

/** Types of a program or a kernel. */
public final class Btf {}
