// SPDX-License-Identifier: Apache-2.0
/** Events about files. */
package dev.kfr.events.files;
