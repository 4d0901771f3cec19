// SPDX-License-Identifier: Apache-2.0
/** The agent's life cycle: options, start, stop. */
package dev.kfr.agent;
