// SPDX-License-Identifier: Apache-2.0
/** Files: the table of counters, its periodic rows, and {@code kernel:type=Files}. */
package dev.kfr.agent.files;
