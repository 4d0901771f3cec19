// SPDX-License-Identifier: Apache-2.0
package dev.kfr.bpf;

/**
 * A program as its object describes it.
 *
 * @param name the C function's name
 * @param section the ELF section, such as {@code "tp_btf/sched_switch"}
 * @param type what it attaches to
 * @param target the section's part after the first slash, such as {@code "sched_switch"} or
 *     {@code "raw_syscalls/sys_enter"}; empty where the section names no target
 * @param optional the section begins with {@code ?}: the program is a variant that is loaded on demand only
 * @param sleepable the section's type ends in {@code .s}: the program may fault pages in
 *     ({@code BPF_F_SLEEPABLE}, Linux 5.10)
 */
public record ProgramSpec(
        String name, String section, ProgramType type, String target, boolean optional, boolean sleepable) {}
