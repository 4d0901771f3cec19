// SPDX-License-Identifier: Apache-2.0
/** Requests to disks: counters, decoders, and {@code kernel:type=Block}. */
package dev.kfr.agent.block;
