// SPDX-License-Identifier: Apache-2.0
/** Events about memory: what the kernel allocates, page faults, and what happens when memory is short. */
package dev.kfr.events.memory;
