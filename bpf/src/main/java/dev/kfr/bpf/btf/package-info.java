// SPDX-License-Identifier: Apache-2.0
/** BTF, the type information of programs and kernels, and CO-RE relocation, which fits the one to the other. */
package dev.kfr.bpf.btf;
