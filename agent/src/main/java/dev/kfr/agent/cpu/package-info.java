// SPDX-License-Identifier: Apache-2.0
/** The CPUs: who uses them, who waits for them, and who left them to wait for something else. */
package dev.kfr.agent.cpu;
