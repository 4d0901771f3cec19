// SPDX-License-Identifier: Apache-2.0
/** What a recording contains: one class for each event of the kernel. */
package dev.kfr.events;
