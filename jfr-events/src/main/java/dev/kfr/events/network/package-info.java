// SPDX-License-Identifier: Apache-2.0
/** Events about the network. */
package dev.kfr.events.network;
