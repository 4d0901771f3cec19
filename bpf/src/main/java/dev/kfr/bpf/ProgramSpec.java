// SPDX-License-Identifier: Apache-2.0
package dev.kfr.bpf;

import java.util.Arrays;

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
        String name, String section, ProgramType type, String target, boolean optional, boolean sleepable) {
    private static final String SLEEPABLE_SUFFIX = ".s";

    /** What a section's name says about a program; null if it is none of those that {@link ProgramType} knows. */
    static ProgramSpec of(String name, String section) {
        boolean optional = section.startsWith("?");
        String rest = optional ? section.substring(1) : section;
        int slash = rest.indexOf('/');
        String prefix = slash < 0 ? rest : rest.substring(0, slash);
        String target = slash < 0 ? "" : rest.substring(slash + 1);
        boolean sleepable = prefix.endsWith(SLEEPABLE_SUFFIX);
        String kind = sleepable ? prefix.substring(0, prefix.length() - SLEEPABLE_SUFFIX.length()) : prefix;
        for (ProgramType type : ProgramType.values()) {
            if (Arrays.asList(type.prefixes()).contains(kind) && (!sleepable || type.canSleep())) {
                return new ProgramSpec(name, section, type, target, optional, sleepable);
            }
        }
        return null;
    }
}
