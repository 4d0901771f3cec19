// SPDX-License-Identifier: Apache-2.0
/** Events about system calls. */
package dev.kfr.events.syscalls;
