// SPDX-License-Identifier: Apache-2.0
/** What all MBeans share: registration, descriptions, rates, text tables. No other package needs module java.management to load. */
package dev.kfr.agent.jmx;
