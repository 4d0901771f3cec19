// SPDX-License-Identifier: Apache-2.0
/** Memory: what the kernel allocates, page faults, and what happens when memory is short. */
package dev.kfr.agent.memory;
