// SPDX-License-Identifier: Apache-2.0
/** How Mission Control learns which Java thread caused a kernel event. */
package dev.kfr.jmc.threads;
