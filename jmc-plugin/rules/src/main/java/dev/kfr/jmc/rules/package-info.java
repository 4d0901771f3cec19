// SPDX-License-Identifier: Apache-2.0
/**
 * Rules that JDK Mission Control's automated analysis runs on what Kernel Flight Recorder recorded. One class per rule;
 * what they share reads recordings by names of events and fields alone.
 */
package dev.kfr.jmc.rules;
