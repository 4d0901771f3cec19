// SPDX-License-Identifier: Apache-2.0
/** Events about requests to disks. */
package dev.kfr.events.block;
