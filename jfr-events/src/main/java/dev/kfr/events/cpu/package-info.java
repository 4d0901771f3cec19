// SPDX-License-Identifier: Apache-2.0
/** Events of the CPUs and of who uses them. */
package dev.kfr.events.cpu;
