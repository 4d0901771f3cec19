// SPDX-License-Identifier: Apache-2.0
/** From the kernel's record to a JFR event: the reader, decoders, the clock, and what is known of Java threads, processes and containers. */
package dev.kfr.agent.record;
