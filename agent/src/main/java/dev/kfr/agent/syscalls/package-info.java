// SPDX-License-Identifier: Apache-2.0
/** System calls: the table of counters, its periodic rows, and {@code kernel:type=Syscalls}. */
package dev.kfr.agent.syscalls;
