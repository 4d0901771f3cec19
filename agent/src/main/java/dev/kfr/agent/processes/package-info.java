// SPDX-License-Identifier: Apache-2.0
/** Processes: counters, recent exits, and {@code kernel:type=Processes}. */
package dev.kfr.agent.processes;
