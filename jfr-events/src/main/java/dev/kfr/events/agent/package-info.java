// SPDX-License-Identifier: Apache-2.0
/** Events about Kernel Flight Recorder itself. */
package dev.kfr.events.agent;
