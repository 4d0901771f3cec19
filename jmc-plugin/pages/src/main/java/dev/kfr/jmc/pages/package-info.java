// SPDX-License-Identifier: Apache-2.0
/** What the bundle has beside XML: the recording templates. */
package dev.kfr.jmc.pages;
