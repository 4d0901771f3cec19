// SPDX-License-Identifier: Apache-2.0
/** Events about processes. */
package dev.kfr.events.processes;
