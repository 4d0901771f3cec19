// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.record;

/**
 * What decoders need to turn the kernel's numbers into what the user knows things by.
 *
 * @param clock the kernel's times in JFR's ticks
 * @param text bytes to strings
 * @param threads thread ids to Java threads
 * @param containers cgroups to names
 * @param ownPid this process as the initial pid namespace numbers it
 * @param inPidNamespace whether this process lives in a pid namespace of its own
 */
public record Surroundings(
        KernelClock clock,
        Text text,
        JavaThreads threads,
        Containers containers,
        long ownPid,
        boolean inPidNamespace) {}
